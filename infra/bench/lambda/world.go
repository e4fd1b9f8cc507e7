package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"rubrica/events"
	"rubrica/shared/api/contacts"
	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
	"rubrica/shared/boot/schedulefn"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue/sqs"
	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// world is what the functions work on: tables and queues in engines of somebody
// else's making, an identity provider of ours, a workspace with contacts.
type world struct {
	provider *http.Server
	url      string // the provider's
	token    string
	prefix   string // of tables and queues
	queues   map[string]string
	db       *dynamodb.Client
	create   lambda.Handler
	remove   lambda.Handler
	contact  string // one that stays as it is
	numbers  atomic.Int64
}

const audience = "rubrica"

func newWorld(ctx context.Context) (*world, error) {
	w := &world{prefix: "bench-" + strings.ToLower(ulid.NewSource(time.Now).New()) + "-", queues: map[string]string{}}
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	w.db = dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(os.Getenv("RUBRICA_DYNAMODB")) })
	q := awssqs.NewFromConfig(cfg, func(o *awssqs.Options) { o.BaseEndpoint = aws.String(os.Getenv("RUBRICA_SQS")) })
	var tables []*table.Table
	for _, name := range []string{"main", "audit"} {
		if err := dynamo.EnsureTable(ctx, w.db, w.prefix+name); err != nil {
			return nil, err
		}
		tables = append(tables, table.New(dynamo.New(w.db, w.prefix+name, dynamo.Options{})))
	}
	for _, c := range consume.All(nil, nil) {
		if err := sqs.EnsureQueues(ctx, q, w.prefix, c.Queue); err != nil {
			return nil, err
		}
		out, err := q.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: aws.String(sqs.Name(w.prefix, c.Queue))})
		if err != nil {
			return nil, err
		}
		w.queues[c.Queue.Name] = *out.QueueUrl
	}
	iss, err := w.serveProvider()
	if err != nil {
		return nil, err
	}
	if err := w.open(ctx, iss, tables[0], tables[1]); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// open makes the workspace, its caller, and the functions that make contacts and
// delete them, in this process.
func (w *world) open(ctx context.Context, iss *issuer.Issuer, main, log *table.Table) error {
	ws, err := tenant.Parse(events.Workspace)
	if err != nil {
		return err
	}
	l := ledger.New(main, audit.NewLog(log), time.Now)
	if err := l.CreateWorkspace(tenant.Bind(ctx, ws), ws, audit.Actor{Type: audit.System, ID: "bench"}); err != nil {
		return err
	}
	w.token, err = iss.Sign(issuer.Claims{Subject: "user_1", Workspace: events.Workspace, Role: "owner", Integration: "crm"}, time.Now(), 12*time.Hour)
	if err != nil {
		return err
	}
	env := boot.NewEnvironment(w.lookup, io.Discard)
	refresh, err := boot.Open(env, func(env *boot.Environment) lambda.Handler { return schedulefn.New(env, main, schedulefn.RefreshKeys) })
	if err != nil {
		return err
	}
	if _, err := refresh.Invoke(ctx, []byte("{}")); err != nil {
		return err
	}
	one := func(function string, endpoint func(*ledger.Ledger) frame.Endpoint) (lambda.Handler, error) {
		return boot.Open(env, func(env *boot.Environment) lambda.Handler {
			return httpfn.New(env, function, main, log, func(l *ledger.Ledger) []frame.Endpoint { return []frame.Endpoint{endpoint(l)} })
		})
	}
	var errs [2]error
	w.create, errs[0] = one("create-contact", contacts.Create)
	w.remove, errs[1] = one("delete-contact", contacts.Delete)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	answer, err := w.invoke(ctx, w.create, "create-contact", events.Fill{Token: w.token}, 0)
	if err != nil {
		return err
	}
	if w.contact, err = events.Contact(answer); err != nil {
		return err
	}
	_, err = w.contacts(ctx, 100) // for whole pages
	return err
}

// serveProvider serves an identity provider until close.
func (w *world) serveProvider() (*issuer.Issuer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + listener.Addr().String()
	iss, err := issuer.New(w.url, audience)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `{"issuer":%q,"jwks_uri":%q}`, w.url, w.url+"/keys")
	})
	mux.HandleFunc("GET /keys", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(iss.KeySet().JWKS()) })
	w.provider = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = w.provider.Serve(listener) }()
	return iss, nil
}

func (w *world) close() { _ = w.provider.Close() }

// settings are what functions find in their environment.
func (w *world) settings() []string {
	all := []string{
		boot.DynamoDB + "=" + os.Getenv(boot.DynamoDB), boot.SQS + "=" + os.Getenv(boot.SQS),
		boot.Table + "=" + w.prefix + "main", boot.AuditTable + "=" + w.prefix + "audit",
		boot.Issuer + "=" + w.url, boot.Audience + "=" + audience,
	}
	for name, url := range w.queues {
		all = append(all, boot.Queue(name)+"="+url)
	}
	return all
}

func (w *world) lookup(name string) (string, bool) {
	for _, s := range w.settings() {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// events are n invocations of a function, each of which finds the same to do.
func (w *world) events(ctx context.Context, function string, n int) ([][]byte, error) {
	fills := make([]events.Fill, n)
	for i := range fills {
		fills[i] = events.Fill{Token: w.token, Contact: w.contact}
	}
	switch function {
	case "update-contact", "tag-contact", "enrich-contact", "lock-contact", "block-contact", "set-consent", "manage-notes", "delete-contact", "purge-contact":
		made, err := w.contacts(ctx, n)
		if err == nil && function == "purge-contact" {
			err = w.each(ctx, n, func(ctx context.Context, i int) error {
				_, err := w.invoke(ctx, w.remove, "delete-contact", events.Fill{Token: w.token, Contact: made[i]}, 0)
				return err
			})
		}
		if err != nil {
			return nil, err
		}
		for i := range fills {
			fills[i].Contact = made[i]
		}
	}
	payloads := make([][]byte, n)
	for i := range payloads {
		var err error
		if payloads[i], err = sample(function, fills[i], int(w.numbers.Add(1))); err != nil {
			return nil, err
		}
	}
	return payloads, nil
}

// sample is the number-th event of a function: with an idempotency key, an address
// and a phone number of its own, where it has them (number 0: with the sample's),
// and a name for a tag, for neither a kept answer nor a crowd of the same name is to
// be measured. Only
// manage-fields, whose sample can be done once, is given the same again.
func sample(function string, fill events.Fill, number int) ([]byte, error) {
	raw, err := events.Sample(function, fill)
	if err != nil {
		return nil, err
	}
	if number == 0 || function == "manage-fields" {
		return raw, nil
	}
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	if header, ok := e["headers"].(map[string]any); ok && header["idempotency-key"] != nil {
		header["idempotency-key"] = fmt.Sprintf("bench-%s-%d", function, number)
	}
	if text, ok := e["body"].(string); ok && function == "create-contact" {
		e["body"] = strings.NewReplacer("maria.rossi@", fmt.Sprintf("maria.%d@", number), "+393514117320", fmt.Sprintf("+39351%07d", number)).Replace(text)
	}
	if text, ok := e["body"].(string); ok && function == "manage-tags" {
		e["body"] = strings.Replace(text, "VIP", fmt.Sprintf("VIP %d", number), 1)
	}
	return json.Marshal(e)
}

// contacts makes n contacts and returns their ids.
func (w *world) contacts(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, n)
	err := w.each(ctx, n, func(ctx context.Context, i int) error {
		answer, err := w.invoke(ctx, w.create, "create-contact", events.Fill{Token: w.token}, int(w.numbers.Add(1)))
		if err != nil {
			return err
		}
		ids[i], err = events.Contact(answer)
		return err
	})
	return ids, err
}

func (w *world) invoke(ctx context.Context, handler lambda.Handler, function string, fill events.Fill, number int) ([]byte, error) {
	payload, err := sample(function, fill, number)
	if err != nil {
		return nil, err
	}
	answer, err := handler.Invoke(ctx, payload)
	if err != nil {
		return nil, err
	}
	return answer, events.Check(function, answer)
}

// each works n times, four at a time.
func (w *world) each(ctx context.Context, n int, work func(context.Context, int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(4)
	for i := range n {
		all.Go(func() error { return work(ctx, i) })
	}
	return all.Wait()
}
