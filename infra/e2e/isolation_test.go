package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/api"
)

// TestIsolation walks every endpoint that names something with the names of
// another workspace's contacts and tokens: the answers are those of what is not
// there, and nothing over there changes.
func TestIsolation(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	theirs := service.Workspace(t)
	them := theirs.As(t, "owner")
	us := service.Workspace(t).As(t, "owner")
	mine := us.Create(t, Object{"firstName": "ours"}).ID()

	live := them.Create(t, Object{
		"firstName": "theirs", "email": "theirs@example.com", "phone": "+393514117320", "externalIds": Object{"sap": "T-1"}, "owner": "user_1",
	}).ID()
	dead := them.Create(t, Object{"firstName": "dead"}).ID()
	them.Delete(t, "/v1/contacts/"+dead).Is(204)
	token := them.Post(t, "/v1/tokens", Object{"name": "t", "role": "owner"}).Is(201).JSON()
	pairs := []struct{ theirs, nobodys string }{
		{live, "01JD3QZZZZZZZZZZZZZZZZZZZ0"}, {"id:" + live, "id:01JD3QZZZZZZZZZZZZZZZZZZZ0"}, {dead, "01JD3QZZZZZZZZZZZZZZZZZZZ0"},
		{"email:theirs@example.com", "email:nobody@example.com"}, {"phone:+393514117320", "phone:+393514117321"}, {"ext:sap:T-1", "ext:sap:T-2"},
	}

	for _, e := range api.All(service.Ledger, nil) {
		if !strings.Contains(e.Pattern, "{contact}") && !strings.Contains(e.Pattern, "{token}") {
			continue
		}
		for i, p := range pairs {
			if e.Operation == "upsertContact" && i > 2 {
				continue // it creates; see below
			}
			for _, headers := range [][]string{nil, {"If-Match", `"1"`}, {"If-Match", `*`}} {
				a := us.Do(t, e.Method, fill(e.Pattern, p.theirs, token.ID()), goodBody(e), headers...)
				b := us.Do(t, e.Method, fill(e.Pattern, p.nobodys, "01JD3QZZZZZZZZZZZZZZZZZZZ0"), goodBody(e), headers...)
				if a.Status < 400 || a.Status != b.Status {
					t.Errorf("%v\nbut %v", a, b)
					continue
				}
				got, want := a.Refused(a.Status, ""), b.Refused(b.Status, "")
				delete(got, "instance")
				delete(want, "instance")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s is told from what is not there (-absent +theirs):\n%s", a.asked, diff)
				}
			}
		}
	}

	t.Run("UpsertsCreateTheirOwn", func(t *testing.T) {
		for _, p := range pairs[3:] {
			if us.Put(t, "/v1/contacts/"+p.theirs, Object{}).Is(201).JSON().ID() == live {
				t.Errorf("%s leads into another workspace", p.theirs)
			}
		}
		us.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
		us.Post(t, "/v1/contacts", Object{"otherEmails": []any{"free@example.com"}, "externalIds": Object{"sap": "T-3"}}).Is(201)
		them.Patch(t, "/v1/contacts/"+live, Object{"otherEmails": []any{"free@example.com"}}).Is(200)
	})

	t.Run("ListsAndLogsAreApart", func(t *testing.T) {
		theirs.Complete(t, map[string]int{live: 2, dead: 2})
		for _, path := range []string{"/v1/contacts?limit=100", "/v1/contacts?owner=user_1", "/v1/contacts?email=free@example.com", "/v1/audit", "/v1/tokens"} {
			for _, o := range us.All(t, path) {
				if o.ID() == live || o.Text("contactId") == live || o.Text("contactId") == dead || o.ID() == token.ID() {
					t.Errorf("%s shows %v", path, o)
				}
			}
		}
	})

	t.Run("TokensAreOfOneWorkspace", func(t *testing.T) {
		text := token.Text("token")
		us.With(text).Get(t, "/v1/me").Is(200).Has(Object{"workspace": theirs.Name})
		// The same token under the name of another workspace is none.
		other := us.Get(t, "/v1/me").Is(200).JSON().Text("workspace")
		forged := strings.Replace(text, "_"+theirs.Name+"_", "_"+other+"_", 1)
		us.With(forged).Get(t, "/v1/me").Refused(401, "")
		us.With(text).Get(t, "/v1/contacts/"+mine).Refused(404, "")
	})

	them.Get(t, "/v1/contacts/"+live).Is(200).Has(Object{"version": 2, "firstName": "theirs"})
	if n := len(them.All(t, "/v1/tokens")); n != 1 {
		t.Errorf("%d tokens over there, want 1", n)
	}
	if n := len(them.All(t, "/v1/contacts")); n != 1 {
		t.Errorf("%d contacts over there, want 1", n)
	}
}
