package sqs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/go-json-experiment/json"

	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
)

// request is what the fake engine was sent.
type request struct {
	op   string
	body map[string]any
}

// answer is what it says to it; lost cuts the connection instead.
type answer struct {
	status int
	body   string
	lost   bool
}

func ok(body string) answer { return answer{status: http.StatusOK, body: body} }

func refusal(status int, code, message string) answer {
	return answer{status: status, body: `{"__type":"com.amazonaws.sqs#` + code + `","message":"` + message + `"}`}
}

// engine is an SQS that answers by a script, the last line over and over. It
// knows every queue.
type engine struct {
	mu       sync.Mutex
	requests []request
	lookups  int
	script   []func(request) answer
}

func (e *engine) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	req := request{op: op}
	if err := json.UnmarshalRead(r.Body, &req.body); err != nil {
		return nil, err
	}
	a := e.answer(req)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if a.lost {
		return nil, errors.New("read: connection reset by peer")
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewBufferString(a.body)), Request: r,
	}, nil
}

func (e *engine) answer(req request) answer {
	e.mu.Lock()
	if req.op == "GetQueueUrl" {
		e.lookups++
		e.mu.Unlock()
		return ok(`{"QueueUrl":"http://engine.invalid/1/` + req.body["QueueName"].(string) + `"}`)
	}
	e.requests = append(e.requests, req)
	say := e.script[min(len(e.requests), len(e.script))-1]
	e.mu.Unlock()
	return say(req)
}

// says makes a script of fixed answers.
func says(answers ...answer) *engine {
	e := &engine{}
	for _, a := range answers {
		e.script = append(e.script, func(request) answer { return a })
	}
	return e
}

func over(e *engine, o sqs.Options) *queue.Queues {
	client := awssqs.New(awssqs.Options{
		Region: "eu-west-1", HTTPClient: e, BaseEndpoint: aws.String("http://engine.invalid"), DisableMessageChecksumValidation: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
	return queue.New(sqs.New(client, o))
}
