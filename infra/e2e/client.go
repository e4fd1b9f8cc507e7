package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// Client calls one server with one token; safe for concurrent use.
type Client struct {
	URL string
	// Token is sent as Bearer; without one there is no Authorization.
	Token string

	http *http.Client
}

// NewClient calls the server at url with connections of its own, which the test
// closes when it ends.
func NewClient(t testing.TB, url, token string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{url, token, &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// With is the same client with another token.
func (c *Client) With(token string) *Client { return &Client{c.URL, token, c.http} }

// Try sends a request. body is nil for none, a string or bytes as they are, or
// anything else as JSON; headers are names and values in turn. A body's content
// type is application/json unless a header says otherwise; a value of "-" takes
// the header away.
func (c *Client) Try(ctx context.Context, method, path string, body any, headers ...string) (*Answer, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case []byte:
		reader = bytes.NewReader(b)
	default:
		encoded, err := json.Marshal(body, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, reader)
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "-" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: text, asked: method + " " + path}, nil
}

// Do is Try in a test, which ends where there is no answer at all.
func (c *Client) Do(t testing.TB, method, path string, body any, headers ...string) *Answer {
	t.Helper()
	a, err := c.Try(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	a.t = t
	return a
}

// Get reads.
func (c *Client) Get(t testing.TB, path string, headers ...string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodGet, path, nil, headers...)
}

// Post sends a body.
func (c *Client) Post(t testing.TB, path string, body any, headers ...string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodPost, path, body, headers...)
}

// Patch sends a merge patch.
func (c *Client) Patch(t testing.TB, path string, body any, headers ...string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodPatch, path, body, headers...)
}

// Put upserts, or adds to a set.
func (c *Client) Put(t testing.TB, path string, body any, headers ...string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodPut, path, body, headers...)
}

// Delete deletes.
func (c *Client) Delete(t testing.TB, path string, headers ...string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodDelete, path, nil, headers...)
}

// Create makes a contact and returns it.
func (c *Client) Create(t testing.TB, body any) Object {
	t.Helper()
	return c.Post(t, "/v1/contacts", body).Is(http.StatusCreated).JSON()
}

// Contact reads a contact by its id.
func (c *Client) Contact(t testing.TB, id string) Object {
	t.Helper()
	return c.Get(t, "/v1/contacts/"+id).Is(http.StatusOK).JSON()
}

// Page is a page of a list.
type Page struct {
	Items []Object
	Next  string
}

// Page reads one page; path may have a query.
func (c *Client) Page(t testing.TB, path string) Page {
	t.Helper()
	a := c.Get(t, path).Is(http.StatusOK)
	var page struct {
		Items      []Object `json:"items"`
		NextCursor *string  `json:"nextCursor"`
	}
	a.into(&page)
	if page.Items == nil || page.NextCursor != nil && *page.NextCursor == "" {
		t.Fatalf("%v\nwant items, and a nextCursor or none", a)
	}
	p := Page{Items: page.Items}
	if page.NextCursor != nil {
		p.Next = *page.NextCursor
	}
	return p
}

// All reads every page of a list.
func (c *Client) All(t testing.TB, path string) []Object {
	t.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	all := []Object{}
	cursor := ""
	for range 10_000 {
		at := path
		if cursor != "" {
			at += join + "cursor=" + cursor
		}
		page := c.Page(t, at)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
	t.Fatalf("GET %s does not end", path)
	return nil
}

// IDs are the ids of objects, in their order.
func IDs(objects []Object) []string {
	ids := make([]string, len(objects))
	for i, o := range objects {
		ids[i] = fmt.Sprint(o["id"])
	}
	return ids
}
