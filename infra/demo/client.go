package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// client calls the API.
type client struct {
	http  http.Client
	url   string
	token string
}

// connect returns a client with the token, or with one of the local server's.
func connect(ctx context.Context, url, token string) (*client, error) {
	c := &client{url: url, token: token, http: http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
	if token != "" {
		return c, nil
	}
	var answer struct {
		Token string `json:"token"`
	}
	status, body, err := c.call(ctx, http.MethodPost, "/local/token", map[string]string{"workspace": "demo", "role": "owner"}, "")
	if err != nil {
		return nil, fmt.Errorf("%w; is the server running? (go run ./infra/local)", err)
	}
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
		return nil, fmt.Errorf("%s gives no tokens away (status %d): it is no local server; name one with -token", url, status)
	}
	c.token = answer.Token
	return c, nil
}

// call sends a request, with a body as JSON unless it is nil.
func (c *client) call(ctx context.Context, method, path string, body any, key string) (status int, answer []byte, err error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body, json.Deterministic(true))
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// refusal is the part of a problem document that a person can act on.
type refusal struct {
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors"`
}

type fieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// attempts is how often a row is sent that the API cannot take for the moment.
const attempts = 5

// create sends a row and returns why it was refused, "" if it was stored. An
// error is that no row can be.
func (c *client) create(ctx context.Context, r row) (reasons string, err error) {
	if r.err != nil {
		return r.err.Error(), nil
	}
	for attempt := 1; ; attempt++ {
		status, body, err := c.call(ctx, http.MethodPost, "/v1/contacts", r.body(), r.key())
		busy := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
		switch {
		case err == nil && status == http.StatusCreated:
			return "", nil
		case err == nil && (status == http.StatusUnauthorized || status == http.StatusForbidden):
			return "", fmt.Errorf("the API does not let us: %s", reasonsIn(body, r))
		case err == nil && !busy:
			return reasonsIn(body, r), nil
		case attempt == attempts && err != nil:
			return "", err
		case attempt == attempts:
			return "", fmt.Errorf("the API answers %d again and again: %s", status, reasonsIn(body, r))
		}
		select {
		case <-time.After(time.Duration(attempt) * 500 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// key is the same whenever the row is sent: it is stored once.
func (r row) key() string {
	text, err := json.Marshal(r.body(), json.Deterministic(true))
	if err != nil {
		panic(err) // texts in UTF-8 are always JSON
	}
	return fmt.Sprintf("demo-%d-%x", r.line, sha256.Sum256(text))
}

// reasonsIn says in one line what a problem document names, by the columns of
// the file and in their order.
func reasonsIn(body []byte, r row) string {
	var p refusal
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		return fmt.Sprintf("%.200q", body)
	}
	if len(p.Errors) == 0 {
		return p.Detail
	}
	slices.SortStableFunc(p.Errors, func(a, b fieldError) int {
		return cmp.Compare(slices.Index(r.file.members, a.Field), slices.Index(r.file.members, b.Field))
	})
	reasons := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		name := e.Field
		if at := slices.Index(r.file.members, e.Field); at >= 0 {
			name = r.file.header[at]
		}
		if value := r.contact[e.Field]; value != "" {
			name += " " + strconv.Quote(short(value))
		}
		reasons[i] = name + ": " + e.Detail
	}
	return strings.Join(reasons, " ")
}

// short keeps a value from filling the screen.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
