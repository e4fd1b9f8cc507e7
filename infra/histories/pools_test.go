package histories

import (
	"slices"

	"pgregory.net/rapid"
)

// What bodies and paths are made of: few enough that contacts share them. The
// spellings of one address or number are known here by hand, not computed.

var emails = map[string]string{ // spelling to what it is compared as
	"ada@example.com": "ada", "ADA@Example.com": "ada", "bob@example.com": "bob", "Bob@example.com": "bob",
	"eve@example.org": "eve", "maría@example.com": "maria", "MARÍA@example.com": "maria", "o'neil+x@example.com": "oneil",
}

var phones = map[string]string{
	"+393514117320": "it", "+39061234567": "rome",
	"+5511987654321": "br", "+551187654321": "br", // with and without the ninth digit
	"+525512345678": "mx", "+5215512345678": "mx",
	"+541123456789": "ar", "+5491123456789": "ar",
	"+12025550123": "us", "+442071838750": "gb",
}

var countries = map[string]string{
	"+393514117320": "IT", "+39061234567": "IT", "+5511987654321": "BR", "+551187654321": "BR", "+525512345678": "MX",
	"+5215512345678": "MX", "+541123456789": "AR", "+5491123456789": "AR", "+12025550123": "US", "+442071838750": "GB",
}

// canonical is what a spelling is compared as; what is none stays as it is.
func canonical(s string) string {
	if c, ok := emails[s]; ok {
		return c
	}
	if c, ok := phones[s]; ok {
		return c
	}
	return s
}

// texts are spellings of text members and what is stored of them.
var texts = map[string]map[string]string{
	"firstName":   {"Ada": "Ada", "  Ada ": "Ada", "José": "José", "Jose\u0301": "José", "محمد": "محمد"},
	"lastName":    {"Rossi": "Rossi", "O'Neil": "O'Neil", "👩‍👩‍👧": "👩‍👩‍👧"},
	"city":        {"Torino": "Torino", "Roma": "Roma"},
	"description": {"two\nlines": "two\nlines", "two\r\nlines": "two\nlines", "one": "one"},
	"country":     {"IT": "IT", "DE": "DE", "BR": "BR"},
	"language":    {"it": "it", "pt-BR": "pt-BR"},
	"dateOfBirth": {"1990-04-01": "1990-04-01", "2000-02-29": "2000-02-29"},
	"website":     {"https://rossi.example": "https://rossi.example"},
	"timezone":    {"Europe/Rome": "Europe/Rome"},
	"owner":       {"user_1": "user_1", "user_7": "user_7", "user_9": "user_9"},
	"email":       same(emails),
	"phone":       same(phones),
}

func same(spellings map[string]string) map[string]string {
	m := map[string]string{}
	for s := range spellings {
		m[s] = s
	}
	return m
}

var (
	users   = []string{"user_1", "user_7", "user_9"}
	systems = []string{"sap", "crm", "erp"}
	keys    = []string{"1", "2", "Ä/3 %"}
	// names of members, those that matter most several times.
	names = []string{
		"firstName", "lastName", "city", "description", "country", "language", "dateOfBirth", "website", "timezone", "owner", "owner",
		"email", "email", "email", "phone", "phone", "phone", "otherEmails", "otherEmails", "otherPhones", "externalIds", "externalIds",
		"followers", "followers", "status", "vip",
	}
)

func sorted(m map[string]string) []string {
	var all []string
	for s := range m {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// drawForm draws a body of up to six members.
func drawForm(t *rapid.T) form {
	f := form{}
	for range rapid.IntRange(0, 6).Draw(t, "members") {
		name := rapid.SampledFrom(names).Draw(t, "member")
		f[name] = drawMember(t, name)
	}
	return f
}

func drawMember(t *rapid.T, name string) member {
	if nothing := rapid.IntRange(0, 9).Draw(t, "nothing"); nothing < 2 {
		return member{wire: []any{nil, ""}[nothing], unset: true}
	}
	switch name {
	case "otherEmails":
		return drawList(t, sorted(emails))
	case "otherPhones":
		return drawList(t, sorted(phones))
	case "followers":
		return drawList(t, users)
	case "status":
		s := rapid.SampledFrom([]string{"active", "inactive"}).Draw(t, "status")
		return member{wire: s, text: s}
	case "vip":
		vip := rapid.Bool().Draw(t, "vip")
		return member{wire: vip, flag: vip}
	case "externalIds":
		m := member{systems: map[string]string{}}
		wire := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "systems") {
			system := rapid.SampledFrom(systems).Draw(t, "system")
			m.systems[system] = rapid.SampledFrom(append([]string{""}, keys...)).Draw(t, "key")
			wire[system] = m.systems[system]
			if m.systems[system] == "" {
				wire[system] = nil
			}
		}
		m.wire = wire
		return m
	}
	s := rapid.SampledFrom(sorted(texts[name])).Draw(t, name)
	return member{wire: s, text: texts[name][s]}
}

func drawList(t *rapid.T, of []string) member {
	list := rapid.SliceOfN(rapid.SampledFrom(of), 0, 4).Draw(t, "list")
	return member{wire: listOf(list), list: list}
}

// mistake is a member that no body may have, and what is said of it.
type mistake struct {
	name string
	wire any
	code string
}

var mistakes = []mistake{
	{"email", "nobody", "invalid_email"}, {"phone", "123", "invalid_phone"}, {"firstName", 7, "wrong_type"}, {"nonsense", 1, "unknown_member"},
	{"Email", "ada@example.com", "unknown_member"}, {"id", "x", "read_only"}, {"vip", "yes", "wrong_type"}, {"otherEmails", "x", "wrong_type"},
	{"status", "dead", "invalid_choice"}, {"version", 3, "read_only"}, {"dateOfBirth", "1990-02-30", "invalid_date"},
}
