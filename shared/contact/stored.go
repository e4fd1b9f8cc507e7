package contact

import (
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/object"
)

// WriteStored writes the members that a contact is stored with, as the tags of
// Contact say; a test holds the two together.
func (c *Contact) WriteStored(w *object.Writer) {
	w.Text("id", c.ID)
	w.Int("version", c.Version)
	for i := range members {
		if m := &members[i]; m.Text != nil {
			w.TextUnlessEmpty(m.Name, *m.Text(c))
		}
	}
	w.TextsUnlessEmpty("otherEmails", c.OtherEmails)
	w.TextsUnlessEmpty("otherPhones", c.OtherPhones)
	object.MapUnlessEmpty(w, "externalIds", c.ExternalIDs, object.AppendText)
	w.TextsUnlessEmpty("followers", c.Followers)
	w.TrueUnlessFalse("inactive", c.Inactive)
	w.TrueUnlessFalse("vip", c.VIP)
	w.TextUnlessEmpty("companyId", c.CompanyID)
	c.Profile.write(w)
	c.Validation.write(w)
	c.storeRare(w)
	w.TextsUnlessEmpty("tags", c.Tags)
	object.MapUnlessEmpty(w, "fields", c.Fields, object.AppendRaw[jsontext.Value])
	object.MapUnlessEmpty(w, "origins", c.Origins, object.AppendString[Origin])
	w.TextsUnlessEmpty("mergedIds", c.MergedIDs)
	if c.FirstCreatedAt != 0 {
		w.Instant("firstCreatedAt", c.FirstCreatedAt)
	}
	w.TextsUnlessEmpty("lostIds", c.LostIDs)
	w.Instant("createdAt", c.CreatedAt)
	w.Instant("updatedAt", c.UpdatedAt)
}

// ReadStored reads one member of a stored contact; known is false of one that is
// not the contact's. Texts are parts of the value.
func (c *Contact) ReadStored(name, value string) (known bool, err error) {
	if m := byName[name]; m != nil && m.Text != nil {
		*m.Text(c), err = object.Text(value)
		return true, err
	}
	switch name {
	case "id":
		c.ID, err = object.Text(value)
	case "version":
		c.Version, err = object.Int(value)
	case "otherEmails":
		c.OtherEmails, err = object.Texts(value)
	case "otherPhones":
		c.OtherPhones, err = object.Texts(value)
	case "externalIds":
		c.ExternalIDs, err = object.TextMap[string](value)
	case "followers":
		c.Followers, err = object.Texts(value)
	case "inactive":
		c.Inactive, err = object.Bool(value)
	case "vip":
		c.VIP, err = object.Bool(value)
	case "companyId":
		c.CompanyID, err = object.Text(value)
	case "profile":
		err = c.Profile.read(value)
	case "validation":
		err = c.Validation.read(value)
	case "dnd":
		err = readJSON(value, &c.DND)
	case "block":
		err = readJSON(value, &c.Block)
	case "conversation":
		err = readJSON(value, &c.Conversation)
	case "connections":
		err = readJSON(value, &c.Connections)
	case "latest":
		err = readJSON(value, &c.Latest)
	case "automations":
		c.Automations, err = object.Texts(value)
	case "tags":
		c.Tags, err = object.Texts(value)
	case "fields":
		c.Fields, err = readFields(value)
	case "origins":
		c.Origins, err = object.TextMap[Origin](value)
	case "mergedIds":
		c.MergedIDs, err = object.Texts(value)
	case "firstCreatedAt":
		c.FirstCreatedAt, err = object.Instant(value)
	case "lostIds":
		c.LostIDs, err = object.Texts(value)
	case "createdAt":
		c.CreatedAt, err = object.Instant(value)
	case "updatedAt":
		c.UpdatedAt, err = object.Instant(value)
	default:
		return false, nil
	}
	return true, err
}

func readFields(value string) (map[string]jsontext.Value, error) {
	fields := map[string]jsontext.Value{}
	r := object.Members(value)
	for r.Next() {
		fields[r.Name] = jsontext.Value(r.Value)
	}
	return fields, r.Err()
}
