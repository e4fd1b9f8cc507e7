package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// pause is how long the recorder holds an answer back: calls that a function makes
// side by side have all come by then.
const pause = 30 * time.Millisecond

// recorder stands between a function and DynamoDB and keeps what is asked.
type recorder struct {
	url    string
	engine string
	http   *http.Server

	mu     sync.Mutex
	rounds [][]recorded
	open   bool // nothing of the last round is answered yet
}

// recorded is one call as it was seen on the wire.
type recorded struct {
	Action string          `json:"action"`
	Input  json.RawMessage `json:"input"`
}

func record(engine string) (*recorder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &recorder{url: "http://" + listener.Addr().String(), engine: engine}
	r.http = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.http.Serve(listener) }()
	return r, nil
}

func (r *recorder) close() { _ = r.http.Close() }

// forget drops what was recorded so far.
func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rounds, r.open = nil, false
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
