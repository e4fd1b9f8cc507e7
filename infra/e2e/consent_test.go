package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlock(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, anna, bert := w.As(t, "owner"), w.As(t, "agent", Sub("anna")), w.As(t, "agent", Sub("bert"))
	id := owner.Create(t, Object{"email": "a@example.com"}).ID()
	other := owner.Create(t, Object{"vip": true}).ID()
	path := "/v1/contacts/" + id
	got := anna.Post(t, path+"/block", Object{"reason": "spam"}).Is(200).HasHeader("ETag", `"2"`).JSON()
	if got["blocked"] != true || got["blockedAt"] != got["updatedAt"] || cmp.Diff(map[string]any{"status": "closed", "unread": false}, got["conversation"]) != "" {
		t.Errorf("%v", got)
	}
	anna.Post(t, path+"/block", Object{"reason": "again"}).Is(200).Has(Object{"version": 2})
	if ids := idsOf(t, owner, "/v1/contacts?blocked=true"); !slices.Equal(ids, []string{id}) {
		t.Errorf("blocked: %v", ids)
	}
	if ids := idsOf(t, owner, "/v1/contacts?blocked=false"); !slices.Equal(ids, []string{other}) {
		t.Errorf("not blocked: %v", ids)
	}
	if ids := idsOf(t, owner, "/v1/contacts"); !slices.Equal(ids, []string{other, id}) {
		t.Errorf("both: %v", ids)
	}
	owner.Get(t, path+"/neighbors?blocked=false").Is(200).Has(Object{"previous": other})
	bert.Post(t, path+"/unblock", nil, "If-Match", `"1"`).Refused(403, "forbidden") // before the version is looked at
	anna.Post(t, path+"/unblock", nil, "If-Match", `"1"`).Refused(412, "stale")
	un := anna.Post(t, path+"/unblock", nil).Is(200).JSON()
	if un["blocked"] != false || un["blockedAt"] != nil || un.Version() != 3 || un["conversation"].(map[string]any)["status"] != "closed" {
		t.Errorf("%v", un)
	}
	bert.Post(t, path+"/unblock", Object{}).Is(200).Has(Object{"version": 3})
	bert.Post(t, path+"/block", nil).Is(200)
	owner.Post(t, path+"/unblock", Object{"reason": "a mistake"}).Is(200)
	owner.Post(t, path+"/block", Object{"why": "x"}).Invalid("why unknown_member")
	owner.Patch(t, path, Object{"blocked": true, "blockedAt": nil, "dnd": nil, "conversation": nil}).
		Invalid("blocked read_only", "blockedAt read_only", "dnd read_only", "conversation read_only")
	var log []string
	for _, e := range owner.All(t, path+"/audit") {
		reason := any(nil)
		if d, ok := e["detail"].(map[string]any); ok {
			reason = d["reason"]
		}
		log = append(log, fmt.Sprint(e.Text("action"), " ", e["actor"].(map[string]any)["id"], " ", reason))
	}
	user := owner.Get(t, "/v1/me").JSON().Text("sub")
	if diff := cmp.Diff([]string{
		"contact.unblocked " + user + " a mistake", "contact.blocked bert <nil>", "contact.unblocked anna <nil>", "contact.blocked anna spam", "contact.created " + user + " <nil>",
	}, log); diff != "" {
		t.Error(diff)
	}
	w.Complete(t, w.Versions(t, id, other))
	w.Verified(t)
}

func TestDND(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, anna := w.As(t, "owner"), w.As(t, "agent", Sub("anna"))
	id := owner.Create(t, Object{"email": "a@example.com", "phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	off := Object{"on": false, "permanent": false}
	owner.Get(t, path+"/dnd").Is(200).Has(Object{"all": off, "email": off, "messages": off, "calls": off, "inbound": off})
	got := anna.Put(t, path+"/dnd", Object{"email": true, "calls": true, "inbound": false, "reason": "asked"}).Is(200).JSON()
	if diff := cmp.Diff(map[string]any{"all": false, "email": true, "messages": false, "calls": true, "inbound": false}, got["dnd"]); diff != "" || got.Version() != 2 {
		t.Errorf("%v: %s", got, diff)
	}
	on := Object{"on": true, "reason": "asked", "by": "anna", "at": got["updatedAt"], "permanent": false}
	owner.Get(t, path+"/dnd").Is(200).Has(Object{"email": on, "calls": on, "inbound": off})
	owner.Put(t, path+"/dnd", Object{"email": true, "reason": "other"}).Is(200).Has(Object{"version": 2}) // changes nothing, the reason neither
	owner.Get(t, path+"/dnd").Has(Object{"email": on})
	owner.Put(t, path+"/dnd", Object{"calls": false, "email": nil}).Is(200).Has(Object{"version": 3})
	if _, shown := owner.Get(t, path).JSON()["dnd"]; shown {
		t.Error("flags that are all off are shown")
	}
	owner.Put(t, path+"/dnd", Object{"email": "yes", "sms": true, "reason": 1}).Invalid("email wrong_type", "sms unknown_member", "reason wrong_type")
	var log []string
	for _, e := range owner.All(t, path+"/audit")[:2] {
		for _, c := range e["changes"].([]any) {
			c := c.(map[string]any)
			log = append(log, fmt.Sprint(e.Text("action"), " ", c["field"], " ", c["from"], " ", c["to"]))
		}
	}
	if diff := cmp.Diff([]string{
		"contact.dnd_changed dnd.email true false", "contact.dnd_changed dnd.calls true false", "contact.dnd_changed dnd.email false true", "contact.dnd_changed dnd.calls false true",
	}, log); diff != "" {
		t.Error(diff)
	}
	w.Verified(t)
}

func TestReachability(t *testing.T) {
	t.Parallel()
	owner := Serve(t).Workspace(t).As(t, "owner")
	reach := func(path string) string {
		t.Helper()
		text := ""
		for _, i := range owner.Get(t, path+"/reachability").Is(200).JSON()["items"].([]any) {
			r := i.(map[string]any)
			mark := ""
			if r["default"] == true {
				mark = "*"
			}
			text += fmt.Sprint(r["channel"], mark, r["reasons"])
			if (len(r["reasons"].([]any)) == 0) != (r["allowed"] == true) {
				t.Errorf("%v", r)
			}
		}
		return text
	}
	path := "/v1/contacts/" + owner.Create(t, Object{"phone": "+390612345678"}).ID()
	for _, c := range []struct{ method, path, body, want string }{
		{"", "", "", "email[no_address]sms*[]whatsapp[]call[]facebook[unavailable]instagram[unavailable]telegram[unavailable]"},
		{"PATCH", "", `{"otherEmails":["a@example.com"]}`, "email*[]sms[]whatsapp[]call[]facebook[unavailable]instagram[unavailable]telegram[unavailable]"},
		{"PUT", "/dnd", `{"email":true,"messages":true}`, "email[dnd_email]sms[dnd_messages]whatsapp[dnd_messages]call*[]facebook[dnd_messages unavailable]instagram[dnd_messages unavailable]telegram[dnd_messages unavailable]"},
		{"PATCH", "", `{"status":"inactive"}`, "email[dnd_email inactive]sms[dnd_messages inactive]whatsapp[dnd_messages inactive]call[inactive]facebook[dnd_messages inactive unavailable]instagram[dnd_messages inactive unavailable]telegram[dnd_messages inactive unavailable]"},
		{"PUT", "/dnd", `{"email":false,"messages":false,"all":true}`, "email[dnd_all inactive]sms[dnd_all inactive]whatsapp[dnd_all inactive]call[dnd_all inactive]facebook[dnd_all inactive unavailable]instagram[dnd_all inactive unavailable]telegram[dnd_all inactive unavailable]"},
		{"POST", "/block", `{}`, "email[blocked dnd_all inactive]sms[blocked dnd_all inactive]whatsapp[blocked dnd_all inactive]call[blocked dnd_all inactive]facebook[blocked dnd_all inactive unavailable]instagram[blocked dnd_all inactive unavailable]telegram[blocked dnd_all inactive unavailable]"},
	} {
		if c.method != "" {
			owner.Do(t, c.method, path+c.path, c.body).Is(200)
		}
		if diff := cmp.Diff(c.want, reach(path)); diff != "" {
			t.Errorf("after %s: %s", c.body, diff)
		}
	}
}
