package contact

import (
	"rubrica/shared/email"
	"rubrica/shared/format"
	"rubrica/shared/phone"
)

// Member is one standard member that a body may carry. Members is the only list
// of them: patches, differences, filters and the card all walk it.
type Member struct {
	Name string
	// Text is where a member with one text value is kept; nil for the others.
	Text func(*Contact) *string
	// Format returns the value to store, or what would be right.
	Format func(string) (string, error)
	// read and check belong to members of another shape.
	shape shape
}

// shape is how a member's JSON value is read.
type shape uint8

const (
	textShape shape = iota
	emailsShape
	phonesShape
	externalIDsShape
	followersShape
	statusShape
	flagShape
	companyShape
	fieldsShape
	tagsShape
	profileShape
	validationShape
	dndShape
	blockedShape
	readOnlyShape
)

func text(name string, at func(*Contact) *string, check func(string) (string, error)) Member {
	return Member{Name: name, Text: at, Format: check}
}

// members in the order of the contract's example; never changed after start.
var members = []Member{
	{Name: "id", shape: readOnlyShape},
	{Name: "version", shape: readOnlyShape},
	text("firstName", func(c *Contact) *string { return &c.FirstName }, format.Text),
	text("lastName", func(c *Contact) *string { return &c.LastName }, format.Text),
	{Name: "name", shape: readOnlyShape},
	text("email", func(c *Contact) *string { return &c.Email }, checkEmail),
	text("phone", func(c *Contact) *string { return &c.Phone }, checkPhone),
	{Name: "otherEmails", shape: emailsShape},
	{Name: "otherPhones", shape: phonesShape},
	{Name: "externalIds", shape: externalIDsShape},
	text("dateOfBirth", func(c *Contact) *string { return &c.DateOfBirth }, format.Date),
	text("source", func(c *Contact) *string { return &c.Source }, format.Text),
	text("type", func(c *Contact) *string { return &c.Type }, format.Text),
	text("businessName", func(c *Contact) *string { return &c.BusinessName }, format.Text),
	text("streetAddress", func(c *Contact) *string { return &c.StreetAddress }, addressLines),
	text("city", func(c *Contact) *string { return &c.City }, format.Text),
	text("state", func(c *Contact) *string { return &c.State }, format.Text),
	text("postalCode", func(c *Contact) *string { return &c.PostalCode }, format.Text),
	text("country", func(c *Contact) *string { return &c.Country }, format.Country),
	text("website", func(c *Contact) *string { return &c.Website }, format.URL),
	text("timezone", func(c *Contact) *string { return &c.Timezone }, format.Timezone),
	text("language", func(c *Contact) *string { return &c.Language }, format.Language),
	text("department", func(c *Contact) *string { return &c.Department }, format.Text),
	text("description", func(c *Contact) *string { return &c.Description }, format.LongText),
	{Name: "companyId", shape: companyShape},
	text("owner", func(c *Contact) *string { return &c.Owner }, checkUser),
	{Name: "followers", shape: followersShape},
	{Name: "status", shape: statusShape},
	{Name: "vip", shape: flagShape},
	{Name: "validation", shape: validationShape},
	{Name: "profile", shape: profileShape},
	{Name: "tags", shape: tagsShape},
	{Name: "fields", shape: fieldsShape},
	{Name: "dnd", shape: dndShape},
	{Name: "blocked", shape: blockedShape},
	{Name: "blockedAt", shape: readOnlyShape},
	{Name: "conversation", shape: readOnlyShape},
	{Name: "mergedIds", shape: readOnlyShape},
	{Name: "createdAt", shape: readOnlyShape},
	{Name: "updatedAt", shape: readOnlyShape},
	{Name: "firstCreatedAt", shape: readOnlyShape},
}

// byName finds a member; built once, never changed.
var byName = func() map[string]*Member {
	m := make(map[string]*Member, len(members))
	for i := range members {
		m[members[i].Name] = &members[i]
	}
	return m
}()

func checkEmail(s string) (string, error) {
	a, err := email.Parse(s)
	return a.String(), err
}

func checkPhone(s string) (string, error) {
	n, err := phone.Parse(s)
	return n.String(), err
}

// addressLines allows line breaks: people write an address in several lines.
func addressLines(s string) (string, error) { return format.Lines(s, format.MaxText) }

// checkUser refuses the words that stand for users in queries (owner=me,
// owner=none), besides what can be no user at all.
func checkUser(s string) (string, error) {
	if s == "me" || s == "none" {
		return "", &format.Error{Code: format.CodeInvalidUser, Detail: "Must be a user's id; me and none are words of queries."}
	}
	return format.UserID(s)
}
