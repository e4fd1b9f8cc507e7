package dynamo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/go-json-experiment/json"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/tenant"
)

// request is what the fake engine was sent.
type request struct {
	op   string
	body map[string]any
}

// answer is what it says to it; lost cuts the connection instead, hang keeps it
// open in silence.
type answer struct {
	status     int
	body       string
	lost, hang bool
}

func ok(body string) answer { return answer{status: http.StatusOK, body: body} }

func refusal(code, rest string) answer {
	return answer{status: http.StatusBadRequest, body: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `"` + rest + `}`}
}

var (
	lost        = answer{lost: true}
	broken      = answer{status: http.StatusInternalServerError, body: `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}`}
	throttled   = refusal("ThrottlingException", "")
	conflicting = refusal("TransactionCanceledException", `,"CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]`)
)

// engine is a DynamoDB that answers by a script, the last line over and over.
type engine struct {
	mu       sync.Mutex
	requests []request
	script   []func(request) answer
}

func (e *engine) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	req := request{op: op}
	if err := json.UnmarshalRead(r.Body, &req.body); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.requests = append(e.requests, req)
	say := e.script[min(len(e.requests), len(e.script))-1]
	e.mu.Unlock()
	a := say(req)
	if a.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if a.lost {
		return nil, errors.New("read: connection reset by peer")
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewBufferString(a.body)), Request: r,
	}, nil
}

func (e *engine) ops() []string {
	ops := make([]string, len(e.requests))
	for i, r := range e.requests {
		ops[i] = r.op
	}
	return ops
}

// says makes a script of fixed answers.
func says(answers ...answer) *engine {
	e := &engine{}
	for _, a := range answers {
		e.script = append(e.script, func(request) answer { return a })
	}
	return e
}

var now = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

func over(e *engine) *table.Table {
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", HTTPClient: e, BaseEndpoint: aws.String("http://engine.invalid"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
	return table.New(dynamo.New(client, "rubrica", dynamo.Options{Now: func() time.Time { return now }}))
}

func workspace(t *testing.T, name string) (context.Context, tenant.Workspace) {
	t.Helper()
	ws, err := tenant.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return tenant.Bind(t.Context(), ws), ws
}

// at walks a decoded JSON value: members by name, elements by index.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}
