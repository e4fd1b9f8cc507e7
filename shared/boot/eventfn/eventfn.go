// Package eventfn starts the function that handles the events of the queue. Besides
// DynamoDB it links SQS, for the dead letters that say why they are.
package eventfn

import (
	"github.com/aws/aws-lambda-go/lambda"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/boot/tables"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
	"rubrica/shared/table"
)

// Start handles events over the deployment's tables.
func Start(env *boot.Environment) lambda.Handler {
	t := tables.Open(env)
	client := awssqs.NewFromConfig(boot.AWS(env), func(o *awssqs.Options) {
		o.BaseEndpoint = boot.Endpoint(env, boot.SQS)
	})
	dead := consume.ReceiveEvents(nil, nil).Queue.Dead().Name
	urls := map[string]string{dead: env.Required(boot.Queue(dead))}
	return New(env, boot.Function(env), t.Main(), t.Audit(), sqs.New(client, sqs.Options{URLs: urls}))
}

// New returns the handler over the given tables; dead takes the dead letters.
func New(env *boot.Environment, function string, main, log *table.Table, dead queue.Driver) lambda.Handler {
	return queuefn.New(env, function, main, log, func(l *ledger.Ledger) consume.Consumer {
		return consume.ReceiveEvents(l, queue.New(dead))
	})
}
