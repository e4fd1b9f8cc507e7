package contact

import (
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/instant"
	"rubrica/shared/object"
)

// View is a contact as the wire shows it. Members of the contract that this
// contact does not have are left out, but for those that are always there.
type View struct {
	ID            string                    `json:"id"`
	Version       int64                     `json:"version"`
	FirstName     string                    `json:"firstName,omitzero"`
	LastName      string                    `json:"lastName,omitzero"`
	Name          string                    `json:"name"`
	Email         string                    `json:"email,omitzero"`
	Phone         string                    `json:"phone,omitzero"`
	OtherEmails   []string                  `json:"otherEmails,omitempty"`
	OtherPhones   []string                  `json:"otherPhones,omitempty"`
	ExternalIDs   map[string]string         `json:"externalIds,omitempty"`
	DateOfBirth   string                    `json:"dateOfBirth,omitzero"`
	Source        string                    `json:"source,omitzero"`
	Type          string                    `json:"type,omitzero"`
	BusinessName  string                    `json:"businessName,omitzero"`
	StreetAddress string                    `json:"streetAddress,omitzero"`
	City          string                    `json:"city,omitzero"`
	State         string                    `json:"state,omitzero"`
	PostalCode    string                    `json:"postalCode,omitzero"`
	Country       string                    `json:"country,omitzero"`
	Website       string                    `json:"website,omitzero"`
	Timezone      string                    `json:"timezone,omitzero"`
	Language      string                    `json:"language,omitzero"`
	Department    string                    `json:"department,omitzero"`
	Description   string                    `json:"description,omitzero"`
	CompanyID     string                    `json:"companyId,omitzero"`
	Owner         string                    `json:"owner,omitzero"`
	Followers     []string                  `json:"followers,omitempty"`
	Status        string                    `json:"status"`
	VIP           bool                      `json:"vip"`
	Validation    Validation                `json:"validation,omitzero"`
	Profile       Profile                   `json:"profile,omitzero"`
	Tags          []string                  `json:"tags"`
	Fields        map[string]jsontext.Value `json:"fields"`
	DND           dndView                   `json:"dnd,omitzero"`
	Blocked       bool                      `json:"blocked"`
	BlockedAt     instant.Instant           `json:"blockedAt,omitzero"`
	Conversation  Conversation              `json:"conversation,omitzero"`
	MergedIDs     []string                  `json:"mergedIds,omitempty"`
	CreatedAt     instant.Instant           `json:"createdAt"`
	UpdatedAt     instant.Instant           `json:"updatedAt"`
	FirstCreated  instant.Instant           `json:"firstCreatedAt,omitzero"`
}

// View shows the contact in the workspace's terms.
func (c *Contact) View(terms *Terms) View {
	v := View{
		ID: c.ID, Version: c.Version, FirstName: c.FirstName, LastName: c.LastName, Name: c.Name(),
		Email: c.Email, Phone: c.Phone, OtherEmails: c.OtherEmails, OtherPhones: c.OtherPhones, ExternalIDs: c.ExternalIDs,
		DateOfBirth: c.DateOfBirth, Source: c.Source, Type: c.Type, BusinessName: c.BusinessName,
		StreetAddress: c.StreetAddress, City: c.City, State: c.State, PostalCode: c.PostalCode, Country: c.Country,
		Website: c.Website, Timezone: c.Timezone, Language: c.Language, Department: c.Department, Description: c.Description,
		CompanyID: c.company(terms), Validation: c.Validation, Profile: c.Profile, Owner: c.Owner, Followers: c.Followers, Status: c.Status(), VIP: c.VIP,
		Tags: c.tagNames(terms), Fields: c.custom(terms),
		DND: dndOf(c.DND), Blocked: c.IsBlocked(), BlockedAt: c.Block.At, Conversation: c.Conversation,
		MergedIDs: c.MergedIDs, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, FirstCreated: c.FirstCreatedAt,
	}
	return v
}

// AppendJSON appends the view as its tags say, maps in the order of their names:
// one version of a contact is one text. A test holds it to the tags.
func (v *View) AppendJSON(b []byte) []byte {
	w := object.Writer{Bytes: b}
	w.Open()
	w.Text("id", v.ID)
	w.Int("version", v.Version)
	w.TextUnlessEmpty("firstName", v.FirstName)
	w.TextUnlessEmpty("lastName", v.LastName)
	w.Text("name", v.Name)
	w.TextUnlessEmpty("email", v.Email)
	w.TextUnlessEmpty("phone", v.Phone)
	w.TextsUnlessEmpty("otherEmails", v.OtherEmails)
	w.TextsUnlessEmpty("otherPhones", v.OtherPhones)
	object.MapUnlessEmpty(&w, "externalIds", v.ExternalIDs, object.AppendText)
	w.TextUnlessEmpty("dateOfBirth", v.DateOfBirth)
	w.TextUnlessEmpty("source", v.Source)
	w.TextUnlessEmpty("type", v.Type)
	w.TextUnlessEmpty("businessName", v.BusinessName)
	w.TextUnlessEmpty("streetAddress", v.StreetAddress)
	w.TextUnlessEmpty("city", v.City)
	w.TextUnlessEmpty("state", v.State)
	w.TextUnlessEmpty("postalCode", v.PostalCode)
	w.TextUnlessEmpty("country", v.Country)
	w.TextUnlessEmpty("website", v.Website)
	w.TextUnlessEmpty("timezone", v.Timezone)
	w.TextUnlessEmpty("language", v.Language)
	w.TextUnlessEmpty("department", v.Department)
	w.TextUnlessEmpty("description", v.Description)
	w.TextUnlessEmpty("companyId", v.CompanyID)
	w.TextUnlessEmpty("owner", v.Owner)
	w.TextsUnlessEmpty("followers", v.Followers)
	w.Text("status", v.Status)
	w.Bool("vip", v.VIP)
	v.Validation.write(&w)
	v.Profile.write(&w)
	w.Texts("tags", v.Tags)
	object.Map(&w, "fields", v.Fields, object.AppendRaw[jsontext.Value])
	if v.DND != (dndView{}) {
		appendJSON(&w, "dnd", v.DND)
	}
	w.Bool("blocked", v.Blocked)
	if v.BlockedAt != 0 {
		w.Instant("blockedAt", v.BlockedAt)
	}
	if v.Conversation != (Conversation{}) {
		appendJSON(&w, "conversation", v.Conversation)
	}
	w.TextsUnlessEmpty("mergedIds", v.MergedIDs)
	w.Instant("createdAt", v.CreatedAt)
	w.Instant("updatedAt", v.UpdatedAt)
	if v.FirstCreated != 0 {
		w.Instant("firstCreatedAt", v.FirstCreated)
	}
	w.Close()
	return w.Bytes
}
