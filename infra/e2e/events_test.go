package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stamp is a time as the wire has it, some minutes after a fixed one.
func stamp(minutes int) string {
	return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05.000Z")
}

// event is the body of an event.
func event(id, kind, contact string, minutes int, data Object) Object {
	return Object{"id": id, "type": kind, "at": stamp(minutes), "contact": contact, "data": data}
}

// message is the body of an event of a text.
func message(id, contact, channel, text string, minutes int) Object {
	return event(id, "message.received", contact, minutes, Object{"channel": channel, "text": text})
}

// textsOf are the texts of a contact's messages, newest first.
func textsOf(t *testing.T, c *Client, path, query string) []string {
	t.Helper()
	var texts []string
	for _, m := range c.All(t, path+"/messages"+query) {
		texts = append(texts, m.Text("text"))
	}
	return texts
}

// statesOf are the states of a contact's channels, by their ids.
func statesOf(t *testing.T, c *Client, path string) map[string]string {
	t.Helper()
	states := map[string]string{}
	for _, i := range c.Get(t, path+"/channels").Is(200).JSON()["items"].([]any) {
		x := Object(i.(map[string]any))
		states[x.ID()] = x.Text("state")
	}
	return states
}

// actionsOf are the actions of a contact's log, newest first.
func actionsOf(t *testing.T, c *Client, path string) []string {
	t.Helper()
	var actions []string
	for _, e := range c.All(t, path+"/audit") {
		actions = append(actions, e.Text("action"))
	}
	return actions
}

func TestMessageReceived(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, whatsapp := w.As(t, "owner"), w.As(t, "agent", Integration("whatsapp"))
	id := owner.Create(t, Object{"phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	if _, shown := owner.Get(t, path).JSON()["conversation"]; shown {
		t.Error("a conversation that there never was")
	}
	a := whatsapp.Post(t, "/v1/events", message("m1", id, "whatsapp", " Ciao\t\u0007!\n", 1)).Is(202)
	if len(a.Body) > 0 {
		t.Errorf("answered %s", a.Body)
	}
	open := Object{"status": "open", "unread": true}
	got := owner.Get(t, path).Is(200).HasHeader("ETag", `"1"`).Has(Object{"version": 1, "conversation": open})
	if got["updatedAt"] != got["createdAt"] {
		t.Error("a message is no update")
	}
	whatsapp.Post(t, "/v1/events", event("m0", "message.received", "phone:+390612345678", 0, Object{"channelId": "sms", "kind": "image", "text": "earlier"})).Is(202)
	whatsapp.Post(t, "/v1/events", event("m2", "message.received", "id:"+id, 2, Object{"channel": "email", "channelId": "email", "kind": "image"})).Is(202)
	items := owner.Get(t, path+"/messages").Is(200).JSON()["items"].([]any)
	want := []any{
		map[string]any{"channelId": "email", "channel": "email", "direction": "inbound", "kind": "image", "at": stamp(2)},
		map[string]any{"channelId": "whatsapp", "channel": "whatsapp", "direction": "inbound", "kind": "text", "text": " Ciao\t\u0007!\n", "at": stamp(1)},
		map[string]any{"channelId": "sms", "channel": "sms", "direction": "inbound", "kind": "image", "text": "earlier", "at": stamp(0)},
	}
	for _, i := range items {
		delete(i.(map[string]any), "id")
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Error(diff)
	}
	for query, texts := range map[string][]string{"?channel=sms": {"earlier"}, "?channel=whatsapp&limit=1": {" Ciao\t\u0007!\n"}, "?channel=telegram": nil} {
		if diff := cmp.Diff(texts, textsOf(t, owner, path, query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	owner.Get(t, path+"/messages?includeBlocked=yes&chanel=x").Invalid("includeBlocked invalid_choice", "chanel unknown_parameter")
	if diff := cmp.Diff([]string{"contact.created"}, actionsOf(t, owner, path)); diff != "" {
		t.Error(diff)
	}
	w.Complete(t, w.Versions(t, id))
	w.Verified(t)
}

// TestMessagesOfOneTime are told in the order in which they came.
func TestMessagesOfOneTime(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
	var want []string
	for i := range 12 {
		text := fmt.Sprint("message ", i)
		channel.Post(t, "/v1/events", message(text, strings.TrimPrefix(path, "/v1/contacts/"), "sms", text, 7)).Is(202)
		want = append([]string{text}, want...)
	}
	for _, query := range []string{"", "?limit=5", "?limit=1&includeBlocked=true"} {
		if diff := cmp.Diff(want, textsOf(t, owner, path, query)); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
}

func TestEventIsHandledOnce(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id, other := owner.Create(t, Object{}).ID(), owner.Create(t, Object{}).ID()
	path := "/v1/contacts/" + id
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { channel.Post(t, "/v1/events", message("same", id, "telegram", "hello", 1)).Is(202) })
	}
	wg.Wait()
	// Whatever the rest: another type, another contact or none, another key, data of no form at all.
	channel.Post(t, "/v1/events", message("same", other, "sms", "bye", 2), "Idempotency-Key", "k1").Is(202)
	channel.Post(t, "/v1/events", event("same", "automation.started", "ext:sap:none", 9, Object{"automation": "a"})).Is(202)
	channel.Post(t, "/v1/events", Object{"id": "same", "type": 7, "when": "x"}).Is(202)
	if got := textsOf(t, owner, path, ""); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if got := textsOf(t, owner, "/v1/contacts/"+other, ""); len(got) != 0 {
		t.Errorf("%q", got)
	}
	owner.Delete(t, path).Is(204)
	channel.Post(t, "/v1/events", message("same", id, "telegram", "hello", 1)).Is(202)
	channel.Post(t, "/v1/events", message("other", id, "telegram", "hello", 1)).Refused(410, "gone")
	// An event that was refused is none: it may come again.
	channel.Post(t, "/v1/events", message("again", "email:late@example.it", "email", "hello", 1)).Refused(404, "not_found")
	late := owner.Create(t, Object{"email": "late@example.it"}).ID()
	channel.Post(t, "/v1/events", message("again", "email:late@example.it", "email", "hello", 1), "Idempotency-Key", "k2").Is(202)
	channel.Post(t, "/v1/events", message("again", "email:late@example.it", "email", "hello", 1), "Idempotency-Key", "k2").Is(202)
	if got := textsOf(t, owner, "/v1/contacts/"+late, ""); len(got) != 1 {
		t.Errorf("%q", got)
	}
	w.Verified(t)
}

func TestEventsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{"email": "twice@example.it"}).ID()
	owner.Create(t, Object{"email": "twice@example.it"})
	good := func() Object { return message("e", id, "sms", "hi", 1) }
	owner.Post(t, "/v1/events", good()).Refused(403, "forbidden")
	with := func(member string, value any) Object {
		e := good()
		e[member] = value
		return e
	}
	data := func(kind string, data Object) Object { return event("e", kind, id, 1, data) }
	for name, c := range map[string]struct {
		body Object
		want []string
	}{
		"nothing":                {Object{}, []string{"id required", "type required", "at required", "contact required", "data required"}},
		"of the wrong types":     {Object{"id": 1, "type": 2, "at": 3, "contact": 4, "data": 5}, []string{"id wrong_type", "type wrong_type", "at wrong_type", "contact wrong_type", "data wrong_type"}},
		"an unknown type":        {with("type", "message.sent"), []string{"type invalid_choice"}},
		"an unknown member":      {with("workspace", "ws"), []string{"workspace unknown_member"}},
		"a long id":              {with("id", strings.Repeat("x", 256)), []string{"id too_long"}},
		"no time":                {with("at", "yesterday"), []string{"at invalid_datetime"}},
		"a time of next year":    {with("at", "2999-01-01T00:00:00Z"), []string{"at invalid_value"}},
		"a time before all":      {with("at", "1969-01-01T00:00:00Z"), []string{"at invalid_value"}},
		"no address":             {with("contact", "email:x"), []string{"contact invalid_email"}},
		"no channel":             {data("message.received", Object{"text": "x"}), []string{"data.channel required"}},
		"no text":                {data("message.received", Object{"channel": "sms"}), []string{"data.text required"}},
		"a long text":            {data("message.received", Object{"channel": "sms", "text": strings.Repeat("è", 10_001)}), []string{"data.text too_long"}},
		"a text that is none":    {data("message.received", Object{"channel": "sms", "text": 1}), []string{"data.text wrong_type"}},
		"a link of a message":    {data("message.received", Object{"channel": "sms", "text": "x", "link": "https://x.example"}), []string{"data.link unknown_member"}},
		"a text of a connection": {data("channel.connected", Object{"channel": "sms", "text": "x", "link": "x"}), []string{"data.text unknown_member", "data.link invalid_url"}},
		"a bad profile":          {data("channel.connected", Object{"channel": "sms", "profile": Object{"email": "x", "nick": "y"}}), []string{"data.profile.email invalid_email", "data.profile.nick unknown_member"}},
		"no automation":          {data("automation.started", Object{"channel": "sms"}), []string{"data.automation required", "data.channel unknown_member"}},
		"no known channel":       {data("message.received", Object{"channel": "fax", "text": "x"}), []string{"data.channel unknown_channel"}},
		"no channel's name":      {data("message.received", Object{"channel": "Whats App", "text": "x"}), []string{"data.channel invalid_channel"}},
		"no known account":       {data("message.received", Object{"channelId": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": "x"}), []string{"data.channelId unknown_channel"}},
		"two channels":           {data("message.received", Object{"channelId": "sms", "channel": "email", "text": "x"}), []string{"data.channel invalid_value"}},
	} {
		t.Run(name, func(t *testing.T) { channel.Post(t, "/v1/events", c.body).Invalid(c.want...) })
	}
	channel.Post(t, "/v1/events", with("contact", "email:twice@example.it")).Refused(409, "ambiguous_identity")
	channel.Post(t, "/v1/events", with("contact", "nobody")).Refused(404, "not_found")
	channel.Post(t, "/v1/events", with("contact", "ext:sap:K")).Refused(404, "not_found")
	channel.Post(t, "/v1/events", with("data", Object{"channel": "fax", "text": "x"}), "Idempotency-Key", "k").Invalid("data.channel unknown_channel")
	narrow := w.As(t, "agent", Integration("x"), Restricted("only-assigned"))
	narrow.Post(t, "/v1/events", good()).Refused(404, "not_found")
	channel.Post(t, "/v1/events", good()).Is(202) // nothing of all that was handled
	if got := textsOf(t, owner, "/v1/contacts/"+id, ""); len(got) != 1 {
		t.Errorf("%q", got)
	}
	w.Verified(t)
}
