package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"rubrica/shared/api/frame"
	"rubrica/shared/queue"
)

// request is what a client asks. In path, body and token $1 stands for the id
// that the first answer of the setup named in its Location, and so on; $1.token
// for the API token that it showed.
type request struct {
	method, path, body string
	ifMatch            string
	token              string // instead of the owner's
	all                bool   // every page of a list, as one
}

// answer is what the client was told.
type answer struct {
	status int
	header map[string]string
	body   any // decoded
}

const (
	patience = 5 * time.Second
	attempts = 60
)

// ask sends a request once to a process; key is its Idempotency-Key.
func (s *system) ask(p *process, r request, key string) frame.Response {
	s.requests++
	s.clock.advance(time.Second) // so that entries of two processes have an order
	if r.method == send {
		return s.send(r)
	}
	path, query, _ := strings.Cut(s.fill(r.path), "?")
	req := &frame.Request{
		Method: r.method, Segments: strings.Split(strings.TrimPrefix(path, "/"), "/"), RawQuery: query,
		Body: []byte(s.fill(r.body)), ID: fmt.Sprintf("%s-%d", key, s.requests),
		Header: map[string]string{"authorization": "Bearer " + s.owner},
	}
	if r.token != "" {
		req.Header["authorization"] = "Bearer " + s.fill(r.token)
	}
	if r.ifMatch != "" {
		req.Header["if-match"] = r.ifMatch
	}
	if r.changes() && key != "" {
		req.Header["idempotency-key"] = key
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), patience)
	defer cancel()
	resp := p.api.Serve(ctx, req)
	if key == keyUnderTest && r.changes() && resp.Status < 300 && resp.Header["Idempotency-Replayed"] == "" {
		s.fresh++
	}
	return resp
}

// send is the method of a request that is a message to the queue that its path names.
const send = "SEND"

// send sends a message of the workspace's, twice, as impatient senders do.
func (s *system) send(r request) frame.Response {
	m := queue.Message{Body: `{"workspace":"` + s.ws.String() + `",` + s.fill(r.body)[1:], Group: s.ws.String()}
	if err := s.well.queues.Send(s.ctx, queue.Spec{Name: r.path}, m, m); err != nil {
		return frame.Response{Status: http.StatusInternalServerError, Body: []byte(err.Error())}
	}
	return frame.Response{Status: http.StatusAccepted}
}

// keyUnderTest is the Idempotency-Key of the operation that is swept.
const keyUnderTest = "under-test"

// fill puts what the setup made in the places kept for it.
func (s *system) fill(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return place.ReplaceAllStringFunc(text, func(name string) string { return s.ids[name] })
}

var place = regexp.MustCompile(`\$(\d+(\.token)?|rival|crm|erp)`)

// call asks until there is an answer: when the service is not available, or the
// process ended before it could answer, the same request is sent again.
func (s *system) call(r request, key string) (answer, error) {
	for range attempts {
		resp := s.ask(s.faulty, r, key)
		if s.script.isDead() {
			s.restart()
			continue
		}
		if resp.Status == http.StatusServiceUnavailable {
			continue
		}
		return read(resp)
	}
	return answer{}, fmt.Errorf("%s %s: no answer in %d attempts", r.method, r.path, attempts)
}

// do is call for one page or all of them.
func (s *system) do(r request, key string) (answer, error) {
	a, err := s.call(r, key)
	if err != nil || !r.all || a.status != http.StatusOK {
		return a, err
	}
	items := []any{}
	for range 1000 {
		page, _ := a.body.(map[string]any)
		more, _ := page["items"].([]any)
		items = append(items, more...)
		cursor, _ := page["nextCursor"].(string)
		if cursor == "" {
			a.body = map[string]any{"items": items}
			return a, nil
		}
		if a, err = s.call(r.behind(cursor), key); err != nil || a.status != http.StatusOK {
			return a, err
		}
	}
	return a, fmt.Errorf("%s %s does not end", r.method, r.path)
}

// read decodes an answer. An internal error is a defect, whatever went wrong.
func read(resp frame.Response) (answer, error) {
	a := answer{status: resp.Status, header: maps.Clone(resp.Header)}
	if len(resp.Body) > 0 {
		if err := json.Unmarshal(resp.Body, &a.body); err != nil {
			return a, fmt.Errorf("an answer that is no JSON: %w", err)
		}
	}
	if resp.Status == http.StatusInternalServerError {
		return a, fmt.Errorf("an internal error: %s", resp.Body)
	}
	return a, nil
}

// prepare does the requests of a setup, which must succeed, and remembers what
// they made.
func (s *system) prepare(setup []request) error {
	for i, r := range setup {
		resp := s.ask(s.well, r, fmt.Sprintf("setup-%d", i+1))
		a, err := read(resp)
		if err != nil || a.status > 299 {
			return fmt.Errorf("setup %d: %s %s: %d %s: %w", i+1, r.method, r.path, resp.Status, resp.Body, err)
		}
		name := fmt.Sprintf("$%d", i+1)
		if body, ok := a.body.(map[string]any); ok {
			if token, ok := body["token"].(string); ok {
				s.ids[name+".token"] = token
			}
			if items, ok := body["items"].([]any); ok && len(items) > 0 {
				s.ids[name], _ = items[0].(map[string]any)["id"].(string)
			}
		}
		if _, id, ok := cutLast(a.header["Location"], "/"); ok {
			s.ids[name] = id
		}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
