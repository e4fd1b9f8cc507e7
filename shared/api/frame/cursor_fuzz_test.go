package frame_test

import (
	"context"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// lists is an API of two lists, whose pages say where their cursor led.
type lists struct {
	api   *frame.API
	token string
}

type place struct {
	ID string `json:"i"`
	N  int    `json:"n"`
}

func newLists(t testing.TB) *lists {
	t.Helper()
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	l := ledger.New(table.New(store.Table("main")), audit.NewLog(table.New(store.Table("audit"))), time.Now)
	ws, err := tenant.Parse("cursors")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.CreateWorkspace(tenant.Bind(context.Background(), ws), ws, audit.Actor{Type: audit.System, ID: "test"}); err != nil {
		t.Fatal(err)
	}
	signer, err := issuer.New("https://cursors.example", "rubrica")
	if err != nil {
		t.Fatal(err)
	}
	s := &lists{}
	if s.token, err = signer.Sign(issuer.Claims{Subject: "user_1", Workspace: "cursors", Role: "owner"}, time.Now(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.api = frame.New(l, signer.Verifier(), slog.New(slog.DiscardHandler), time.Now, list("/v1/a"), list("/v1/b"))
	return s
}

func list(path string) frame.Endpoint {
	return frame.Endpoint{
		Method: "GET", Pattern: path, Operation: "list" + path, Query: []string{"cursor", "limit", "q"}, Success: []int{200},
		Read: func(*frame.Input) frame.Plan {
			return frame.Plan{Do: func(_ context.Context, call *frame.Call) (frame.Response, error) {
				var at place
				if _, err := call.Resume(&at); err != nil {
					return frame.Response{}, err
				}
				next, err := call.Cursor(place{at.ID + "x", at.N + 1})
				if err != nil {
					return frame.Response{}, err
				}
				return frame.OK(frame.Page[place]{Items: []place{at}, NextCursor: next})
			}}
		},
	}
}

// get asks for a page; query is encoded.
func (s *lists) get(t testing.TB, path, query string) (status int, page frame.Page[place]) {
	t.Helper()
	resp := s.api.Serve(context.Background(), &frame.Request{
		Method: "GET", Segments: []string{"v1", path}, RawQuery: query, ID: "r", Header: map[string]string{"authorization": "Bearer " + s.token},
	})
	if resp.Status == 200 {
		if err := json.Unmarshal(resp.Body, &page); err != nil {
			t.Fatal(err)
		}
	}
	return resp.Status, page
}

// FuzzCursor: of all texts only the very cursor leads on; part of it, more than
// it, or one that was changed does not, nor one of another list or query.
func FuzzCursor(f *testing.F) {
	s := newLists(f)
	for _, c := range []struct {
		at, cut int
		put     string
	}{{0, 0, ""}, {0, 1, ""}, {5, 0, "\n"}, {5, 1, "A"}, {0, 500, ""}, {0, 500, "AAAA"}, {60, 9, "=="}, {1, 0, "\r"}, {3, 0, "%"}, {9, 0, " "}, {7, 0, "\x00"}} {
		f.Add(c.at, c.cut, c.put)
	}
	f.Fuzz(func(t *testing.T, at, cut int, put string) {
		_, page := s.get(t, "a", "q=1")
		made := page.NextCursor
		at = min(max(at, 0), len(made))
		cut = min(max(cut, 0), len(made)-at)
		forged := made[:at] + put + made[at+cut:]
		want := 400
		if forged == made {
			want = 200
		}
		status, next := s.get(t, "a", "q=1&limit=3&cursor="+url.QueryEscape(forged))
		if status != want {
			t.Fatalf("%q of %q: %d, want %d", forged, made, status, want)
		}
		if status == 200 && next.Items[0] != (place{"x", 1}) {
			t.Fatalf("it led to %+v", next.Items[0])
		}
		for _, elsewhere := range []string{"b?q=1&cursor=", "a?q=2&cursor=", "a?cursor="} {
			path, query := elsewhere[:1], elsewhere[2:]
			if status, _ := s.get(t, path, query+url.QueryEscape(forged)); status != 400 {
				t.Fatalf("%s: %d", elsewhere, status)
			}
		}
	})
}
