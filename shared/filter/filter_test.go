package filter_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/filter"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

const (
	leadID  = "01JD3QAAAAAAAAAAAAAAAAAAA1"
	goneID  = "01JD3QAAAAAAAAAAAAAAAAAAA2"
	rossiID = "01JD3QAAAAAAAAAAAAAAAAAAA3"
	mariaID = "01JD3QAAAAAAAAAAAAAAAAAAA0"
)

// fields are those of the workspace of all tests.
func fields() *field.Set {
	all := []field.Definition{
		{Key: "score", Type: field.Number}, {Key: "note", Type: field.Text}, {Key: "member", Type: field.Boolean},
		{Key: "since", Type: field.Date}, {Key: "seen", Type: field.DateTime}, {Key: "opens", Type: field.Time},
		{Key: "color", Type: field.List, Options: []string{"Red", "Blue"}}, {Key: "colors", Type: field.MultiList, Options: []string{"Red", "Blue", "Green"}},
		{Key: "mail", Type: field.Email}, {Key: "cell", Type: field.Phone}, {Key: "page", Type: field.URL}, {Key: "budget", Type: field.Currency},
		{Key: "story", Type: field.LongText},
	}
	for i := range all {
		all[i].ID = "f" + all[i].Key
	}
	return &field.Set{Custom: all, Made: len(all)}
}

func terms() *contact.Terms {
	return &contact.Terms{Fields: fields(), Names: map[string]string{leadID: "Lead Größe", goneID: "", rossiID: "Rossi srl"}}
}

func at(t testing.TB, s string) (i instant.Instant) {
	t.Helper()
	if err := i.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return i
}

// maria has something of everything.
func maria(t testing.TB) *contact.Contact {
	return &contact.Contact{
		ID: mariaID, Version: 3, FirstName: "Maria", LastName: "Straße", Email: "Maria@Example.it", Phone: "+551187654321",
		OtherEmails: []string{"m.rossi@example.com", "MR@example.org"}, OtherPhones: []string{"+39061234567"}, ExternalIDs: map[string]string{"sap": "K-17", "crm": "9"},
		DateOfBirth: "1960-04-01", City: "Roma", Website: "https://rossi.example/A", Owner: "user_7", Followers: []string{"user_8", "User_9"}, VIP: true,
		CompanyID: rossiID, Tags: []string{leadID, goneID}, DND: consent.DND{consent.Email: {On: true}},
		Validation: contact.Validation{State: contact.Validated, System: "sap", At: at(t, "2026-11-01T10:00:00Z")},
		Profile:    contact.Profile{DisplayName: "Mari", Handle: "@mari"}, Conversation: contact.Conversation{Status: "open", Unread: true},
		Fields: map[string]jsontext.Value{
			"fscore": jsontext.Value("12.5"), "fnote": jsontext.Value(`"Zwölf"`), "fmember": jsontext.Value("true"), "fsince": jsontext.Value(`"2020-02-29"`),
			"fseen": jsontext.Value(`"2026-11-20T23:30:00.000Z"`), "fopens": jsontext.Value(`"09:30"`), "fcolor": jsontext.Value(`"Red"`),
			"fcolors": jsontext.Value(`["Red","Green"]`), "fmail": jsontext.Value(`"A@b.it"`), "fcell": jsontext.Value(`"+5215512345678"`),
			"fpage": jsontext.Value(`"https://a.example/"`), "fbudget": jsontext.Value(`{"amount":"10.50","currency":"EUR"}`),
		},
		CreatedAt: at(t, "2026-11-20T09:30:00.123Z"), UpdatedAt: at(t, "2026-11-21T00:00:00Z"),
		MergedIDs: []string{goneID}, FirstCreatedAt: at(t, "2019-12-31T23:59:59Z"),
	}
}

// parse reads a filter and looks up its fields.
func parse(raw string) (*filter.Filter, []problem.Field) {
	form, err := body.Parse([]byte(`{"filter":` + raw + `}`))
	if err != nil {
		return nil, problem.Of(err).Fields
	}
	f := filter.Parse(form, "filter")
	form.Add(f.Resolve(fields())...)
	if err := form.Err(); err != nil {
		return f, problem.Of(err).Fields
	}
	return f, nil
}

func must(t interface {
	Helper()
	Fatalf(string, ...any)
}, raw string) *filter.Filter {
	t.Helper()
	f, wrong := parse(raw)
	if wrong != nil {
		t.Fatalf("%s is refused: %+v", raw, wrong)
	}
	return f
}

// leaves are written as field, op, value here.
func leafOf(line string) string {
	part := strings.SplitN(line, " ", 3)
	leaf := `{"field":"` + part[0] + `","op":"` + part[1] + `"`
	if len(part) == 3 {
		leaf += `,"value":` + part[2]
	}
	return leaf + "}"
}

func TestLeaves(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`city eq "roma"`: true, `city eq " ROMA "`: true, `city eq "Rom"`: false, `city ne "roma"`: false, `city ne "Rom"`: true,
		`city in ["Torino","ROMA"]`: true, `city in ["Torino"]`: false, `city contains "OM"`: true, `city contains " om"`: false, `city startsWith "rO"`: true,
		`city startsWith "om"`: false, `city gt "ROM"`: true, `city gt "roma"`: false, `city gte "roma"`: true, `city lt "s"`: true, `city lte "rom"`: false,
		`city exists true`: true, `city exists`: true, `city exists null`: true, `city exists false`: false,
		`lastName eq "STRASSE"`: true, `lastName contains "ss"`: true, `lastName eq "straße"`: true, `name eq "maria strasse"`: true,
		`department eq "x"`: false, `department ne "x"`: true, `department exists`: false, `department exists false`: true, `department gt "a"`: false, `department lt "z"`: false,
		`id eq "01JD3QAAAAAAAAAAAAAAAAAAA0"`: true, `id eq "01jd3qaaaaaaaaaaaaaaaaaaa0"`: false, `id gt "01JD"`: true,
		`version eq 3`: true, `version eq 3.0`: true, `version in [1,3]`: true, `version lt 3`: false, `version lte 3e0`: true,
		`email eq "MARIA@example.IT"`: true, `email contains "@EXAMPLE"`: true, `email eq "nobody"`: false, `email eq "m.rossi@example.com"`: false,
		`otherEmails eq "mr@EXAMPLE.org"`: true, `otherEmails ne "mr@example.org"`: false, `otherEmails ne "x@example.org"`: true, `otherEmails startsWith "m."`: true,
		`phone eq "+5511987654321"`: true, `phone in ["+5511987654321"]`: true, `phone ne "+5511987654321"`: false, `phone startsWith "+5511876"`: true,
		`phone eq "no number"`: false, `otherPhones eq "+39061234567"`: true, `otherPhones contains "0612"`: true,
		`externalIds eq "K-17"`: true, `externalIds eq "k-17"`: false, `externalIds.sap eq "K-17"`: true, `externalIds.crm eq "K-17"`: false, `externalIds.erp exists`: false,
		`dateOfBirth eq "1960-04-01"`: true, `dateOfBirth before "1960-04-02"`: true, `dateOfBirth before "1960-04-01"`: false, `dateOfBirth after "1960-03-31"`: true,
		`dateOfBirth eq "1960-04-01T23:59:59Z"`: true, `dateOfBirth lt "1960-04-02T00:00:00+02:00"`: false,
		`owner eq "user_7"`: true, `owner eq "USER_7"`: false, `owner exists false`: false, `followers eq "User_9"`: true, `followers ne "user_9"`: true,
		`status eq "ACTIVE"`: true, `status in ["inactive"]`: false, `status ne "inactive"`: true, `vip eq true`: true, `vip ne true`: false, `vip in [false]`: false,
		`blocked eq false`: true, `blocked exists`: true, `blockedAt exists`: false, `blockedAt ne "2026-01-01"`: true,
		`companyId eq "` + rossiID + `"`: true, `companyId exists`: true, `companyId ne "` + rossiID + `"`: false,
		`tag eq "LEAD GRÖSSE"`: true, `tag eq "` + leadID + `"`: true, `tag eq "` + goneID + `"`: false, `tags eq "lead größe"`: true, `tag ne "other"`: true,
		`tag contains "lead"`: true, `tag contains "01JD"`: false, `tag startsWith "gr"`: false, `tag in ["a","lead größe"]`: true, `tag exists`: true,
		`channel exists`: false, `channel ne "whatsapp"`: true, `mergedIds eq "` + goneID + `"`: true, `mergedIds ne "x"`: true, `firstCreatedAt before "2020-01-01"`: true,
		`createdAt eq "2026-11-20"`: true, `createdAt eq "2026-11-20T09:30:00.123Z"`: true, `createdAt eq "2026-11-20T10:30:00.123+01:00"`: true, `createdAt eq "2026-11-20T09:30:00Z"`: false,
		`createdAt before "2026-11-20"`: false, `createdAt lte "2026-11-20"`: true, `createdAt after "2026-11-19"`: true, `createdAt gte "2026-11-21"`: false,
		`createdAt gt "2026-11-20"`: false, `createdAt after "2026-11-20T09:30:00.122Z"`: true, `updatedAt gte "2026-11-21"`: true, `updatedAt in ["2026-11-20","2026-11-21"]`: true,
		`validation exists`: true, `validation.state eq "validated"`: true, `validation.system eq "SAP"`: true, `validation.at before "2026-12-01"`: true,
		`profile exists`: true, `profile.displayName eq "mari"`: true, `profile.handle startsWith "@"`: true, `profile.url exists`: false, `profile.network exists`: false, `profile.avatarUrl exists`: false,
		`conversation exists`: true, `conversation.status eq "open"`: true, `conversation.unread eq true`: true, `dnd exists`: true, `dnd.email eq true`: true, `dnd.all eq false`: true,
		`dnd.messages eq true`: false, `dnd.calls eq true`: false, `dnd.inbound ne true`: true,
		`fields.score eq 12.50`: true, `fields.score gt 12`: true, `fields.score in [1,2]`: false, `fields.score lt -1`: false, `fields.note eq "ZWÖLF"`: true,
		`fields.member eq true`: true, `fields.member ne false`: true, `fields.since eq "2020-02-29"`: true, `fields.since after "2020-02-28T12:00:00Z"`: true,
		`fields.seen eq "2026-11-20"`: true, `fields.seen eq "2026-11-21T00:30:00+01:00"`: true, `fields.seen after "2026-11-20"`: false,
		`fields.opens eq "09:30:00"`: true, `fields.opens before "09:30:01"`: true, `fields.opens after "09:29"`: true, `fields.color eq "red"`: true, `fields.color eq "Pink"`: false,
		`fields.colors eq "green"`: true, `fields.colors ne "green"`: false, `fields.colors ne "blue"`: true, `fields.colors in ["Blue","Red"]`: true, `fields.colors contains "ee"`: true,
		`fields.mail eq "a@B.IT"`: true, `fields.cell eq "+525512345678"`: true, `fields.page contains "a.EXAMPLE"`: true, `fields.story exists false`: true,
		`fields.budget eq {"amount":"10.5","currency":"EUR"}`: true, `fields.budget gt {"amount":"9","currency":"EUR"}`: true, `fields.budget gt {"amount":"9","currency":"USD"}`: false,
		`fields.budget ne {"amount":"10.5","currency":"USD"}`: true,
	} {
		f := must(t, leafOf(line))
		if got := f.Match(maria(t), terms()); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
		if needs := strings.HasPrefix(line, "tag") || strings.HasPrefix(line, "companyId"); f.ByName() != needs {
			t.Errorf("%s: needs names: %t, want %t", line, f.ByName(), needs)
		} else if !needs && f.Match(maria(t), nil) != want {
			t.Errorf("%s differs without terms", line)
		}
	}
}

func TestTrees(t *testing.T) {
	t.Parallel()
	yes, no := leafOf(`city eq "roma"`), leafOf(`city eq "x"`)
	for raw, want := range map[string]bool{
		`{"and":[` + yes + `]}`: true, `{"and":[` + yes + `,` + no + `]}`: false, `{"or":[` + no + `,` + yes + `]}`: true, `{"or":[` + no + `,` + no + `]}`: false,
		`{"not":` + no + `}`: true, `{"not":` + yes + `}`: false, `{"and":[{"or":[` + no + `,` + yes + `]},{"not":` + no + `}]}`: true,
	} {
		if got := must(t, raw).Match(maria(t), nil); got != want {
			t.Errorf("%s: %t, want %t", raw, got, want)
		}
	}
	if f := must(t, "null"); f != nil || !f.Match(maria(t), nil) || f.ByName() || f.Custom() || f.Keys() != nil || f.JSON() != nil {
		t.Error("no filter does not keep everybody")
	}
}

// TestStandardFields: whatever the contract's contact shows can be asked for.
func TestStandardFields(t *testing.T) {
	t.Parallel()
	names := []string{"id", "version", "name", "validation", "profile", "tags", "dnd", "blocked", "blockedAt", "conversation", "mergedIds", "createdAt", "updatedAt", "firstCreatedAt", "tag", "channel"}
	for _, d := range (&field.Set{}).All() {
		names = append(names, d.Key)
	}
	for _, name := range names {
		there := must(t, leafOf(name+" exists")).Match(&contact.Contact{}, terms())
		switch name {
		case "version", "status", "vip", "blocked":
			if !there {
				t.Errorf("%s is not always there", name)
			}
		default:
			if there {
				t.Errorf("an empty contact has %s", name)
			}
		}
	}
}
