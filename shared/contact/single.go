package contact

import (
	"slices"
	"strconv"

	"rubrica/shared/phone"
)

// Follow adds a follower; one who follows already changes nothing.
func Follow(c Contact, user string) (Contact, error) {
	c = c.Clone()
	c.Followers = append(c.Followers, user)
	return c, c.settle()
}

// Unfollow removes a follower; one who does not follow changes nothing.
func Unfollow(c Contact, user string) (Contact, error) {
	c = c.Clone()
	c.Followers = slices.DeleteFunc(c.Followers, func(f string) bool { return f == user })
	return c, c.settle()
}

// WithOwner assigns the contact to a user.
func WithOwner(c Contact, user string) (Contact, error) {
	c = c.Clone()
	c.Owner = user
	c.from("owner", "")
	return c, c.settle()
}

// WithStatus makes the contact active or inactive.
func WithStatus(c Contact, inactive bool) (Contact, error) {
	c = c.Clone()
	c.Inactive = inactive
	return c, c.settle()
}

// AddOther adds an address or number, as given, to the others. One that the
// contact has already, in whatever spelling, main or other, changes nothing.
func AddOther(c Contact, id Identity, given string) (Contact, error) {
	c = c.Clone()
	switch id.Kind {
	case ByEmail:
		c.OtherEmails = append(c.OtherEmails, given)
	case ByPhone:
		c.OtherPhones = append(c.OtherPhones, given)
	}
	return c, c.settle()
}

// RemoveOther removes an address or number, in whatever spelling, from the
// others. One that is not among them changes nothing; the main one stays.
func RemoveOther(c Contact, id Identity) (Contact, error) {
	c = c.Clone()
	switch id.Kind {
	case ByEmail:
		c.OtherEmails = slices.DeleteFunc(c.OtherEmails, func(s string) bool { return EmailIdentity(s) == id })
	case ByPhone:
		c.OtherPhones = slices.DeleteFunc(c.OtherPhones, func(s string) bool { return PhoneIdentity(s) == id })
	}
	return c, c.settle()
}

// WithIdentity gives a new contact the identity that an upsert names it by; apply
// the patch to the result.
func WithIdentity(c Contact, ref Ref) Contact {
	switch id := ref.Identity; id.Kind {
	case ByEmail:
		if c.Email == "" {
			c.Email = ref.Given
		}
	case ByPhone:
		if c.Phone == "" {
			c.Phone = ref.Given
		}
	case ByExternal:
		system, key := SplitExternal(ref.Given)
		if c.ExternalIDs == nil {
			c.ExternalIDs = map[string]string{}
		}
		c.ExternalIDs[system] = key
	}
	return c
}

func countryOf(number string) string {
	if number == "" {
		return ""
	}
	n, err := phone.Parse(number)
	if err != nil {
		return ""
	}
	return n.Country()
}

func tooMany(n, most int) string {
	return "At most " + strconv.Itoa(most) + "; this would make " + strconv.Itoa(n) + "."
}
