package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// letter is a message as the model keeps it.
type letter struct {
	minutes, came int
	text          string
	apart         bool
}

// correspondent is what the contract makes of a contact with a phone and no e-mail
// address, which writes, is blocked and unblocked.
type correspondent struct {
	version   int
	blocked   bool
	status    string // "" is no conversation
	unread    bool
	letters   []letter
	channels  map[string]bool
	latest    letter
	latestBy  string
	flags     map[string]bool
	permanent map[string]bool
}

// groups are the flags that channels listen to.
var groups = map[string]string{"email": "email", "sms": "messages", "telegram": "messages", "call": "calls"}

// write is a message that comes in; it may be older than others.
func (c *correspondent) write(by, text string, minutes int) {
	l := letter{minutes, len(c.letters), text, c.blocked}
	c.letters = append(c.letters, l)
	if text == "Basta." {
		if !c.flags[groups[by]] {
			c.version++
		}
		c.flags[groups[by]], c.permanent[groups[by]] = true, true
	}
	if c.blocked {
		return
	}
	c.status, c.unread, c.channels[by] = "open", true, true
	if c.latestBy == "" || minutes >= c.latest.minutes {
		c.latest, c.latestBy = l, by
	}
}

func (c *correspondent) block(blocked bool) {
	if c.blocked != blocked {
		c.version++
	}
	if blocked && !c.blocked {
		c.status = "closed"
	}
	c.blocked = blocked
}

func (c *correspondent) set(flag string, on bool) {
	if c.flags[flag] != on {
		c.flags[flag], c.permanent[flag] = on, false
		c.version++
	}
}

// shown are the texts of its messages, newest first, those of one time in the order
// in which they came.
func (c *correspondent) shown(apart bool) (texts []string) {
	all := slices.DeleteFunc(slices.Clone(c.letters), func(l letter) bool { return l.apart && !apart })
	slices.SortFunc(all, func(a, b letter) int {
		if a.minutes != b.minutes {
			return b.minutes - a.minutes
		}
		return b.came - a.came
	})
	for _, l := range all {
		texts = append(texts, l.text)
	}
	return texts
}

// reach is the channel to take; "" if none may be.
func (c *correspondent) reach() string {
	allowed := func(by string) bool {
		has := by == "sms" || by == "call" || by == "telegram" && c.channels[by] // it has no e-mail address
		return has && !c.blocked && !c.flags[groups[by]]
	}
	switch {
	case allowed(c.latestBy):
		return c.latestBy
	case allowed("sms"):
		return "sms"
	case allowed("call"):
		return "call"
	}
	return ""
}

// TestConversation writes, blocks and unblocks in every order, and holds what is
// shown then against the model.
func TestConversation(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	events := 0
	rapid.Check(t, func(r *rapid.T) {
		id := owner.Create(t, Object{"phone": "+390612345678"}).ID()
		path := "/v1/contacts/" + id
		c := correspondent{version: 1, channels: map[string]bool{}, flags: map[string]bool{}, permanent: map[string]bool{}}
		kinds := []string{"email", "sms", "telegram", "call"}
		for range rapid.IntRange(1, 14).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"write", "write", "write", "again", "block", "unblock", "remove", "flag"}).Draw(r, "step") {
			case "write":
				events++
				by, minutes := rapid.SampledFrom(kinds).Draw(r, "channel"), rapid.IntRange(0, 3).Draw(r, "minutes")
				text := rapid.SampledFrom([]string{"hello", "basta così", "Basta."}).Draw(r, "text")
				channel.Post(t, "/v1/events", message(fmt.Sprint("e", events), id, by, text, minutes)).Is(202)
				c.write(by, text, minutes)
			case "again":
				if events > 0 {
					channel.Post(t, "/v1/events", message(fmt.Sprint("e", events), id, "email", "never seen", 9)).Is(202)
				}
			case "block":
				owner.Post(t, path+"/block", nil).Is(200)
				c.block(true)
			case "unblock":
				owner.Post(t, path+"/unblock", nil).Is(200)
				c.block(false)
			case "remove":
				by := rapid.SampledFrom(kinds).Draw(r, "channel")
				status := 404
				if c.channels[by] {
					status = 204
				}
				owner.Delete(t, path+"/channels/"+by).Is(status)
				delete(c.channels, by)
			case "flag":
				flag, on := rapid.SampledFrom([]string{"email", "messages", "calls"}).Draw(r, "flag"), rapid.Bool().Draw(r, "on")
				owner.Put(t, path+"/dnd", Object{flag: on}).Is(200)
				c.set(flag, on)
			}
		}
		c.compare(t, r, owner, path)
	})
	w.Verified(t)
}

func (c *correspondent) compare(t *testing.T, r *rapid.T, owner *Client, path string) {
	differ := func(what string, want, got any) {
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%s (-model +served):\n%s", what, diff)
		}
	}
	shown := owner.Get(t, path).Is(200).JSON()
	differ("version", c.version, shown.Version())
	var conversation any
	if c.status != "" {
		conversation = map[string]any{"status": c.status, "unread": c.unread}
	}
	differ("conversation", conversation, shown["conversation"])
	differ("messages", c.shown(false), textsOf(t, owner, path, ""))
	differ("messages, those apart too", c.shown(true), textsOf(t, owner, path, "?includeBlocked=true&limit=2"))
	states := statesOf(t, owner, path)
	for _, by := range []string{"email", "sms", "telegram", "call"} {
		want := map[bool]string{true: "inactive", false: "unavailable"}[by == "sms" || by == "call"]
		if c.channels[by] {
			want = "active"
		}
		differ("state of "+by, want, states[by])
	}
	dnd := owner.Get(t, path+"/dnd").Is(200).JSON()
	for flag := range map[string]bool{"email": true, "messages": true, "calls": true} {
		got := dnd[flag].(map[string]any)
		differ(flag, []any{c.flags[flag], c.permanent[flag]}, []any{got["on"], got["permanent"]})
	}
	preferred := ""
	for _, i := range owner.Get(t, path+"/reachability").Is(200).JSON()["items"].([]any) {
		if x := i.(map[string]any); x["default"] == true {
			preferred, _ = x["channel"].(string)
		}
	}
	differ("default channel", c.reach(), preferred)
}
