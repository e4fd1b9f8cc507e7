package openapi_test

import (
	"strings"
	"testing"

	"rubrica/shared/caller/issuer"
)

// TestWhatIsForbiddenIsRefused sends what the document forbids, or what it cannot
// say that it forbids, and wants the code that says so.
func TestWhatIsForbiddenIsRefused(t *testing.T) {
	t.Parallel()
	d := sit(t, serve(t), nil)
	d.token = d.sign(issuer.Claims{Role: "owner", Integration: "sap-sync"}) // may do all
	contact := d.contact("{}")
	token := func(expiresAt string) string {
		return `{"name": "x", "role": "agent", "expiresAt": ` + expiresAt + `}`
	}
	for name, c := range map[string]struct {
		method, path, query, body string
		code                      string
	}{
		"YearTooLong":      {"POST", "/v1/tokens", "", token(`"9999-12-31T23:59:59-23:59"`), "invalid_datetime"},
		"HourOfOneDigit":   {"POST", "/v1/tokens", "", token(`"2099-11-20T9:30:00Z"`), "invalid_datetime"},
		"CommaInTime":      {"POST", "/v1/tokens", "", token(`"2099-11-20T09:30:00,5Z"`), "invalid_datetime"},
		"TimeAsNumber":     {"POST", "/v1/tokens", "", token(`4102444800`), "wrong_type"},
		"TheEpoch":         {"POST", "/v1/tokens", "", token(`"1970-01-01T00:00:00Z"`), "invalid_value"},
		"ThePast":          {"POST", "/v1/tokens", "", token(`"2020-01-01T00:00:00Z"`), "invalid_value"},
		"NameOfSpaces":     {"POST", "/v1/tokens", "", `{"name": "  ", "role": "agent"}`, "required"},
		"UnknownRole":      {"POST", "/v1/tokens", "", `{"name": "x", "role": "Owner"}`, "invalid_choice"},
		"Restriction":      {"POST", "/v1/tokens", "", `{"name": "x", "role": "owner", "restrictions": ["no-read"]}`, "invalid_choice"},
		"FromOfOneDigit":   {"GET", "/v1/audit", "from=2026-11-20T9:30:00Z", "", "invalid_datetime"},
		"ToNotADay":        {"GET", "/v1/audit", "to=2026-02-30", "", "invalid_datetime"},
		"UnknownAction":    {"GET", "/v1/audit", "action=contact.read", "", "invalid_choice"},
		"LimitWithZero":    {"GET", "/v1/contacts", "limit=07", "", "invalid_value"},
		"LimitTooHigh":     {"GET", "/v1/contacts", "limit=101", "", "invalid_value"},
		"Twice":            {"GET", "/v1/contacts", "limit=1&limit=1", "", "duplicate_parameter"},
		"PlusInQuery":      {"GET", "/v1/contacts", "phone=+393514117320", "", "invalid_phone"},
		"ForgedCursor":     {"GET", "/v1/contacts", "cursor=abc", "", "invalid_cursor"},
		"EmptyCursor":      {"GET", "/v1/contacts", "cursor=", "", "invalid_cursor"},
		"OtherLetterCase":  {"POST", "/v1/contacts", "", `{"FirstName": "Maria"}`, "unknown_member"},
		"ReadOnly":         {"POST", "/v1/contacts", "", `{"version": 1}`, "read_only"},
		"LowerCaseCountry": {"POST", "/v1/contacts", "", `{"country": "it"}`, "invalid_country"},
		"CarriageReturn":   {"POST", "/v1/contacts", "", `{"description": "a\rb"}`, "control_character"},
		"LineSeparator":    {"POST", "/v1/contacts", "", `{"city": "a\u2028b"}`, "control_character"},
		"Retention":        {"PATCH", "/v1/workspace", "", `{"auditRetentionDays": 29}`, "invalid_value"},
		"RetentionInPart":  {"PATCH", "/v1/workspace", "", `{"auditRetentionDays": 30.5}`, "wrong_type"},
		"ByIdInUpsert":     {"PUT", "/v1/contacts/" + unknownID, "", `{}`, "invalid_reference"},
		"TagOfSpaces":      {"POST", "/v1/tags", "", `{"name": "  "}`, "required"},
		"TagOfTwoLines":    {"POST", "/v1/tags", "", `{"name": "a\nb"}`, "control_character"},
		"ColorByName":      {"POST", "/v1/tags", "", `{"name": "x", "color": "red"}`, "invalid_color"},
		"ColorOfThree":     {"POST", "/v1/tags", "", `{"name": "x", "color": "#f80"}`, "invalid_color"},
		"CountOfContacts":  {"POST", "/v1/tags", "", `{"name": "x", "contacts": 7}`, "read_only"},
		"TagsAtOnce":       {"POST", "/v1/contacts", "", `{"tags": [` + strings.Repeat(`"x", `, 20) + `"y"]}`, "too_many"},
		"TagThatIsNone":    {"GET", "/v1/contacts", "tag=", "", "required"},
		"TagPrefixLong":    {"GET", "/v1/tags", "prefix=" + strings.Repeat("x", 256), "", "too_long"},
		"TagPrefix":        {"GET", "/v1/tags", "prefix=a%0Ab", "", "control_character"},
		"CompanyOfSpaces":  {"POST", "/v1/companies", "", `{"name": "  "}`, "required"},
		"DomainOfOne":      {"POST", "/v1/companies", "", `{"name": "x", "domain": "localhost"}`, "invalid_domain"},
		"DomainWithPath":   {"POST", "/v1/companies", "", `{"name": "x", "domain": "https://rossi.example"}`, "invalid_domain"},
		"CompanyVersion":   {"POST", "/v1/companies", "", `{"name": "x", "version": 1}`, "read_only"},
		"CompanyThatIsNot": {"POST", "/v1/contacts", "", `{"companyId": "` + unknownID + `"}`, "unknown_company"},
		"CompanyByName":    {"POST", "/v1/contacts", "", `{"companyId": "Rossi srl"}`, "unknown_company"},
		"OfCompanyByName":  {"GET", "/v1/contacts", "company=Rossi", "", "invalid_id"},
		"ByNameOfNobody":   {"GET", "/v1/contacts", "sort=city", "", "invalid_choice"},
		"NoteOfSpaces":     {"POST", "/v1/contacts/$1/notes", "", `{"text": " \n "}`, "required"},
		"NoteWithoutText":  {"POST", "/v1/contacts/$1/notes", "", `{"pinned": true}`, "required"},
		"NoteTooLong":      {"POST", "/v1/contacts/$1/notes", "", `{"text": "` + strings.Repeat("x", 10_001) + `"}`, "too_long"},
		"NoteMuchTooLong":  {"POST", "/v1/contacts/$1/notes", "", `{"text": "` + strings.Repeat("x", 50_000) + `"}`, "too_long"},
		"NoteWithControl":  {"POST", "/v1/contacts/$1/notes", "", `{"text": "a\u0000b"}`, "control_character"},
		"NoteOfAnother":    {"POST", "/v1/contacts/$1/notes", "", `{"text": "x", "author": "user_2"}`, "read_only"},
		"LeaseForever":     {"PUT", "/v1/contacts/$1/locks/spring", "", `{}`, "required"},
		"LeaseOfThePast":   {"PUT", "/v1/contacts/$1/locks/spring", "", `{"expiresAt": "2020-01-01T00:00:00Z"}`, "invalid_value"},
		"LeaseToADay":      {"PUT", "/v1/contacts/$1/locks/spring", "", `{"expiresAt": "2099-01-01"}`, "invalid_datetime"},
		"LeaseOfNobody":    {"PUT", "/v1/contacts/$1/locks/%20", "", `{"expiresAt": "2099-01-01T00:00:00Z"}`, "required"},
		"ProfileOwner":     {"PUT", "/v1/contacts/$1/profile", "", `{"owner": "user_1"}`, "unknown_member"},
		"ProfileAddress":   {"PUT", "/v1/contacts/$1/profile", "", `{"avatarUrl": "javascript:alert(1)"}`, "invalid_url"},
		"NoState":          {"PUT", "/v1/contacts/$1/validation", "", `{"values": {}}`, "required"},
		"OtherState":       {"PUT", "/v1/contacts/$1/validation", "", `{"state": "VALIDATED"}`, "invalid_choice"},
		"ManagedOwner":     {"PUT", "/v1/contacts/$1/validation", "", `{"state": "validated", "managed": ["owner"]}`, "invalid_choice"},
		"ValueOfTags":      {"PUT", "/v1/contacts/$1/validation", "", `{"state": "validated", "values": {"tags": ["x"]}}`, "unknown_member"},
		"ValueThatIsWrong": {"PUT", "/v1/contacts/$1/validation", "", `{"state": "validated", "values": {"country": "XX"}}`, "invalid_country"},
		"MergedWithSelf":   {"POST", "/v1/merges", "", mergeBody(contact, contact), "survivor"},
		"MergedTwice":      {"POST", "/v1/merges", "", mergeBody(contact, unknownID, unknownID), "repeated"},
		"MergedAlone":      {"POST", "/v1/merges", "", `{"survivor": "` + contact + `", "contacts": []}`, "required"},
		"MergedIntoNobody": {"POST", "/v1/merges", "", `{"contacts": ["` + contact + `"]}`, "required"},
		"MergedByTen":      {"POST", "/v1/merges", "", mergeBody(contact, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "too_many"},
		"MergeOfTags":      {"POST", "/v1/merges", "", `{"survivor": "$1", "contacts": ["x"], "choose": {"tags": "x"}}`, "unknown_member"},
		"MergeOfAnother":   {"POST", "/v1/merges", "", `{"survivor": "$1", "contacts": ["x"], "choose": {"email": "y"}}`, "invalid_choice"},
		"MergeOfAField":    {"POST", "/v1/merges", "", `{"survivor": "$1", "contacts": ["x"], "choose": {"fields.none": "x"}}`, "unknown_field"},
		"MergeOfANumber":   {"POST", "/v1/merges", "", `{"survivor": "$1", "contacts": ["x"], "choose": {"email": 1}}`, "wrong_type"},
		"MergeTriedMaybe":  {"POST", "/v1/merges", "dryRun=maybe", mergeBody(contact, unknownID), "invalid_choice"},
		"UndoneWithReason": {"POST", "/v1/merges/" + unknownID + "/undo", "", `{"reason": "x"}`, "unknown_member"},
		"BlockedWhy":       {"POST", "/v1/contacts/$1/block", "", `{"why": "spam"}`, "unknown_member"},
		"UnblockedLines":   {"POST", "/v1/contacts/$1/unblock", "", `{"reason": "a\nb"}`, "control_character"},
		"BlockedAtLength":  {"POST", "/v1/contacts/$1/block", "", `{"reason": "` + strings.Repeat("x", 1001) + `"}`, "too_long"},
		"BlockedMaybe":     {"GET", "/v1/contacts", "blocked=maybe", "", "invalid_choice"},
		"FlagAsAWord":      {"PUT", "/v1/contacts/$1/dnd", "", `{"email": "true"}`, "wrong_type"},
		"FlagAsASetting":   {"PUT", "/v1/contacts/$1/dnd", "", `{"email": {"on": true}}`, "wrong_type"},
		"FlagOfAChannel":   {"PUT", "/v1/contacts/$1/dnd", "", `{"sms": true}`, "unknown_member"},
		"FlagForEver":      {"PUT", "/v1/contacts/$1/dnd", "", `{"email": true, "permanent": true}`, "unknown_member"},
		"FlagInAPatch":     {"PATCH", "/v1/contacts/$1", "", `{"dnd": {"email": true}}`, "read_only"},
		"BlockInAPatch":    {"PATCH", "/v1/contacts/$1", "", `{"blocked": true}`, "read_only"},
		"FilterOfNothing":  {"POST", "/v1/contacts/search", "", `{"filter": {"and": []}}`, "required"},
		"FilterOfAField":   {"POST", "/v1/contacts/search", "", `{"filter": {"field": "fields.none", "op": "exists"}}`, "unknown_field"},
		"FilterOfAnOp":     {"POST", "/v1/contacts/search", "", `{"filter": {"field": "vip", "op": "gt", "value": true}}`, "invalid_choice"},
		"FilterOfAText":    {"POST", "/v1/contacts/search", "", `{"filter": {"field": "version", "op": "eq", "value": "1"}}`, "wrong_type"},
		"FilterOfADay":     {"POST", "/v1/contacts/search", "", `{"filter": {"field": "createdAt", "op": "after", "value": "2026-02-30"}}`, "invalid_datetime"},
		"FilterOfTwo":      {"POST", "/v1/contacts/search", "", `{"filter": {"not": {"field": "vip", "op": "exists"}, "and": []}}`, "unknown_member"},
		"SearchSorted":     {"POST", "/v1/contacts/search", "", `{"sort": "city"}`, "invalid_choice"},
		"SearchOfMany":     {"POST", "/v1/contacts/search", "", `{"limit": 101}`, "invalid_value"},
		"SearchResumed":    {"POST", "/v1/contacts/search", "", `{"cursor": "abc"}`, "invalid_cursor"},
		"JobOfNoType":      {"POST", "/v1/jobs", "", `{"type": "export", "select": {"all": true}}`, "invalid_choice"},
		"JobForTwo":        {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"all": true, "ids": ["` + unknownID + `"]}}`, "invalid_value"},
		"JobForAFilter":    {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"filter": {"field": "fields.none", "op": "exists"}}}`, "unknown_field"},
		"JobForNoFilter":   {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"filter": null}}`, "invalid_value"},
		"JobForNotAll":     {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"all": false}}`, "invalid_value"},
		"JobForNobody":     {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"ids": []}}`, "required"},
		"JobById":          {"POST", "/v1/jobs", "", `{"type": "unblock", "select": {"ids": ["Maria"]}}`, "invalid_value"},
		"JobForNone":       {"POST", "/v1/jobs", "", `{"type": "assign", "select": {"all": true}, "owner": "none"}`, "invalid_user"},
		"JobWithOthers":    {"POST", "/v1/jobs", "", `{"type": "delete", "select": {"all": true}, "owner": "user_1"}`, "unknown_member"},
		"JobConfirmedSo":   {"POST", "/v1/jobs", "", `{"type": "delete", "select": {"all": true}, "confirm": -1}`, "invalid_value"},
		"JobDryly":         {"POST", "/v1/jobs", "dryRun=1", `{"type": "unblock", "select": {"all": true}}`, "invalid_choice"},
		"OtherAddress":     {"PUT", "/v1/contacts/email:a@b.it", "", `{"email": "c@b.it"}`, "identity_mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := d.must(400, call{method: c.method, path: strings.Replace(c.path, "$1", contact, 1), query: c.query, body: strings.Replace(c.body, "$1", contact, 1)})
			if codes := r.codes(t); len(codes) != 1 || codes[0] != c.code {
				t.Errorf("answered %s, want %s alone", r.body, c.code)
			}
		})
	}
}
