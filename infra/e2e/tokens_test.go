package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPITokens(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	service := Serve(t, clock.Set)

	t.Run("AreShownOnce", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		expires := clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
		a := owner.Post(t, "/v1/tokens", Object{
			"name": " sync ", "role": "manager", "restrictions": []any{"no-export", "no-delete"}, "integration": "crm", "expiresAt": expires,
		}).Is(201)
		made := a.Has(Object{"name": "sync", "role": "manager", "restrictions": []any{"no-delete", "no-export"}, "integration": "crm", "expiresAt": expires})
		if text := made.Text("token"); !strings.HasPrefix(text, "rub_"+w.Name+"_"+made.ID()+"_") {
			t.Errorf("the token is %q", text)
		}
		list := owner.All(t, "/v1/tokens")
		if len(list) != 1 || list[0].ID() != made.ID() || list[0]["name"] != "sync" || list[0]["token"] != nil || list[0]["lastUsedAt"] != nil {
			t.Errorf("the list is %v", list)
		}
	})

	t.Run("WorkAsTheySay", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		made := owner.Post(t, "/v1/tokens", Object{"name": "a", "role": "agent", "restrictions": []any{"only-assigned"}, "integration": "crm"}).Is(201).JSON()
		token := owner.With(made.Text("token"))
		me := token.Get(t, "/v1/me").Is(200).Has(Object{"workspace": w.Name, "role": "agent", "restrictions": []any{"only-assigned"}, "integration": "crm"})
		contact := token.Post(t, "/v1/contacts", Object{}).Is(201).Has(Object{"owner": me["sub"]}).ID()
		hidden := owner.Create(t, Object{}).ID()
		token.Get(t, "/v1/contacts/"+hidden).Refused(404, "")
		token.Delete(t, "/v1/contacts/"+contact).Refused(403, "")
		token.Get(t, "/v1/tokens").Refused(403, "")
		token.Get(t, "/v1/audit").Refused(403, "")
		actor := owner.All(t, "/v1/contacts/"+contact+"/audit")[0]["actor"]
		if diff := cmp.Diff(map[string]any{"type": "integration", "id": "crm"}, actor); diff != "" {
			t.Errorf("the actor differs (-want +got):\n%s", diff)
		}
	})

	t.Run("AreRevokedAtOnce", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		for range 10 {
			made := owner.Post(t, "/v1/tokens", Object{"name": "r", "role": "owner"}).Is(201).JSON()
			token := owner.With(made.Text("token"))
			token.Get(t, "/v1/contacts").Is(200)
			owner.Delete(t, "/v1/tokens/"+made.ID()).Is(204)
			token.Get(t, "/v1/contacts").Refused(401, "")
			owner.Delete(t, "/v1/tokens/"+made.ID()).Refused(404, "")
		}
		owner.Delete(t, "/v1/tokens/nobody").Refused(404, "")
		if list := owner.All(t, "/v1/tokens"); len(list) != 0 {
			t.Errorf("the list is %v", list)
		}
	})

	t.Run("MayRevokeThemselves", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		made := owner.Post(t, "/v1/tokens", Object{"name": "r", "role": "owner"}).Is(201).JSON()
		token := owner.With(made.Text("token"))
		token.Delete(t, "/v1/tokens/"+made.ID()).Is(204)
		token.Get(t, "/v1/me").Refused(401, "")
	})

	t.Run("AreRefusedWhenChanged", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		text := owner.Post(t, "/v1/tokens", Object{"name": "r", "role": "owner"}).Is(201).JSON().Text("token")
		for at := range len(text) {
			c := byte('a')
			if text[at] == c {
				c = 'b'
			}
			owner.With(text[:at]+string(c)+text[at+1:]).Get(t, "/v1/me").Refused(401, "")
		}
		owner.With(text[:len(text)-1]).Get(t, "/v1/me").Refused(401, "")
		owner.With(strings.ToUpper(text)).Get(t, "/v1/me").Refused(401, "")
	})

	t.Run("CannotBeWiderThanTheirMaker", func(t *testing.T) {
		t.Parallel()
		narrow := service.Workspace(t).As(t, "owner", Restricted("no-delete"))
		narrow.Post(t, "/v1/tokens", Object{"name": "n", "role": "owner"}).Refused(403, "")
		narrow.Post(t, "/v1/tokens", Object{"name": "n", "role": "owner", "restrictions": []any{"no-delete"}}).Is(201)
	})

	t.Run("RefuseWhatIsWrong", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		owner.Post(t, "/v1/tokens", Object{}).Invalid("name required", "role required")
		owner.Post(t, "/v1/tokens", Object{"name": nil, "role": ""}).Invalid("name required", "role required")
		owner.Post(t, "/v1/tokens", Object{
			"name": 1, "role": "admin", "restrictions": []any{"no-read"}, "integration": 5, "expiresAt": "tomorrow", "id": "x", "token": "y",
		}).Invalid("name wrong_type", "role invalid_choice", "restrictions invalid_choice", "integration wrong_type", "expiresAt invalid_datetime",
			"id unknown_member", "token unknown_member")
		owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent", "restrictions": "no-delete"}).Invalid("restrictions wrong_type")
		owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent", "expiresAt": "2020-01-01T00:00:00Z"}).InvalidField("expiresAt")
		owner.Post(t, "/v1/tokens", Object{"name": strings.Repeat("n", 101), "role": "agent"}).Invalid("name too_long")
		owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent", "restrictions": nil, "integration": nil, "expiresAt": nil}).Is(201)
		owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent", "restrictions": "", "integration": "", "expiresAt": ""}).Is(201).
			Has(Object{"restrictions": []any{}, "integration": nil, "expiresAt": nil})
	})
}

func TestAPITokensExpire(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	w := Serve(t, clock.Set).Workspace(t)
	owner := w.As(t, "owner")
	made := owner.Post(t, "/v1/tokens", Object{"name": "e", "role": "owner", "expiresAt": clock.Now().Add(72 * time.Hour)}).Is(201).JSON()
	token := owner.With(made.Text("token"))
	lastUsed := func() any { return w.As(t, "owner").All(t, "/v1/tokens")[0]["lastUsedAt"] }
	for range 3 {
		before := clock.Now().UTC().Format(time.DateOnly)
		token.Get(t, "/v1/me").Is(200)
		token.Get(t, "/v1/contacts").Is(200)
		if used := lastUsed(); used != before && used != clock.Now().UTC().Format(time.DateOnly) {
			t.Errorf("lastUsedAt is %v, want %s", used, before)
		}
		clock.Advance(23 * time.Hour)
	}
	clock.Advance(4 * time.Hour)
	used := lastUsed()
	token.Get(t, "/v1/me").Refused(401, "")
	if lastUsed() != used {
		t.Errorf("a refused use counts as one")
	}
	w.As(t, "owner").Delete(t, "/v1/tokens/"+made.ID()).Is(204)
}
