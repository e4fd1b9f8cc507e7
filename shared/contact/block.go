package contact

import (
	"github.com/go-json-experiment/json"

	"rubrica/shared/consent"
	"rubrica/shared/instant"
	"rubrica/shared/object"
)

// Block is that a contact is kept away (B1): nothing goes out to it, what it
// writes is kept apart. The zero Block is none.
type Block struct {
	At instant.Instant `json:"at"`
	// By is who did it, a user or an integration: besides owners and managers only
	// they lift it.
	ByType string `json:"byType"`
	By     string `json:"by"`
	Reason string `json:"reason,omitzero"`
}

// Conversation is where the conversation with a contact stands; zero where there
// was none.
type Conversation struct {
	Status string `json:"status"`
	Unread bool   `json:"unread"`
}

// The statuses of a conversation.
const (
	Open   = "open"
	Closed = "closed"
)

// IsBlocked tells whether the contact is blocked.
func (c *Contact) IsBlocked() bool { return c.Block != (Block{}) }

// Blocked returns the contact as blocked, its conversation closed, also where
// there was none, and no automation running, at the moment of the change, UpdatedAt.
// One that is blocked stays as it is, the reason included.
func Blocked(c Contact, b Block) (Contact, error) {
	if c.IsBlocked() {
		return c, nil
	}
	c = c.Clone()
	b.At = c.UpdatedAt
	c.Block, c.Conversation.Status, c.Automations = b, Closed, nil
	return c, c.settle()
}

// Unblocked returns the contact as no longer blocked; its conversation stays closed.
func Unblocked(c Contact) (Contact, error) {
	c = c.Clone()
	c.Block = Block{}
	return c, c.settle()
}

// WithDND returns the contact with flags of do-not-disturb set. One that is as it
// shall be stays as it is, its reason included.
func WithDND(c Contact, set map[consent.Flag]bool, to consent.Setting) (Contact, error) {
	c = c.Clone()
	for flag, on := range set {
		if c.DND[flag].On == on {
			continue
		}
		if c.DND == nil {
			c.DND = consent.DND{}
		}
		to.On = on
		c.DND[flag] = to
	}
	return c, c.settle()
}

// StoppedBy returns the contact after its own stop word (D1): the flag is on for
// good. One that is on already only becomes permanent, the rest of it stays.
func StoppedBy(c Contact, flag consent.Flag, word string, at instant.Instant) Contact {
	to := c.DND[flag]
	if to.On && to.Permanent {
		return c
	}
	if !to.On {
		to = consent.Setting{On: true, Reason: word, By: byContact, At: at}
	}
	to.Permanent = true
	c = c.Clone()
	if c.DND == nil {
		c.DND = consent.DND{}
	}
	c.DND[flag] = to
	return c
}

// byContact is who did it where it was the contact itself.
const byContact = "contact"

// Person is what counts of the contact for whether it can be reached.
func (c *Contact) Person() consent.Person {
	p := consent.Person{
		Blocked: c.IsBlocked(), Inactive: c.Inactive, DND: c.DND, Latest: c.Latest.Channel,
		HasEmail: c.Email != "" || len(c.OtherEmails) > 0, HasPhone: c.Phone != "" || len(c.OtherPhones) > 0,
	}
	for _, x := range c.Connections {
		p.Wrote = append(p.Wrote, x.Account)
	}
	return p
}

// dndView is do-not-disturb as a contact shows it.
type dndView struct {
	All      bool `json:"all"`
	Email    bool `json:"email"`
	Messages bool `json:"messages"`
	Calls    bool `json:"calls"`
	Inbound  bool `json:"inbound"`
}

func dndOf(d consent.DND) dndView {
	return dndView{d[consent.All].On, d[consent.Email].On, d[consent.Messages].On, d[consent.Calls].On, d[consent.Inbound].On}
}

func (c *Contact) compareConsent(add func(field string, from, to any), after *Contact) {
	for _, flag := range consent.Flags {
		if from, to := c.DND[flag].On, after.DND[flag].On; from != to {
			add("dnd."+string(flag), c.orNothing(from), to)
		}
	}
}

func (c *Contact) compareBlock(add func(field string, from, to any), after *Contact) {
	if from, to := c.IsBlocked(), after.IsBlocked(); from != to {
		add("blocked", c.orNothing(from), to)
	}
}

// storeRare writes members that few contacts have.
func (c *Contact) storeRare(w *object.Writer) {
	if len(c.DND) > 0 {
		appendJSON(w, "dnd", c.DND)
	}
	if c.IsBlocked() {
		appendJSON(w, "block", c.Block)
	}
	if c.Conversation != (Conversation{}) {
		appendJSON(w, "conversation", c.Conversation)
	}
	if len(c.Connections) > 0 {
		appendJSON(w, "connections", c.Connections)
	}
	if c.Latest != (Latest{}) {
		appendJSON(w, "latest", c.Latest)
	}
	w.TextsUnlessEmpty("automations", c.Automations)
}

func readJSON(value string, into any) error { return json.Unmarshal([]byte(value), into) }
