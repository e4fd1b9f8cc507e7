// Package contact is what a contact is, and the rules of changing one by hand:
// members and their formats, merge patches, provenance, identities, and what
// differs between two states. All of it is pure: contacts in, contacts out; no
// table, no clock, no network.
//
// What happens to contacts in storage is the ledger's; what the wire looks like
// beyond the contact itself is api/contacts'.
package contact

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/consent"
	"rubrica/shared/instant"
	"rubrica/shared/tag"
)

// Limits of one contact. Over them is 400 too_many.
const (
	MaxOthers      = 10 // other e-mail addresses, and as many phones
	MaxExternalIDs = 10
	MaxFollowers   = 20
	MaxTags        = tag.MaxPerContact
)

// Contact is the state of a person at one version. It is stored as it stands
// here; the zero value is "there is none".
type Contact struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`

	FirstName string `json:"firstName,omitzero"`
	LastName  string `json:"lastName,omitzero"`

	// Email and Phone are the main ones; spelling is kept as given. The others
	// never repeat a main one, nor each other, in any spelling.
	Email       string            `json:"email,omitzero"`
	Phone       string            `json:"phone,omitzero"`
	OtherEmails []string          `json:"otherEmails,omitempty"`
	OtherPhones []string          `json:"otherPhones,omitempty"`
	ExternalIDs map[string]string `json:"externalIds,omitempty"`

	DateOfBirth   string `json:"dateOfBirth,omitzero"`
	Source        string `json:"source,omitzero"`
	Type          string `json:"type,omitzero"`
	BusinessName  string `json:"businessName,omitzero"`
	StreetAddress string `json:"streetAddress,omitzero"`
	City          string `json:"city,omitzero"`
	State         string `json:"state,omitzero"`
	PostalCode    string `json:"postalCode,omitzero"`
	Country       string `json:"country,omitzero"`
	Website       string `json:"website,omitzero"`
	Timezone      string `json:"timezone,omitzero"`
	Language      string `json:"language,omitzero"`
	Department    string `json:"department,omitzero"`
	Description   string `json:"description,omitzero"`

	Owner     string   `json:"owner,omitzero"`
	Followers []string `json:"followers,omitempty"`
	// Inactive is the status; a contact is active unless somebody says not.
	Inactive bool `json:"inactive,omitzero"`
	VIP      bool `json:"vip,omitzero"`

	// CompanyID is the company's; one that was deleted is shown nowhere, and leaves
	// with the next write.
	CompanyID string `json:"companyId,omitzero"`
	// Profile is as the channels gave it, that of the latest; Validation is what the
	// CRM said of the contact. Both are zero where nobody did.
	Profile    Profile    `json:"profile,omitzero"`
	Validation Validation `json:"validation,omitzero"`

	// DND is what the contact has switched off; Block keeps it away.
	DND          consent.DND  `json:"dnd,omitempty"`
	Block        Block        `json:"block,omitzero"`
	Conversation Conversation `json:"conversation,omitzero"`

	// Connections are its channels, Latest the message that says which one counts;
	// Automations are those that run. None of them is a member: what they show is
	// asked for by itself, and changes without a version.
	Connections []Connection `json:"connections,omitempty"`
	Latest      Latest       `json:"latest,omitzero"`
	Automations []string     `json:"automations,omitempty"`

	// Tags are ids of tags, in the order in which they were given. One of a tag
	// that was deleted is shown nowhere, and leaves with the next write.
	Tags []string `json:"tags,omitempty"`

	// Fields are the values of custom fields, by the id of their definition: those
	// of a field that was deleted are shown nowhere, and leave with the next write.
	Fields map[string]jsontext.Value `json:"fields,omitempty"`

	// Origins says where a member's value came from, if not from a hand.
	Origins map[string]Origin `json:"origins,omitempty"`

	// MergedIDs are the contacts that it absorbed, theirs included: it is found by
	// their ids for ever. FirstCreatedAt is when the oldest of all was created, zero
	// unless there are any. LostIDs are external ids, "system:key", of theirs that
	// are not shown since another key of their system is; they find it all the same.
	MergedIDs      []string        `json:"mergedIds,omitempty"`
	FirstCreatedAt instant.Instant `json:"firstCreatedAt,omitzero"`
	LostIDs        []string        `json:"lostIds,omitempty"`

	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

// Origin is where the value of a member came from. A value that has none was
// given by hand, which nothing but a hand replaces (C8).
type Origin string

// The origins weaker than a hand, weakest first.
const (
	Derived Origin = "derived" // a country read off the phone
	Channel Origin = "channel"
	CRM     Origin = "crm"
)

// Exists tells a contact from the zero Contact.
func (c *Contact) Exists() bool { return c.ID != "" }

// Name is what to call the contact: first and last name, else the name that it
// shows on its channel, else its e-mail, else its phone, else "".
func (c *Contact) Name() string {
	switch {
	case c.FirstName != "" && c.LastName != "":
		return c.FirstName + " " + c.LastName
	case c.FirstName != "":
		return c.FirstName
	case c.LastName != "":
		return c.LastName
	case c.Profile.DisplayName != "":
		return c.Profile.DisplayName
	case c.Email != "":
		return c.Email
	default:
		return c.Phone
	}
}

// Status is "active" or "inactive".
func (c *Contact) Status() string {
	if c.Inactive {
		return Inactive
	}
	return Active
}

// The two statuses.
const (
	Active   = "active"
	Inactive = "inactive"
)

// AssignedTo tells whether the user is its owner or follows it.
func (c *Contact) AssignedTo(user string) bool {
	return c.Owner == user || c.Follows(user)
}

// Follows tells whether the user follows it.
func (c *Contact) Follows(user string) bool { return slices.Contains(c.Followers, user) }

// Clone returns a copy that shares nothing with c.
func (c Contact) Clone() Contact {
	c.OtherEmails = slices.Clone(c.OtherEmails)
	c.OtherPhones = slices.Clone(c.OtherPhones)
	c.ExternalIDs = maps.Clone(c.ExternalIDs)
	c.Followers = slices.Clone(c.Followers)
	c.Origins = maps.Clone(c.Origins)
	c.Fields = maps.Clone(c.Fields)
	c.Tags = slices.Clone(c.Tags)
	c.DND = maps.Clone(c.DND)
	c.MergedIDs = slices.Clone(c.MergedIDs)
	c.LostIDs = slices.Clone(c.LostIDs)
	c.Connections = slices.Clone(c.Connections)
	c.Automations = slices.Clone(c.Automations)
	return c
}

// SameWithin tells whether two states that show no difference are the same in
// what raises no version either: where values came from, values of deleted fields,
// deleted tags, a deleted company; the conversation, channels, automations, and
// whether do-not-disturb is for good.
func (c *Contact) SameWithin(other *Contact) bool {
	return c.CompanyID == other.CompanyID && maps.Equal(c.Origins, other.Origins) && len(c.Fields) == len(other.Fields) && len(c.Tags) == len(other.Tags) &&
		c.Conversation == other.Conversation && c.Latest == other.Latest && slices.Equal(c.Connections, other.Connections) &&
		slices.Equal(c.Automations, other.Automations) && maps.Equal(c.DND, other.DND)
}

// from notes where a member's value came from; a hand leaves no note.
func (c *Contact) from(member string, o Origin) {
	if o == "" {
		delete(c.Origins, member)
		return
	}
	if c.Origins == nil {
		c.Origins = map[string]Origin{}
	}
	c.Origins[member] = o
}
