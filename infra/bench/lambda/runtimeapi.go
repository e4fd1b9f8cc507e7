package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI is Lambda's Runtime API for one process at a time: it hands out
// invocations one by one and takes their answers.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	address string
	http    *http.Server
	polls   chan struct{} // one for each time the process asks for work
	events  chan []byte
	answers chan answer
}

// answer is what a process said to an invocation, and when.
type answer struct {
	body []byte
	at   time.Time
	err  error
}

// invocationTime is how long an invocation is said to have.
const invocationTime = 10 * time.Second

func serveRuntimeAPI() (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &runtimeAPI{
		address: listener.Addr().String(), polls: make(chan struct{}, 1), events: make(chan []byte), answers: make(chan answer, 1),
	}
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime"
	mux.HandleFunc("GET "+base+"/invocation/next", a.next)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", a.take(nil))
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", a.take(errors.New("it failed")))
	mux.HandleFunc("POST "+base+"/init/error", a.take(errors.New("it could not start")))
	a.http = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = a.http.Serve(listener) }()
	return a, nil
}

func (a *runtimeAPI) close() { _ = a.http.Close() }

func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.polls <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	select {
	case event := <-a.events:
		deadline := time.Now().Add(invocationTime).UnixMilli()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline, 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:bench")
		w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(event)
	case <-r.Context().Done():
	}
}

func (a *runtimeAPI) take(failed error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		body, err := io.ReadAll(r.Body)
		if err == nil && failed != nil {
			err = fmt.Errorf("%w: %s", failed, body)
		}
		select {
		case a.answers <- answer{body, at, err}:
			w.WriteHeader(http.StatusAccepted)
		case <-r.Context().Done():
		}
	}
}

// polled waits until the process asks for work.
func (a *runtimeAPI) polled(ctx context.Context) error {
	select {
	case <-a.polls:
		return nil
	case answer := <-a.answers: // it said that it could not start
		return answer.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// invoke gives the process, which asked for work, an event, and waits for the
// answer and until it asks again.
func (a *runtimeAPI) invoke(ctx context.Context, event []byte) (answer, error) {
	select {
	case a.events <- event:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	select {
	case got := <-a.answers:
		if got.err != nil {
			return got, got.err
		}
		return got, a.polled(ctx)
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}
