package boot

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// idleConnections is how many connections to one service are kept. A page of a
// workspace's log or of its contacts asks up to 32 shards side by side; with
// fewer, most of them would shake hands anew for every page.
const idleConnections = 64

// AWS is the configuration of the SDK's clients. The SDK's own loader
// (aws-sdk-go-v2/config) looks for files, profiles and metadata services that
// no Lambda has, and links the clients of three more services for it; what a
// Lambda has is region and credentials in its environment, the latter good for
// as long as the process lives.
func AWS(env *Environment) aws.Config {
	return aws.Config{
		Region: env.Required("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			env.Required("AWS_ACCESS_KEY_ID"), env.Required("AWS_SECRET_ACCESS_KEY"), env.Optional("AWS_SESSION_TOKEN")),
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, idleConnections
		}),
	}
}

// Endpoint is the address of an engine to use instead of AWS's service, nil for
// AWS's own.
func Endpoint(env *Environment, name string) *string {
	if address := env.Optional(name); address != "" {
		return &address
	}
	return nil
}
