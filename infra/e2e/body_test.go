package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// hostile are bodies that no client should send. NAME is a member that takes a
// text, UPPER the same in capitals, ESCAPED the same in JSON's escapes.
var hostile = map[string]string{
	"Nothing": ``, "Spaces": " \n", "Null": `null`, "AnArray": `[]`, "AText": `"x"`, "ANumber": `1`, "NoJSON": `firstName=Maria`,
	"CutOff": `{"NAME":"x"`, "TrailingData": `{} {}`, "TrailingComma": `{"NAME":"x",}`, "TrailingText": `{}x`, "ABracketTooMany": `{}}`,
	"AnUnknownMember": `{"zz":"x"}`, "AnUnknownNull": `{"zz":null}`, "TheSameMemberTwice": `{"NAME":"x","NAME":"x"}`,
	"TheSameMemberTwiceEscaped": `{"NAME":"x","ESCAPED":"y"}`, "TheSameMemberTwiceInside": `{"zz":{"a":1,"b":[{"c":1,"c":1}]}}`,
	"UpperCase": `{"UPPER":"x"}`, "AnotherType": `{"NAME":17}`, "AnObject": `{"NAME":{}}`, "AList": `{"NAME":["x"]}`, "True": `{"NAME":true}`,
	"BadUTF8": "{\"NAME\":\"\xff\"}", "OverlongUTF8": "{\"NAME\":\"\xc0\xaf\"}", "SurrogateInUTF8": "{\"NAME\":\"\xed\xa0\x80\"}",
	"BadUTF8InAName": "{\"\xff\":1}", "HalfASurrogatePair": `{"NAME":"\ud83d"}`, "TheOtherHalf": `{"NAME":"\ude00"}`,
	"HalfAPairAndText": `{"NAME":"\ud83dx"}`, "AByteOrderMark": "\ufeff{}", "UTF16": "\xff\xfe{\x00}\x00", "HugeNumber": `{"NAME":1e400}`,
	"HugeNegativeNumber": `{"NAME":-1e400}`, "HugeNumberInside": `{"zz":[1e309]}`, "TooDeep": nested(33), "FarTooDeep": nested(100_000),
	"Comments": `{/* x */}`, "SingleQuotes": `{'NAME':'x'}`, "NaN": `{"NAME":NaN}`, "ARawControlCharacter": "{\"NAME\":\"a\nb\"}",
	"ABadEscape": `{"NAME":"\x41"}`, "ALeadingZero": `{"NAME":01}`,
}

// nested is an object whose member zz makes it depth levels deep.
func nested(depth int) string {
	return `{"zz":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}"
}

func TestStrictBodies(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	id := owner.Create(t, Object{"firstName": "Before"}).ID()
	routes := []struct{ method, path, member string }{
		{"POST", "/v1/contacts", "firstName"},
		{"PATCH", "/v1/contacts/" + id, "firstName"},
		{"PUT", "/v1/contacts/email:strict@example.com", "firstName"},
		{"PATCH", "/v1/workspace", "timezone"},
		{"POST", "/v1/tokens", "name"},
	}

	t.Run("Refuse", func(t *testing.T) {
		for name, body := range hostile {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for _, r := range routes {
					fill := strings.NewReplacer("NAME", r.member, "UPPER", strings.ToUpper(r.member),
						"ESCAPED", fmt.Sprintf(`\u%04x`, r.member[0])+r.member[1:])
					owner.Do(t, r.method, r.path, fill.Replace(body)).Refused(400, "")
				}
			})
		}
		t.Run("MoreThan256KiB", func(t *testing.T) {
			t.Parallel()
			const most = 256 << 10
			long := func(n int) string { return "{" + strings.Repeat(" ", n-2) + "}" }
			owner.Post(t, "/v1/contacts", long(most)).Is(201)
			for _, r := range routes {
				owner.Do(t, r.method, r.path, long(most+1)).Refused(413, "")
				owner.Do(t, r.method, r.path+"?zz=1", long(most+1), "Content-Type", "text/plain").Refused(413, "")
			}
			owner.Post(t, "/v1/contacts", strings.Repeat("x", 10<<20)).Refused(413, "")
			owner.Do(t, "DELETE", "/v1/contacts/"+id, long(most+1)).Refused(413, "")
		})
	})

	if got := owner.Contact(t, id); got.Version() != 1 || got.Text("firstName") != "Before" {
		t.Errorf("refused bodies have changed the contact: %v", got)
	}
	owner.Get(t, "/v1/contacts/email:strict@example.com").Refused(404, "")
	if tokens := owner.All(t, "/v1/tokens"); len(tokens) != 0 {
		t.Errorf("refused bodies have made tokens: %v", tokens)
	}
}

func TestBodyErrorsNameTheMember(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	for body, want := range map[string]string{
		`{"city":"x","city":"y"}`:                         "city duplicate_member",
		`{"City":"x"}`:                                    "City unknown_member",
		`{"externalIds":{"sap":"1","sap":"2"}}`:           "externalIds.sap duplicate_member",
		`{"otherEmails":["a@example.com",{"a":1,"a":2}]}`: "otherEmails[1].a duplicate_member",
		`{"vip":1e999}`:                                   "vip number_out_of_range",
		nested(32):                                        "zz unknown_member",
	} {
		owner.Post(t, "/v1/contacts", body).Invalid(want)
	}
}

func TestAnswersToManyMistakesAreOfModestSize(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	const mistakes = 120_000
	a := owner.Post(t, "/v1/contacts", `{"otherEmails":[1`+strings.Repeat(",1", mistakes-1)+`]}`)
	refused := a.Refused(400, "")
	if n := len(refused["errors"].([]any)); n != 1000 || len(a.Body) > 1<<20 {
		t.Errorf("%d errors in %d bytes; want the first 1000 in less than a megabyte", n, len(a.Body))
	}
	if detail := refused.Text("detail"); !strings.Contains(detail, fmt.Sprint(mistakes-1)) {
		t.Errorf("the detail does not say how many there are: %s", detail)
	}
	if detail := owner.Post(t, "/v1/contacts", `[]`).Refused(400, "").Text("detail"); strings.HasPrefix(detail, ":") {
		t.Errorf("the detail of what is wrong with the whole body: %q", detail)
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, crm := w.As(t, "owner"), w.As(t, "owner", Integration("crm"))
	id := owner.Create(t, Object{}).ID()
	folder := owner.Post(t, "/v1/folders", Object{"name": "A"}).Is(201).JSON().ID()
	company := owner.Post(t, "/v1/companies", Object{"name": "A"}).Is(201).JSON().ID()
	account := owner.Post(t, "/v1/channels", Object{"channel": "whatsapp", "name": "A"}).Is(201).JSON().ID()
	note := owner.Post(t, "/v1/contacts/"+id+"/notes", Object{"text": "A"}).Is(201).JSON().ID()
	tag := owner.Post(t, "/v1/tags", Object{"name": "A"}).Is(201).JSON().ID()
	type route struct {
		client             *Client
		method, path, body string
		merge              bool
		status             int
	}
	for _, r := range []route{
		{owner, "POST", "/v1/contacts", `{}`, false, 201},
		{owner, "PATCH", "/v1/contacts/" + id, `{}`, true, 200},
		{owner, "PUT", "/v1/contacts/ext:media:1", `{}`, true, 0},
		{owner, "PATCH", "/v1/workspace", `{}`, true, 200},
		{owner, "POST", "/v1/tokens", `{"name":"t","role":"agent"}`, false, 201},
		{owner, "PUT", "/v1/contacts/" + id + "/dnd", `{"email":true}`, true, 200},
		{crm, "PUT", "/v1/contacts/" + id + "/locks/spring", `{"expiresAt":"2999-01-01T00:00:00Z"}`, true, 200},
		{crm, "PUT", "/v1/contacts/" + id + "/profile", `{"displayName":"A"}`, true, 200},
		{crm, "PUT", "/v1/contacts/" + id + "/validation", `{"state":"validated"}`, true, 200},
		{owner, "PATCH", "/v1/fields/phone", `{}`, true, 200},
		{owner, "PATCH", "/v1/folders/" + folder, `{}`, true, 200},
		{owner, "PATCH", "/v1/companies/" + company, `{}`, true, 200},
		{owner, "PATCH", "/v1/channels/" + account, `{}`, true, 200},
		{owner, "PATCH", "/v1/contacts/" + id + "/notes/" + note, `{}`, true, 200},
		{owner, "PATCH", "/v1/tags/" + tag, `{}`, true, 200},
		{owner, "POST", "/v1/contacts/" + id + "/block", `{}`, false, 200},
	} {
		for media, takes := range map[string]bool{
			"application/json": true, "-": true, "Application/JSON": true, "application/json; charset=utf-8": true,
			"application/json;charset=UTF-8": true, "application/merge-patch+json": r.merge, "application/merge-patch+json; charset=utf-8": r.merge,
			"text/plain": false, "text/json": false, "application/jsonx": false, "application/json-patch+json": false,
			"application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "*/*": false, "json": false,
		} {
			a := r.client.Do(t, r.method, r.path, r.body, "Content-Type", media)
			switch {
			case !takes:
				a.Refused(415, "")
			case r.status == 0 && a.Status != 200:
				a.Is(201)
			case r.status != 0:
				a.Is(r.status)
			}
		}
		r.client.Do(t, r.method, r.path, `{"zz":`, "Content-Type", "text/plain").Refused(415, "")
	}
	crm.Do(t, "DELETE", "/v1/contacts/"+id+"/locks/spring", `{}`, "Content-Type", "application/merge-patch+json").Refused(415, "")
	crm.Do(t, "DELETE", "/v1/contacts/"+id+"/locks/spring", `{}`).Is(204)
	// Where no body is taken its type does not matter.
	owner.Do(t, "PUT", "/v1/contacts/"+id+"/followers/user_2", nil, "Content-Type", "text/plain").Is(200)
	owner.Get(t, "/v1/contacts/"+id, "Content-Type", "text/plain").Is(200)
}
