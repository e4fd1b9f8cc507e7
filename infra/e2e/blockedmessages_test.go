package e2e

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMessagesOfTheBlocked stay apart, also after an unblock: they open nothing,
// connect nothing and are not the latest.
func TestMessagesOfTheBlocked(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{"phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	send := func(name, by string, minutes int) {
		t.Helper()
		channel.Post(t, "/v1/events", event(name, "message.received", id, minutes, Object{"channel": by, "text": name, "profile": Object{"displayName": name, "lastName": name}})).Is(202)
	}
	conversation := func(status string, unread bool) {
		t.Helper()
		owner.Get(t, path).Has(Object{"conversation": Object{"status": status, "unread": unread}})
	}
	send("before", "whatsapp", 1)
	conversation("open", true)
	owner.Post(t, path+"/block", nil).Is(200).Has(Object{"version": 3, "conversation": Object{"status": "closed", "unread": true}})
	send("while", "telegram", 2)
	conversation("closed", true)
	owner.Get(t, path).Has(Object{"version": 3, "lastName": "before", "profile": Object{"displayName": "before"}})
	owner.Post(t, path+"/unblock", nil).Is(200)
	conversation("closed", true)
	if states := statesOf(t, owner, path); states["telegram"] != "unavailable" || states["whatsapp"] != "active" || states["sms"] != "inactive" {
		t.Errorf("%v", states)
	}
	for query, want := range map[string][]string{
		"":                                      {"before"},
		"?includeBlocked=false":                 {"before"},
		"?includeBlocked=true":                  {"while", "before"},
		"?includeBlocked=true&limit=1":          {"while", "before"},
		"?includeBlocked=true&channel=telegram": {"while"},
	} {
		if diff := cmp.Diff(want, textsOf(t, owner, path, query)); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
	send("after", "sms", 3)
	conversation("open", true)
	owner.Get(t, path).Has(Object{"profile": Object{"displayName": "after"}})
	if diff := cmp.Diff([]string{"after", "before"}, textsOf(t, owner, path, "")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"after", "while", "before"}, textsOf(t, owner, path, "?includeBlocked=true&limit=2")); diff != "" {
		t.Error(diff)
	}
	w.Complete(t, w.Versions(t, id))
	w.Verified(t)
}

func TestStopWords(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, manager, agent := w.As(t, "owner"), w.As(t, "manager"), w.As(t, "agent")
	channel := w.As(t, "agent", Integration("x"))
	n := 0
	send := func(id, by, text string) {
		t.Helper()
		n++
		channel.Post(t, "/v1/events", message("e"+string(rune('A'+n)), id, by, text, n)).Is(202)
	}
	id := owner.Create(t, Object{"email": "a@example.it", "phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	send(id, "whatsapp", "please stop")
	send(id, "whatsapp", "stop it")
	owner.Get(t, path).Has(Object{"version": 1})
	send(id, "whatsapp", " S t o p ! \n.")
	owner.Get(t, path).Has(Object{"version": 2, "dnd": Object{"all": false, "email": false, "messages": true, "calls": false, "inbound": false}})
	dnd := owner.Get(t, path+"/dnd").Has(Object{"messages": Object{"on": true, "permanent": true, "by": "contact", "reason": "S t o p ! .", "at": stamp(3)}})
	if dnd["email"].(map[string]any)["on"] != false {
		t.Errorf("%v", dnd)
	}
	agent.Put(t, path+"/dnd", Object{"messages": false}).Refused(409, "dnd_permanent")
	set := agent.Put(t, path+"/dnd", Object{"messages": true, "email": true}).Is(200).Has(Object{"version": 3})["updatedAt"]
	// On a flag that is on, it only makes it permanent.
	send(id, "email", "BASTA")
	owner.Get(t, path).Has(Object{"version": 3})
	owner.Get(t, path+"/dnd").Has(Object{"email": Object{"on": true, "permanent": true, "by": "user_1", "at": set}})
	agent.Put(t, path+"/dnd", Object{"email": false}).Refused(409, "dnd_permanent")
	manager.Put(t, path+"/dnd", Object{"email": false}).Is(200).Has(Object{"version": 4})
	owner.Put(t, path+"/dnd", Object{"messages": false}).Is(200).Has(Object{"version": 5})
	agent.Put(t, path+"/dnd", Object{"messages": true}).Is(200)
	agent.Put(t, path+"/dnd", Object{"messages": false}).Is(200) // what an agent set is no longer for good
	if diff := cmp.Diff([]string{"contact.dnd_changed", "contact.dnd_changed", "contact.dnd_changed", "contact.dnd_changed", "contact.dnd_changed", "contact.dnd_changed", "contact.created"}, actionsOf(t, owner, path)); diff != "" {
		t.Error(diff)
	}
	first := owner.All(t, path+"/audit")[5]
	if who := first["actor"].(map[string]any); who["type"] != "integration" || first["detail"].(map[string]any)["reason"] != "S t o p ! ." {
		t.Errorf("%v", first)
	}
	// From a blocked contact too: the flag alone changes.
	owner.Post(t, path+"/block", nil).Is(200).Has(Object{"version": 8})
	send(id, "call", "Cancelar")
	owner.Get(t, path).Has(Object{"version": 9, "dnd": Object{"all": false, "email": false, "messages": false, "calls": true, "inbound": false}, "conversation": Object{"status": "closed", "unread": true}})
	if got := textsOf(t, owner, path, ""); len(got) != 4 {
		t.Errorf("%q", got)
	}
	w.Complete(t, w.Versions(t, id))
	w.Verified(t)
}

// TestMessagesRaceBlocks: a message that comes while somebody blocks or unblocks is in
// the conversation or apart, once, and the contact is as the last of both left it.
func TestMessagesRaceBlocks(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{}).ID()
	path := "/v1/contacts/" + id
	const senders, each = 4, 12
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				channel.Post(t, "/v1/events", message(fmt.Sprint(s, "/", i), id, "telegram", fmt.Sprint(s, "/", i), i)).Is(202)
			}
		})
	}
	wg.Go(func() {
		for i := range each {
			owner.Post(t, path+[]string{"/block", "/unblock"}[i%2], nil).Is(200)
			owner.Patch(t, path, Object{"city": fmt.Sprint("Roma ", i)}).Is(200)
		}
	})
	wg.Wait()
	shown, all := textsOf(t, owner, path, "?limit=7"), textsOf(t, owner, path, "?limit=7&includeBlocked=true")
	if distinct := slices.Compact(slices.Sorted(slices.Values(all))); len(all) != senders*each || len(distinct) != len(all) {
		t.Errorf("%d messages, %d of them different, want %d", len(all), len(distinct), senders*each)
	}
	if kept := slices.DeleteFunc(slices.Clone(all), func(text string) bool { return !slices.Contains(shown, text) }); !slices.Equal(kept, shown) {
		t.Errorf("%q are not those of %q in their order", shown, all)
	}
	owner.Get(t, path).Has(Object{"version": 1 + 2*each, "blocked": false})
	if active := statesOf(t, owner, path)["telegram"] == "active"; active != (len(shown) > 0) {
		t.Errorf("%d messages in the conversation, the channel active: %t", len(shown), active)
	}
	w.Complete(t, w.Versions(t, id))
	w.Verified(t)
}
