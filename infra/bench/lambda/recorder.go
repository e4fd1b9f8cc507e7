package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// pause is how long the recorder holds an answer back: calls that a function makes
// side by side have all come by then.
const pause = 30 * time.Millisecond

// recorder stands between a function and DynamoDB and keeps what is asked, and what is
// deleted thereby.
type recorder struct {
	url    string
	engine string
	db     *dynamodb.Client
	http   *http.Server

	mu      sync.Mutex
	rounds  [][]recorded
	open    bool // nothing of the last round is answered yet
	deleted []types.TransactWriteItem
}

// recorded is one call as it was seen on the wire.
type recorded struct {
	Action string          `json:"action"`
	Input  json.RawMessage `json:"input"`
}

func record(engine string, db *dynamodb.Client) (*recorder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &recorder{url: "http://" + listener.Addr().String(), engine: engine, db: db}
	r.http = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.http.Serve(listener) }()
	return r, nil
}

func (r *recorder) close() { _ = r.http.Close() }

// forget drops what was recorded so far.
func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rounds, r.open, r.deleted = nil, false, nil
}

// calls are the calls of each round: those that were asked before any of them
// was answered are made side by side.
func (r *recorder) calls() [][]recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rounds
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, action, _ := strings.Cut(in.Header.Get("X-Amz-Target"), ".")
	if err := r.keep(in.Context(), body); err != nil {
		panic(http.ErrAbortHandler)
	}
	r.asked(recorded{action, body})
	out, err := http.NewRequestWithContext(in.Context(), in.Method, r.engine+in.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out.Header = in.Header
	resp, err := http.DefaultClient.Do(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	time.Sleep(pause)
	r.answered()
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}

// keep reads what a transaction is about to delete.
func (r *recorder) keep(ctx context.Context, body []byte) error {
	var asked struct {
		TransactItems []struct {
			Delete *struct {
				TableName string
				Key       map[string]struct{ S string }
			}
		}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return err
	}
	for _, t := range asked.TransactItems {
		if t.Delete == nil {
			continue
		}
		key := map[string]types.AttributeValue{}
		for name, value := range t.Delete.Key {
			key[name] = &types.AttributeValueMemberS{Value: value.S}
		}
		got, err := r.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.Delete.TableName, Key: key, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return err
		}
		if got.Item != nil {
			r.mu.Lock()
			r.deleted = append(r.deleted, types.TransactWriteItem{Put: &types.Put{TableName: &t.Delete.TableName, Item: got.Item}})
			r.mu.Unlock()
		}
	}
	return nil
}

func (r *recorder) asked(c recorded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		r.rounds, r.open = append(r.rounds, nil), true
	}
	last := len(r.rounds) - 1
	r.rounds[last] = append(r.rounds[last], c)
}

func (r *recorder) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = false
}
