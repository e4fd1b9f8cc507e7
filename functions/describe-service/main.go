// Command describe-service says whether the service is there, and what its API
// is. It needs no storage, and links none.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"rubrica/infra"
	"rubrica/shared/api/service"
	"rubrica/shared/boot"
	"rubrica/shared/boot/gateway"
)

func main() {
	boot.Main(func(env *boot.Environment) lambda.Handler {
		return gateway.New(env, boot.Function(env), nil, nil, service.Endpoints(infra.OpenAPI)...)
	})
}
