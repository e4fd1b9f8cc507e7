package channel_test

import (
	"testing"

	"rubrica/shared/channel"
	"rubrica/shared/problem"
)

func TestStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live, connected, addressed bool
		want                       channel.State
	}{
		{true, true, true, channel.Active},
		{true, true, false, channel.Active},
		{true, false, true, channel.Inactive},
		{true, false, false, channel.Unavailable},
		{false, true, true, channel.Unavailable},
		{false, false, true, channel.Unavailable},
	} {
		if got := (channel.Account{Connected: c.live}).StateFor(c.connected, c.addressed); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

// TestNamed: an event names an account by its id, by its kind where that is enough,
// or by both where they fit.
func TestNamed(t *testing.T) {
	t.Parallel()
	none := &channel.Set{}
	some := &channel.Set{Accounts: []channel.Account{
		{ID: "1", Channel: "sms", Connected: false}, {ID: "2", Channel: "telegram", Connected: true}, {ID: "3", Channel: "telegram", Connected: false},
		{ID: "4", Channel: "fax", Connected: true}, {ID: "5", Channel: "fax", Connected: true},
	}}
	for _, c := range []struct {
		set    *channel.Set
		id     string
		kind   channel.Kind
		want   string // the account, "" for none
		reason string
	}{
		{none, "", "whatsapp", "whatsapp", ""},
		{none, "whatsapp", "", "whatsapp", ""},
		{none, "whatsapp", "whatsapp", "whatsapp", ""},
		{none, "whatsapp", "sms", "", "data.channel invalid_value"},
		{none, "", "fax", "", "data.channel unknown_channel"},
		{none, "2", "", "", "data.channelId unknown_channel"},
		{some, "whatsapp", "", "", "data.channelId unknown_channel"},
		{some, "", "whatsapp", "", "data.channel unknown_channel"},
		{some, "", "sms", "1", ""},
		{some, "", "telegram", "2", ""},
		{some, "3", "telegram", "3", ""},
		{some, "", "fax", "", "data.channelId required"},
	} {
		a, err := c.set.Named(c.id, c.kind)
		reason := ""
		if err != nil {
			f := problem.Of(err).Fields[0]
			reason = f.Field + " " + f.Code
		}
		if reason != c.reason || err == nil && a.ID != c.want {
			t.Errorf("%q and %q are %q, refused for %q; want %q, %q", c.id, c.kind, a.ID, reason, c.want, c.reason)
		}
	}
}
