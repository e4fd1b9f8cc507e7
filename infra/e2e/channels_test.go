package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, manager, agent := w.As(t, "owner"), w.As(t, "manager"), w.As(t, "agent")
	accounts := func() []any { return agent.Get(t, "/v1/channels").Is(200).JSON()["items"].([]any) }
	if got := accounts(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	a := owner.Post(t, "/v1/channels", Object{"channel": "whatsapp", "name": "Support"}).Is(201)
	one := a.Has(Object{"channel": "whatsapp", "name": "Support", "connected": true}).ID()
	a.HasHeader("Location", "/v1/channels/"+one)
	two := owner.Post(t, "/v1/channels", Object{"channel": "web-chat", "connected": false}).Is(201).Has(Object{"channel": "web-chat", "name": "web-chat", "connected": false}).ID()
	owner.Patch(t, "/v1/channels/"+one, Object{"name": "Help"}).Is(200).Has(Object{"id": one, "channel": "whatsapp", "name": "Help", "connected": true})
	owner.Patch(t, "/v1/channels/"+one, Object{"name": "Help"}).Is(200)
	owner.Patch(t, "/v1/channels/"+two, Object{"name": nil, "connected": nil}).Is(200).Has(Object{"id": two, "channel": "web-chat", "name": "web-chat", "connected": true})
	want := []any{
		map[string]any{"id": one, "channel": "whatsapp", "name": "Help", "connected": true},
		map[string]any{"id": two, "channel": "web-chat", "name": "web-chat", "connected": true},
	}
	if diff := cmp.Diff(want, accounts()); diff != "" {
		t.Error(diff)
	}
	owner.Post(t, "/v1/channels", Object{}).Invalid("channel required")
	owner.Post(t, "/v1/channels", Object{"channel": "Fax!", "name": strings.Repeat("x", 101), "connected": "yes", "id": "x", "kind": 1}).
		Invalid("channel invalid_channel", "name too_long", "connected wrong_type", "id read_only", "kind unknown_member")
	owner.Patch(t, "/v1/channels/"+one, Object{"channel": "sms", "id": "x"}).Invalid("channel read_only", "id read_only")
	owner.Patch(t, "/v1/channels/none", Object{}).Refused(404, "not_found")
	owner.Delete(t, "/v1/channels/none").Refused(404, "not_found")
	for _, c := range []*Client{manager, agent} {
		c.Post(t, "/v1/channels", Object{"channel": "sms"}).Refused(403, "forbidden")
		c.Patch(t, "/v1/channels/"+one, Object{"name": "x"}).Refused(403, "forbidden")
		c.Delete(t, "/v1/channels/"+one).Refused(403, "forbidden")
	}
	owner.Delete(t, "/v1/channels/"+one).Is(204)
	owner.Delete(t, "/v1/channels/"+one).Refused(404, "not_found")
	if diff := cmp.Diff(want[1:], accounts()); diff != "" {
		t.Error(diff)
	}
	Eventually(t, func() error {
		var log []string
		for _, e := range w.Log(t) {
			if strings.HasPrefix(e.Text("action"), "channel.") {
				line := e.Text("action")
				for _, c := range e["changes"].([]any) {
					c := c.(map[string]any)
					line += fmt.Sprint(" ", c["field"], ":", c["from"], ">", c["to"])
				}
				log = append(log, line)
			}
		}
		if diff := cmp.Diff([]string{
			"channel.deleted channel:whatsapp><nil> name:Help><nil> connected:true><nil>", "channel.updated connected:false>true", "channel.updated name:Support>Help",
			"channel.created channel:<nil>>web-chat name:<nil>>web-chat connected:<nil>>false", "channel.created channel:<nil>>whatsapp name:<nil>>Support connected:<nil>>true",
		}, log); diff != "" {
			return fmt.Errorf("%s", diff)
		}
		return nil
	})
	w.Verified(t)
}

func TestAccountsLimit(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	for range 100 {
		owner.Post(t, "/v1/channels", Object{"channel": "sms"}).Is(201)
	}
	owner.Post(t, "/v1/channels", Object{"channel": "sms"}).Invalid("channel too_many")
}

func TestContactChannels(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, manager, agent, channel := w.As(t, "owner"), w.As(t, "manager"), w.As(t, "agent"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{"phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	states := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, statesOf(t, agent, path)); diff != "" {
			t.Error(diff)
		}
	}
	unused := map[string]string{"email": "unavailable", "sms": "inactive", "whatsapp": "inactive", "call": "inactive", "facebook": "unavailable", "instagram": "unavailable", "telegram": "unavailable"}
	states(unused)
	profile := Object{"displayName": "Mari", "handle": "@mari"}
	channel.Post(t, "/v1/events", event("c1", "channel.connected", id, 1, Object{"channel": "instagram", "link": "https://instagram.com/direct/1", "profile": profile})).Is(202)
	channel.Post(t, "/v1/events", message("m1", id, "instagram", "hi", 5)).Is(202)
	channel.Post(t, "/v1/events", message("m2", id, "instagram", "an older one", 3)).Is(202)
	channel.Post(t, "/v1/events", event("c2", "channel.connected", id, 9, Object{"channelId": "instagram"})).Is(202)
	var got any
	for _, i := range agent.Get(t, path+"/channels").JSON()["items"].([]any) {
		if i.(map[string]any)["id"] == "instagram" {
			got = i
		}
	}
	if diff := cmp.Diff(any(map[string]any{
		"id": "instagram", "channel": "instagram", "name": "instagram", "state": "active", "connectedAt": stamp(1), "lastMessageAt": stamp(5),
		"link": "https://instagram.com/direct/1", "profile": map[string]any{"displayName": "Mari", "handle": "@mari"},
	}), got); diff != "" {
		t.Error(diff)
	}
	// Its profile is shown, which is a change as any other; all the rest is none.
	agent.Get(t, path).Has(Object{"version": 2, "profile": profile, "name": "Mari"})

	agent.Delete(t, path+"/channels/instagram").Refused(403, "forbidden")
	manager.Delete(t, path+"/channels/sms").Refused(404, "not_found")
	manager.Delete(t, path+"/channels/instagram", "If-Match", `"1"`).Refused(412, "stale")
	manager.Delete(t, path+"/channels/instagram", "If-Match", `"2"`).Is(204)
	manager.Delete(t, path+"/channels/instagram").Refused(404, "not_found")
	states(unused)
	agent.Get(t, path).Has(Object{"version": 2, "profile": profile})
	if diff := cmp.Diff([]string{"hi", "an older one"}, textsOf(t, agent, path, "")); diff != "" {
		t.Error(diff)
	}
	newest := owner.All(t, path+"/audit")[0]
	if newest.Text("action") != "contact.channel_removed" || newest["version"] != nil || newest["detail"].(map[string]any)["id"] != "instagram" {
		t.Errorf("%v", newest)
	}
	channel.Post(t, "/v1/events", message("m3", id, "instagram", "again", 10)).Is(202)
	if statesOf(t, agent, path)["instagram"] != "active" {
		t.Error("it cannot be connected again")
	}
	w.Verified(t)
}

// TestChannelsOfAccounts: with accounts registered a channel is an account's.
func TestChannelsOfAccounts(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{"phone": "+390612345678"}).ID()
	path := "/v1/contacts/" + id
	channel.Post(t, "/v1/events", message("m0", id, "telegram", "by no account", 0)).Is(202)
	register := func(kind string) string {
		return owner.Post(t, "/v1/channels", Object{"channel": kind}).Is(201).JSON().ID()
	}
	phone, chat, chat2 := register("whatsapp"), register("telegram"), register("telegram")
	states := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, statesOf(t, owner, path)); diff != "" {
			t.Error(diff)
		}
	}
	states(map[string]string{phone: "inactive", chat: "unavailable", chat2: "unavailable"})
	send := func(name string, data Object, minutes int) *Answer {
		data["text"] = name
		return channel.Post(t, "/v1/events", event(name, "message.received", id, minutes, data))
	}
	send("of two", Object{"channel": "telegram"}, 1).Invalid("data.channelId required")
	send("of none", Object{"channel": "sms"}, 1).Invalid("data.channel unknown_channel")
	send("of no more", Object{"channelId": "telegram"}, 1).Invalid("data.channelId unknown_channel")
	send("of the only one", Object{"channel": "whatsapp"}, 1).Is(202)
	send("of the first", Object{"channel": "telegram", "channelId": chat}, 2).Is(202)
	states(map[string]string{phone: "active", chat: "active", chat2: "unavailable"})
	owner.Patch(t, "/v1/channels/"+chat, Object{"connected": false}).Is(200)
	states(map[string]string{phone: "active", chat: "unavailable", chat2: "unavailable"})
	send("of the connected one", Object{"channel": "telegram"}, 3).Is(202)
	owner.Patch(t, "/v1/channels/"+chat, Object{"connected": true}).Is(200)
	states(map[string]string{phone: "active", chat: "active", chat2: "active"})
	if diff := cmp.Diff([]string{"of the connected one"}, textsOf(t, owner, path, "?channel="+chat2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"of the connected one", "of the first", "by no account"}, textsOf(t, owner, path, "?channel=telegram")); diff != "" {
		t.Error(diff)
	}
	reach := map[string]string{}
	register("fax")
	for _, i := range owner.Get(t, path+"/reachability").Is(200).JSON()["items"].([]any) {
		x := i.(map[string]any)
		reach[fmt.Sprint(x["channel"])] = fmt.Sprint(x["default"], x["reasons"])
	}
	if diff := cmp.Diff(map[string]string{
		"email": "false [no_address no_account]", "sms": "false [no_account]", "whatsapp": "false []", "call": "false [no_account]", "telegram": "true []",
		"facebook": "false [unavailable no_account]", "instagram": "false [unavailable no_account]", "fax": "false [unavailable]",
	}, reach); diff != "" {
		t.Error(diff)
	}
	for _, account := range []string{phone, chat, chat2, owner.Get(t, "/v1/channels").JSON()["items"].([]any)[3].(map[string]any)["id"].(string)} {
		owner.Delete(t, "/v1/channels/"+account).Is(204)
	}
	if got := statesOf(t, owner, path); got["telegram"] != "active" || got["whatsapp"] != "inactive" || len(got) != 7 {
		t.Errorf("%v", got) // as before there were accounts
	}
	w.Verified(t)
}

func TestChannelsLimit(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	id := owner.Create(t, Object{}).ID()
	var accounts []string
	for range 21 {
		accounts = append(accounts, owner.Post(t, "/v1/channels", Object{"channel": "telegram"}).Is(201).JSON().ID())
	}
	connect := func(account string) *Answer {
		return channel.Post(t, "/v1/events", event(account, "channel.connected", id, 1, Object{"channelId": account}))
	}
	for _, account := range accounts[:20] {
		connect(account).Is(202)
	}
	connect(accounts[20]).Invalid("channels too_many")
	owner.Delete(t, "/v1/channels/"+accounts[0]).Is(204)
	connect(accounts[20]).Is(202) // in the place of the one that is gone
	for i := range 51 {
		a := channel.Post(t, "/v1/events", event(fmt.Sprint("a", i), "automation.started", id, 1, Object{"automation": fmt.Sprint(i)}))
		if i < 50 {
			a.Is(202)
		} else {
			a.Invalid("data.automation too_many")
		}
	}
	channel.Post(t, "/v1/events", event("stopped", "automation.stopped", id, 1, Object{"automation": "3"})).Is(202)
	channel.Post(t, "/v1/events", event("a50", "automation.started", id, 1, Object{"automation": "50"})).Is(202)
	owner.Post(t, "/v1/contacts/"+id+"/block", nil).Is(200) // which stops all of them
	channel.Post(t, "/v1/events", event("blocked", "automation.started", id, 1, Object{"automation": "blocked"})).Is(202)
	owner.Post(t, "/v1/contacts/"+id+"/unblock", nil).Is(200).Has(Object{"version": 3})
	for i := range 50 {
		channel.Post(t, "/v1/events", event(fmt.Sprint("b", i), "automation.started", id, 1, Object{"automation": fmt.Sprint("again ", i)})).Is(202)
	}
	channel.Post(t, "/v1/events", event("b50", "automation.started", id, 1, Object{"automation": "one more"})).Invalid("data.automation too_many")
	w.Verified(t)
}

// TestWhatChannelsSay of a contact never replaces what others gave, and keeps no
// message out.
func TestWhatChannelsSay(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	other := owner.Create(t, Object{"email": "taken@example.it"}).ID()
	id := owner.Create(t, Object{"phone": "+390612345678", "lastName": "Rossi"}).ID()
	path := "/v1/contacts/" + id
	send := func(name, by string, minutes int, profile Object) {
		t.Helper()
		channel.Post(t, "/v1/events", event(name, "message.received", id, minutes, Object{"channel": by, "text": name, "profile": profile})).Is(202)
	}
	send("one", "telegram", 5, Object{"displayName": "T", "firstName": "Maria", "lastName": "Bianchi", "country": "FR", "language": "it"})
	owner.Get(t, path).Has(Object{"version": 2, "firstName": "Maria", "lastName": "Rossi", "country": "FR", "language": "it", "profile": Object{"displayName": "T"}})
	send("older", "instagram", 1, Object{"displayName": "I"})
	owner.Get(t, path).Has(Object{"version": 2, "profile": Object{"displayName": "T"}})
	channel.Post(t, "/v1/events", event("c", "channel.connected", id, 9, Object{"channel": "instagram", "profile": Object{"displayName": "J"}})).Is(202)
	owner.Get(t, path).Has(Object{"version": 2, "profile": Object{"displayName": "T"}}) // not that of the latest message
	channel.Post(t, "/v1/events", message("newer", id, "instagram", "newer", 6)).Is(202)
	owner.Get(t, path).Has(Object{"version": 3, "profile": Object{"displayName": "J"}})
	// What it says may not be kept: another's address, a phone that a campaign needs.
	owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
	send("taken", "instagram", 7, Object{"displayName": "K", "email": "taken@example.it"})
	owner.Get(t, path).Has(Object{"version": 4, "email": nil, "profile": Object{"displayName": "K"}})
	if diff := cmp.Diff([]string{"taken", "newer", "one", "older"}, textsOf(t, owner, path, "")); diff != "" {
		t.Error(diff)
	}
	w.Complete(t, w.Versions(t, id, other))
	w.Verified(t)
}
