package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rubrica/events"
	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/tenant"
)

// world is what functions work in: tables and queues of their own, an identity
// provider on loopback, and the workspace of the samples.
type world struct {
	// settings are the functions' environment.
	settings map[string]string
	token    string

	issuer   *issuer.Issuer
	provider *http.Server
	db       *dynamodb.Client
	tables   []string
	queues   *awssqs.Client
	urls     []string
}

const audience = "rubrica"

// newWorld makes all of it; the engines' addresses are in the environment.
func newWorld(ctx context.Context) (w *world, err error) {
	dynamoURL, sqsURL := os.Getenv(boot.DynamoDB), os.Getenv(boot.SQS)
	if dynamoURL == "" || sqsURL == "" {
		return nil, fmt.Errorf("set %s and %s, or run this by go run ./infra/conformance run --", boot.DynamoDB, boot.SQS)
	}
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	made := &world{
		db:     dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = &dynamoURL }),
		queues: awssqs.NewFromConfig(cfg, func(o *awssqs.Options) { o.BaseEndpoint = &sqsURL }),
	}
	w = made
	defer func() {
		if err != nil {
			made.close()
		}
	}()
	if err = w.serveProvider(); err != nil {
		return nil, err
	}
	prefix := "rie-" + strings.ToLower(rand.Text()[:10]) + "-"
	w.settings = map[string]string{
		boot.DynamoDB: dynamoURL, boot.SQS: sqsURL, boot.Table: prefix + "main", boot.AuditTable: prefix + "audit",
		boot.Issuer: w.issuer.KeySet().Issuer(), boot.Audience: audience,
		boot.JobRate: "7",
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	}
	for _, name := range []string{prefix + "main", prefix + "audit"} {
		w.tables = append(w.tables, name)
		if err = dynamo.EnsureTable(ctx, w.db, name); err != nil {
			return nil, err
		}
	}
	for _, c := range consume.All(nil, nil) {
		if err = w.makeQueue(ctx, prefix, c); err != nil {
			return nil, err
		}
	}
	return w, w.makeWorkspace(ctx, prefix)
}

// serveProvider serves an identity provider's keys.
func (w *world) serveProvider() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	if w.issuer, err = issuer.New(base, audience); err != nil {
		return errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `{"issuer":%q,"jwks_uri":%q}`, base, base+"/keys")
	})
	mux.HandleFunc("GET /keys", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(w.issuer.KeySet().JWKS()) })
	w.provider = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = w.provider.Serve(listener) }()
	return nil
}

func (w *world) makeQueue(ctx context.Context, prefix string, c consume.Consumer) error {
	if err := sqs.EnsureQueues(ctx, w.queues, prefix, c.Queue); err != nil {
		return err
	}
	for _, q := range []queue.Spec{c.Queue, c.Queue.Dead()} {
		out, err := w.queues.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: aws.String(sqs.Name(prefix, q))})
		if err != nil {
			return err
		}
		w.urls = append(w.urls, *out.QueueUrl)
		w.settings[boot.Queue(q.Name)] = *out.QueueUrl
	}
	return nil
}

func (w *world) makeWorkspace(ctx context.Context, prefix string) error {
	main := table.New(dynamo.New(w.db, prefix+"main", dynamo.Options{}))
	l := ledger.New(main, audit.NewLog(table.New(dynamo.New(w.db, prefix+"audit", dynamo.Options{}))), time.Now)
	ws, err := tenant.Parse(events.Workspace)
	if err != nil {
		return err
	}
	if err := l.CreateWorkspace(tenant.Bind(ctx, ws), ws, audit.Actor{Type: audit.System, ID: "rie"}); err != nil {
		return err
	}
	w.token, err = w.issuer.Sign(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner", Integration: "crm"}, time.Now(), time.Hour)
	return err
}

// close removes what newWorld made; the engines may be somebody's who keeps them.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, name := range w.tables {
		_, _ = w.db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	}
	for _, url := range w.urls {
		_, _ = w.queues.DeleteQueue(ctx, &awssqs.DeleteQueueInput{QueueUrl: &url})
	}
	if w.provider != nil {
		_ = w.provider.Close()
	}
}
