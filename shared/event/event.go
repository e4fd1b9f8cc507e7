// Package event is what comes in from channels and other systems (N2): which
// events there are, what their bodies must be, and what each makes of a contact.
// Pure rules: contacts in, contacts out. That an event is handled once, with all
// that follows from it, is the ledger's.
package event

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/channel"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// Type is what happened.
type Type string

// The types.
const (
	ChannelConnected  Type = "channel.connected"
	MessageReceived   Type = "message.received"
	AutomationStarted Type = "automation.started"
	AutomationStopped Type = "automation.stopped"
)

// Limits of an event's members.
const (
	maxID         = 255
	maxText       = 10_000
	maxAutomation = 255
	maxKind       = 63
	// ahead is how far in the future an event may lie, in milliseconds: clocks
	// differ, but a message of next year would be the latest one until then.
	ahead = instant.Instant(24 * 60 * 60 * 1000)
)

// Event is one event, its form checked.
type Event struct {
	// ID is its sender's; one that comes again is the same event.
	ID   string
	Type Type
	At   instant.Instant
	// Ref is the contact that it is about; Unnamed is why there can be none of
	// that name, which is told as for a path: after all that is wrong with the body.
	Ref     contact.Ref
	Unnamed error

	// automation is of automation.…, the rest of channels and their messages.
	automation string
	account    string
	channel    channel.Kind
	link       string
	kind       string
	text       string
	said       contact.Offer
}

// Read takes an event's body; now is the clock's. What is wrong is noted in the form.
func Read(f *body.Form, now instant.Instant) Event {
	e := Event{
		ID: f.Text("id", maxID), At: f.Time("at"),
		Type: Type(f.Choice("type", string(ChannelConnected), string(MessageReceived), string(AutomationStarted), string(AutomationStopped))),
	}
	f.Require("id", e.ID != "" || f.Refused("id"))
	f.Require("type", e.Type != "" || f.Refused("type"))
	f.Require("at", e.At != 0 || f.Refused("at"))
	if e.At > now+ahead {
		f.Refuse("at", body.CodeInvalid, "Must not be more than a day in the future.")
	}
	named := f.Text("contact", format.MaxText)
	f.Require("contact", named != "" || f.Refused("contact"))
	if named != "" {
		var err error
		if e.Ref, err = contact.ParseRef(named); problem.Is(err, problem.Validation) {
			f.Add(problem.Of(err).Fields...)
		} else {
			e.Unnamed = err
		}
	}
	data := f.Object("data")
	f.Require("data", data != nil || f.Refused("data"))
	if e.Type != "" { // of no known type it is not known what is wrong with it
		e.readData(data)
	}
	return e
}

func (e *Event) readData(f *body.Form) {
	if f == nil {
		return
	}
	defer f.Close()
	switch e.Type {
	case AutomationStarted, AutomationStopped:
		e.automation = f.Text("automation", maxAutomation)
		f.Require("automation", e.automation != "" || f.Refused("automation"))
	case ChannelConnected:
		e.readChannel(f)
		e.link, _ = f.Parsed("link", format.URL)
	case MessageReceived:
		e.readChannel(f)
		e.readMessage(f)
	}
}

// readChannel takes which channel it was, and how the contact shows itself there.
func (e *Event) readChannel(f *body.Form) {
	kind, ok := f.Parsed("channel", channel.ParseKind)
	e.channel, e.account = channel.Kind(kind), f.Text("channelId", maxID)
	f.Require("channel", kind != "" || e.account != "" || !ok && f.Refused("channel") || f.Refused("channelId"))
	if profile := f.Object("profile"); profile != nil {
		e.said = contact.ReadProfile(profile)
		profile.Close()
	}
}

// text is what a message's kind is unless it says otherwise.
const text = "text"

// readMessage takes a message. Its text is kept as it came, whatever characters it
// has: what somebody wrote is not ours to mend.
func (e *Event) readMessage(f *body.Form) {
	if e.kind = f.Text("kind", maxKind); e.kind == "" {
		e.kind = text
	}
	v, given := f.Take("text")
	switch s, isText := body.Text(v); {
	case !given || v.Kind() == 'n':
	case !isText:
		f.Refuse("text", body.CodeType, "Must be a string.")
	case utf8.RuneCountInString(s) > maxText:
		f.Refuse("text", body.CodeTooLong, "At most "+strconv.Itoa(maxText)+" characters.")
	default:
		e.text = s
	}
	f.Require("text", e.text != "" || e.kind != text || f.Refused("text"))
}

// Check says what is wrong with an event as the workspace's accounts tell.
func (e *Event) Check(accounts *channel.Set) error {
	if e.automation != "" {
		return nil
	}
	_, err := accounts.Named(e.account, e.channel)
	return err
}

// Apply returns the contact as the event leaves it. A message of one that is blocked
// changes nothing, but for its own stop word; no automation starts with it.
func (e *Event) Apply(before contact.Contact, accounts *channel.Set) (contact.Contact, error) {
	switch e.Type {
	case AutomationStarted:
		return contact.Started(before, e.automation)
	case AutomationStopped:
		return contact.Stopped(before, e.automation)
	}
	account, err := accounts.Named(e.account, e.channel)
	if err != nil {
		return before, err
	}
	if e.Type == ChannelConnected {
		return contact.Connected(before, account, accounts, e.At, e.link, e.said)
	}
	after := before
	if word := e.StopWord(); word != "" {
		after = contact.StoppedBy(before, consent.Group(account.Channel), word, e.At)
	}
	if before.IsBlocked() {
		return after, nil
	}
	return contact.Wrote(after, account, accounts, e.At, e.said)
}

// StopWord is the message's text, in one line, if that is a stop word, else "".
func (e *Event) StopWord() string {
	if e.Type != MessageReceived || !consent.IsStopWord(e.text) {
		return ""
	}
	return strings.Join(strings.Fields(e.text), " ")
}

// Without returns the event without a member of those that it says of the contact
// besides its profile: that may be what another contact has, or what nobody may
// change now, and is no reason to lose a message. ok is false where nothing is left to
// do without.
func (e Event) Without(member string) (less Event, ok bool) {
	e.said, ok = e.said.Without(member)
	return e, ok
}

// Message is what is kept of a message. ChannelID is the account that it came by.
type Message struct {
	ChannelID string       `json:"channelId"`
	Channel   channel.Kind `json:"channel"`
	Direction string       `json:"direction"`
	Kind      string       `json:"kind"`
	Text      string       `json:"text,omitzero"`
}

// inbound is the direction of what the contact wrote.
const inbound = "inbound"

// Message returns what is to be kept; nil for what is no message.
func (e *Event) Message(accounts *channel.Set) (jsontext.Value, error) {
	if e.Type != MessageReceived {
		return nil, nil
	}
	account, err := accounts.Named(e.account, e.channel)
	if err != nil {
		return nil, err
	}
	return json.Marshal(Message{account.ID, account.Channel, inbound, e.kind, e.text})
}
