package contact

import (
	"slices"

	"github.com/go-json-experiment/json"

	"rubrica/shared/body"
	"rubrica/shared/channel"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// Connection is a channel that a contact has by one of the workspace's accounts
// (H1, H2). It stays when the account is gone, and is shown by nothing then.
type Connection struct {
	// Account is the account's id.
	Account       string          `json:"account"`
	Channel       channel.Kind    `json:"channel"`
	ConnectedAt   instant.Instant `json:"connectedAt"`
	LastMessageAt instant.Instant `json:"lastMessageAt,omitzero"`
	// Link leads to the conversation at the network where it has one.
	Link string `json:"link,omitzero"`
	// Profile is as the contact shows itself there.
	Profile Profile `json:"profile,omitzero"`
}

// Latest is the latest of the contact's messages that count: those that came while
// it was blocked do not. The zero Latest is none.
type Latest struct {
	Account string          `json:"account"`
	Channel channel.Kind    `json:"channel"`
	At      instant.Instant `json:"at"`
}

// Limits of what a contact's row carries of its channels and automations.
const (
	MaxConnections = 20
	MaxAutomations = 50
	// maxConnectionBytes bounds all profiles and links together, so that the row
	// stays within what one may have.
	maxConnectionBytes = 64 << 10
)

// Connection returns the contact's channel by an account.
func (c *Contact) Connection(account string) (Connection, bool) {
	i := c.connectionAt(account)
	if i < 0 {
		return Connection{}, false
	}
	return c.Connections[i], true
}

func (c *Contact) connectionAt(account string) int {
	return slices.IndexFunc(c.Connections, func(x Connection) bool { return x.Account == account })
}

// connect returns the contact's channel by an account, made if there is none. Over
// the limit those by accounts that are no more make room.
func (c *Contact) connect(account channel.Account, accounts *channel.Set, at instant.Instant) *Connection {
	if i := c.connectionAt(account.ID); i >= 0 {
		return &c.Connections[i]
	}
	if len(c.Connections) >= MaxConnections {
		c.Connections = slices.DeleteFunc(c.Connections, func(x Connection) bool { _, there := accounts.Find(x.Account); return !there })
	}
	c.Connections = append(c.Connections, Connection{Account: account.ID, Channel: account.Channel, ConnectedAt: at})
	return &c.Connections[len(c.Connections)-1]
}

// checkConnections says which limits the contact's channels break.
func (c *Contact) checkConnections() error {
	if len(c.Connections) > MaxConnections {
		return problem.InvalidField("channels", body.CodeTooMany, "%s", tooMany(len(c.Connections), MaxConnections))
	}
	if b, err := json.Marshal(c.Connections); err != nil || len(b) > maxConnectionBytes {
		return problem.InvalidField("channels", body.CodeTooMany, "Profiles and links of all channels together take at most %d KiB.", maxConnectionBytes>>10)
	}
	return nil
}

// Connected returns the contact with a channel by the account (H2): the one that it
// has stays, its link and profile are those given now, if any are. The profile is
// shown while no message says whose is.
func Connected(c Contact, account channel.Account, accounts *channel.Set, at instant.Instant, link string, said Offer) (Contact, error) {
	c = c.Clone()
	x := c.connect(account, accounts, at)
	if link != "" {
		x.Link = link
	}
	if said.shows() {
		x.Profile = *said.profile
	}
	return said.spoken(c, c.Latest == (Latest{}) || c.Latest.Account == account.ID)
}

// Wrote returns the contact after a message of its own that counts: it has a channel
// by the account, its conversation is open and unread. One that is older than the
// latest changes neither what is latest nor which profile is shown.
func Wrote(c Contact, account channel.Account, accounts *channel.Set, at instant.Instant, said Offer) (Contact, error) {
	c = c.Clone()
	x := c.connect(account, accounts, at)
	if said.shows() && at >= x.LastMessageAt {
		x.Profile = *said.profile
	}
	x.LastMessageAt = max(x.LastMessageAt, at)
	latest := at >= c.Latest.At
	if latest {
		c.Latest = Latest{account.ID, account.Channel, at}
		if x.Profile != (Profile{}) {
			c.Profile = x.Profile
		}
	}
	c.Conversation = Conversation{Status: Open, Unread: true}
	return said.spoken(c, latest)
}

// Disconnected returns the contact without its channel by an account; its history
// stays, and so does what it shows of itself. problem.NotFound if it has none.
func Disconnected(c Contact, account string) (after Contact, gone Connection, err error) {
	i := c.connectionAt(account)
	if i < 0 {
		return c, gone, problem.New(problem.NotFound, "The contact has no channel with this id.")
	}
	gone = c.Connections[i]
	c = c.Clone()
	c.Connections = slices.Delete(c.Connections, i, i+1)
	return c, gone, nil
}

// Started returns the contact with an automation running; for one that is blocked
// none does (B1).
func Started(c Contact, automation string) (Contact, error) {
	if c.IsBlocked() || slices.Contains(c.Automations, automation) {
		return c, nil
	}
	if len(c.Automations) >= MaxAutomations {
		return c, problem.InvalidField("data.automation", body.CodeTooMany, "%s", tooMany(len(c.Automations)+1, MaxAutomations))
	}
	c = c.Clone()
	c.Automations = append(c.Automations, automation)
	return c, nil
}

// Stopped returns the contact without an automation running.
func Stopped(c Contact, automation string) (Contact, error) {
	c = c.Clone()
	c.Automations = slices.DeleteFunc(c.Automations, func(a string) bool { return a == automation })
	return c, nil
}

// shows tells whether the offer has something of how the contact shows itself.
func (o *Offer) shows() bool { return o.profile != nil && *o.profile != (Profile{}) }

// Without returns the offer without a member, for a channel whose word may not be what
// keeps a message out; without all but the profile if it says nothing of the member,
// so that it is for another reason that it may not be kept. ok is false where nothing
// is left to do without.
func (o Offer) Without(member string) (less Offer, ok bool) {
	switch member {
	case "country":
		// Not derived either: the phone can be set all the same.
		if less = o.without(member); !o.keepCountry {
			less.keepCountry = true
			return less, true
		}
	case "otherEmails": // from which the main one is taken
		member = "email"
	case "otherPhones":
		member = "phone"
	}
	if less = o.without(member); len(less.texts) == len(o.texts) {
		less.texts = nil
	}
	return less, len(o.texts) > 0
}

func (o Offer) without(member string) Offer {
	o.texts = slices.DeleteFunc(slices.Clone(o.texts), func(s textSet) bool { return s.member.Name == member })
	return o
}

// spoken applies what a channel said with an event; its profile only if it is the
// one to show.
func (o *Offer) spoken(c Contact, shown bool) (Contact, error) {
	if err := c.checkConnections(); err != nil {
		return c, err
	}
	said := *o
	if said.from = Channel; !shown || !said.shows() {
		said.profile = nil
	}
	return said.Apply(c, "", 0)
}
