package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAuditOfAWorkspace(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	service := Serve(t, clock.Set)
	w := service.Workspace(t)
	seven, nine := w.As(t, "owner", Sub("user_7")), w.As(t, "owner", Sub("user_9"))
	crm := w.As(t, "agent", Integration("crm"))

	a := seven.Create(t, Object{"city": "Roma"}).ID()
	nine.Patch(t, "/v1/contacts/"+a, Object{"owner": "user_7"}).Is(200)
	crm.Patch(t, "/v1/contacts/"+a, Object{"city": "Bari"}).Is(200)
	clock.Advance(48 * time.Hour)
	seven, nine = w.As(t, "owner", Sub("user_7")), w.As(t, "owner", Sub("user_9"))
	b := seven.Create(t, Object{}).ID()
	nine.Delete(t, "/v1/contacts/"+b).Is(204)
	seven.Patch(t, "/v1/workspace", Object{"timezone": "Europe/Rome"}).Is(200)
	made := nine.Post(t, "/v1/tokens", Object{"name": "sync", "role": "agent", "restrictions": []any{"no-delete"}, "integration": "crm"}).Is(201).JSON()
	nine.Delete(t, "/v1/tokens/"+made.ID()).Is(204)
	w.Complete(t, map[string]int{a: 3, b: 2})

	// told are entries as action and actor, newest first.
	told := func(query string) []string {
		all := []string{}
		for _, e := range seven.All(t, "/v1/audit"+query) {
			all = append(all, fmt.Sprintf("%s by %s", e["action"], e["actor"].(map[string]any)["id"]))
		}
		return all
	}
	all := []string{
		"token.deleted by user_9", "token.created by user_9", "workspace.updated by user_7", "contact.deleted by user_9", "contact.created by user_7",
		"contact.updated by crm", "contact.assigned by user_9", "contact.created by user_7", "workspace.created by local",
	}
	Eventually(t, func() error {
		if diff := cmp.Diff(all, told("")); diff != "" {
			return fmt.Errorf("the log differs (-want +got):\n%s", diff)
		}
		return nil
	})

	t.Run("IsFiltered", func(t *testing.T) {
		entries := seven.All(t, "/v1/audit")
		today := clock.Now().UTC().Format(time.DateOnly)
		before := entries[7].Text("at")[:10]
		for query, keep := range map[string]func(i int, e Object) bool{
			"actor=user_9":                              func(i int, _ Object) bool { return strings.HasSuffix(all[i], "user_9") },
			"actor=crm":                                 func(i int, _ Object) bool { return i == 5 },
			"actor=nobody":                              func(int, Object) bool { return false },
			"action=contact.created":                    func(i int, _ Object) bool { return i == 4 || i == 7 },
			"action=contact.created&actor=user_9":       func(int, Object) bool { return false },
			"action=token.created":                      func(i int, _ Object) bool { return i == 1 },
			"from=" + today:                             func(_ int, e Object) bool { return e.Text("at") >= today },
			"to=" + before:                              func(_ int, e Object) bool { return e.Text("at") < before+"U" },
			"from=" + before + "&to=" + before:          func(_ int, e Object) bool { return strings.HasPrefix(e.Text("at"), before) },
			"from=" + today + "&action=contact.deleted": func(i int, _ Object) bool { return i == 3 },
			"from=2000-01-01&to=2000-12-31":             func(int, Object) bool { return false },
			"from=2100-01-01":                           func(int, Object) bool { return false },
			"from=" + entries[4].Text("at"):             func(_ int, e Object) bool { return e.Text("at") >= entries[4].Text("at") },
			"to=" + entries[6].Text("at"):               func(_ int, e Object) bool { return e.Text("at") <= entries[6].Text("at") },
			"from=" + url.QueryEscape(inZone(t, entries[4].Text("at"))): func(_ int, e Object) bool { return e.Text("at") >= entries[4].Text("at") },
		} {
			want := []string{}
			for i, e := range entries {
				if keep(i, e) {
					want = append(want, e.ID())
				}
			}
			for _, limit := range []int{4, 100} {
				if diff := cmp.Diff(want, IDs(seven.All(t, fmt.Sprintf("/v1/audit?limit=%d&%s", limit, query)))); diff != "" {
					t.Errorf("%s: differs (-want +got):\n%s", query, diff)
				}
			}
		}
		for query, want := range map[string]string{
			"action=contact.eaten": "action", "action=": "action", "from=yesterday": "from", "to=2026-02-31": "to", "to=": "to", "from=2026-11-20T10:00": "from",
			"contact=1": "contact", "actor=": "actor",
		} {
			seven.Get(t, "/v1/audit?"+query).InvalidField(want)
		}
	})

	t.Run("TellsOfSettingsAndTokensWithoutSecrets", func(t *testing.T) {
		entries := seven.All(t, "/v1/audit")
		if diff := cmp.Diff(map[string][2]any{"timezone": {"UTC", "Europe/Rome"}}, changes(t, entries[2])); diff != "" {
			t.Errorf("of the settings: differs (-want +got):\n%s", diff)
		}
		want := map[string][2]any{"name": {nil, "sync"}, "role": {nil, "agent"}, "restrictions": {nil, []any{"no-delete"}}, "integration": {nil, "crm"}}
		if diff := cmp.Diff(want, changes(t, entries[1])); diff != "" {
			t.Errorf("of the token: differs (-want +got):\n%s", diff)
		}
		for _, e := range entries {
			if text := fmt.Sprint(e); strings.Contains(text, made.Text("token")) || strings.Contains(text, "hash") {
				t.Errorf("the log holds a secret: %s", text)
			}
			if e["contactId"] == nil && strings.HasPrefix(e.Text("action"), "contact.") {
				t.Errorf("an entry without its contact: %v", e)
			}
		}
		if kind := entries[8]["actor"].(map[string]any)["type"]; kind != "system" {
			t.Errorf("the workspace was created by a %v, want system", kind)
		}
	})

	t.Run("IsForOwnersAndManagers", func(t *testing.T) {
		w.As(t, "manager").Get(t, "/v1/audit").Is(200)
		w.As(t, "agent").Get(t, "/v1/audit").Refused(403, "")
	})
}

// inZone is the same moment in another zone.
func inZone(t *testing.T, at string) string {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return moment.In(time.FixedZone("", 5*3600+1800)).Format("2006-01-02T15:04:05.000-07:00")
}

// TestAuditMoments asks for the very millisecond of each of many entries: both
// bounds are part of the answer.
func TestAuditMoments(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var mu sync.Mutex
	versions := map[string]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				a, err := owner.Try(t.Context(), "POST", "/v1/contacts", Object{})
				if err != nil {
					t.Error(err)
					return
				}
				a.t = t
				mu.Lock()
				versions[a.JSON().ID()] = 1
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	w.Complete(t, versions)
	for _, e := range w.Log(t) {
		at := e.Text("at")
		if !slices.Contains(IDs(owner.All(t, "/v1/audit?limit=100&from="+at+"&to="+at)), e.ID()) {
			t.Errorf("the entry of %s is not between %s and %s: %v", at, at, at, e)
		}
	}
}
