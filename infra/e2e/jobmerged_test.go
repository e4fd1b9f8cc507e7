package e2e

import (
	"testing"
)

// TestAnAbsorbedContactStandsForItsSurvivorInAJob: it counts, and what is done is
// done to who stands for it; a second deletion of that one finds nothing to do.
func TestAnAbsorbedContactStandsForItsSurvivorInAJob(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	c := ws.As(t, "owner")
	ids := created(t, c, 3)
	merge(t, c, ids[0], ids[1])
	merge(t, c, ids[2], ids[0])
	j := c.job(t, Object{"type": "tag", "tags": []any{"checked"}, "select": named(ids...)})
	came(t, j, "completed", 3, 3, 0, 0)
	if tags := c.Contact(t, ids[2])["tags"].([]any); len(tags) != 1 {
		t.Errorf("tags %v", tags)
	}
	j = c.job(t, Object{"type": "delete", "select": named(ids...), "confirm": 3})
	came(t, j, "completed", 3, 1, 0, 2)
	for _, id := range ids {
		c.Get(t, "/v1/contacts/"+id).Refused(410, "gone")
	}
	came(t, c.job(t, Object{"type": "delete", "select": named(ids[1]), "confirm": 1}), "completed", 1, 0, 0, 1)
	ws.Verified(t)
}

// TestAFilterAsksForChannels: the kinds and the accounts of a contact's channels.
func TestAFilterAsksForChannels(t *testing.T) {
	t.Parallel()
	ws := Serve(t).Workspace(t)
	c, system := ws.As(t, "owner"), ws.As(t, "owner", Integration("meta"))
	ids := created(t, c, 2)
	system.Post(t, "/v1/events", Object{
		"id": "e1", "type": "message.received", "at": "2026-11-20T09:30:00Z", "contact": ids[0], "data": Object{"channel": "whatsapp", "text": "Hello"},
	}).Is(202)
	for value, want := range map[string]int{"whatsapp": 1, "sms": 0} {
		page := c.Post(t, "/v1/contacts/search", Object{"filter": Object{"field": "channel", "op": "eq", "value": value}}).Is(200).JSON()
		if items := page["items"].([]any); len(items) != want {
			t.Errorf("%s: %d contacts", value, len(items))
		}
	}
}
