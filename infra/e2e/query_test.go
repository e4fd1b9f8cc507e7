package e2e

import (
	"strings"
	"testing"
)

func TestStrictQueries(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	contact := "/v1/contacts/" + owner.Create(t, Object{}).ID()

	for query, want := range map[string]string{
		"zz=1": "zz unknown_parameter", "limit=1&limit=1": "limit duplicate_parameter", "Limit=1": "Limit unknown_parameter",
		"limit=0": "limit invalid_value", "limit=101": "limit invalid_value", "limit=-1": "limit invalid_value", "limit=": "limit invalid_value",
		"limit=ten": "limit invalid_value", "limit=1.0": "limit invalid_value", "limit=01": "limit invalid_value", "limit=%2B1": "limit invalid_value",
		"limit=99999999999999999999": "limit invalid_value", "sort=age": "sort invalid_choice", "sort=": "sort invalid_choice",
		"sort=CreatedAt": "sort invalid_choice", "sort=name": "sort invalid_choice", "sort=-updatedAt": "sort invalid_choice",
		"status=asleep": "status invalid_choice", "status=": "status invalid_choice",
		"vip=yes": "vip invalid_choice", "vip=1": "vip invalid_choice", "vip=": "vip invalid_choice", "owner=": "owner invalid_user",
		"owner=a%20b": "owner invalid_user", "follower=": "follower invalid_user", "email=nobody": "email invalid_email",
		"email=": "email invalid_email", "phone=12": "phone invalid_phone", "phone=+393514117320": "phone invalid_phone",
		"cursor=": "cursor invalid_cursor", "cursor=x": "cursor invalid_cursor", "tag=": "tag required", "tag=%00": "tag control_character",
		"q=maria": "q unknown_parameter", "blocked=1": "blocked invalid_choice", "company=1": "company invalid_id",
		"owner=%ff": "owner invalid_utf8",
	} {
		owner.Get(t, "/v1/contacts?"+query).InvalidField(first(want))
	}
	owner.Get(t, "/v1/contacts?limit=0&sort=x&zz=1&vip=2&email=x&limit=1").InvalidField("zz")
	owner.Get(t, "/v1/contacts?limit=0&sort=x&zz=1&vip=2&email=x").
		Invalid("limit invalid_value", "sort invalid_choice", "zz unknown_parameter", "vip invalid_choice", "email invalid_email")
	// What a person types who forgets that + is a space there.
	if refused := owner.Get(t, "/v1/contacts?phone=+393514117320"); !strings.Contains(string(refused.Body), "phone=%2B39") {
		t.Errorf("nothing says how + is written: %v", refused)
	}
	for _, malformed := range []string{"limit=%zz", "a=1;b=2", "%=1"} {
		owner.Get(t, "/v1/contacts?"+malformed).Refused(400, "")
	}
	for _, query := range []string{"limit=1", "limit=100", "sort=createdAt", "sort=-createdAt", ""} {
		owner.Get(t, "/v1/contacts?"+query).Is(200)
	}
	// Every route refuses what it does not know, and what a page has not.
	for _, r := range [][2]string{
		{"GET", contact}, {"PATCH", contact}, {"DELETE", contact}, {"POST", "/v1/contacts"}, {"PUT", "/v1/contacts/email:a@example.com"},
		{"PUT", contact + "/followers/user_1"}, {"GET", contact + "/audit"}, {"GET", "/v1/audit"}, {"GET", "/v1/workspace"},
		{"PATCH", "/v1/workspace"}, {"GET", "/v1/tokens"}, {"POST", "/v1/tokens"}, {"GET", "/v1/me"}, {"GET", "/v1/health"},
		{"GET", "/v1/openapi.json"},
	} {
		owner.Do(t, r[0], r[1]+"?zz=1", nil).Invalid("zz unknown_parameter")
	}
	owner.Get(t, contact+"?limit=5").Invalid("limit unknown_parameter")
	owner.Get(t, contact).Is(200).Has(Object{"version": 1})
	// The query comes before the body, and behind the content type.
	owner.Post(t, "/v1/contacts?zz=1", `{`).Invalid("zz unknown_parameter")
	owner.Post(t, "/v1/contacts?zz=1", `{}`, "Content-Type", "text/plain").Refused(415, "")
}

func first(s string) string {
	for i := range len(s) {
		if s[i] == ' ' {
			return s[:i]
		}
	}
	return s
}
