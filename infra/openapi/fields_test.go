package openapi_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"rubrica/shared/field"
)

// values has a good value for each type of custom field.
var values = map[field.Type]string{
	field.Text: `"x"`, field.LongText: `"x\ny"`, field.Number: `12.5`, field.Boolean: `true`, field.Date: `"2026-11-20"`,
	field.DateTime: `"2026-11-20T09:30:00+01:00"`, field.Time: `"09:30"`, field.List: `"a"`, field.MultiList: `["b", "a"]`,
	field.Email: `"maria@example.it"`, field.Phone: `"+393514117320"`, field.URL: `"https://rossi.example"`,
	field.Currency: `{"amount": "-10.50", "currency": "EUR"}`,
}

// fields does what can be done with fields and folders, and with the card of the
// contact at path.
func (d *desk) fields(path string) {
	d.t.Helper()
	for _, kind := range field.Types {
		body := `{"key": "a_` + string(kind) + `", "type": "` + string(kind) + `"`
		if kind == field.List || kind == field.MultiList {
			body += `, "options": ["a", "b"]`
		}
		d.must(201, call{method: "POST", path: "/v1/fields", body: body + "}"})
		d.must(200, call{method: "PATCH", path: path, body: `{"fields": {"a_` + string(kind) + `": ` + values[kind] + `}}`})
	}
	d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"fields": {"a_text": "x", "a_number": null, "a_list": ""}}`})
	folder := d.must(201, call{method: "POST", path: "/v1/folders", body: `{"name": "Contract"}`}).text(d.t, "id")
	key := map[string]string{"Idempotency-Key": "a-field"}
	made := call{method: "POST", path: "/v1/fields", header: key, body: `{"key": "segment", "type": "list", "label": "Segment",
		"folder": "` + folder + `", "position": 3, "options": ["Private"], "managedBy": "sap-sync", "shown": false}`}
	d.must(201, made)
	d.must(201, made) // replayed
	d.must(200, call{method: "PATCH", path: "/v1/fields/segment", body: `{"label": "Group", "options": ["Private", "Business"], "managedBy": null, "shown": true, "position": ""}`})
	again := map[string]string{"Idempotency-Key": "another-field"}
	d.must(200, call{method: "PATCH", path: "/v1/fields/source", body: `{"managedBy": "sap-sync", "folder": "additional"}`, header: again})
	d.must(200, call{method: "PATCH", path: "/v1/fields/source", body: `{"managedBy": "sap-sync", "folder": "additional"}`, header: again})
	d.must(200, call{method: "PATCH", path: "/v1/folders/" + folder, body: `{"name": "Deal", "position": 0}`})
	d.must(200, call{method: "PATCH", path: "/v1/folders/contact", body: `{"position": 5}`})
	d.must(200, call{method: "GET", path: "/v1/fields"})
	d.must(200, call{method: "GET", path: "/v1/folders"})
	for _, query := range []string{"", "hideEmpty=true", "hideEmpty=false"} {
		d.must(200, call{method: "GET", path: path + "/card", query: query})
	}
	d.managed(path)
	d.must(409, call{method: "DELETE", path: "/v1/folders/" + folder})
	d.must(204, call{method: "DELETE", path: "/v1/fields/segment"})
	d.must(204, call{method: "DELETE", path: "/v1/folders/" + folder})
	d.must(409, call{method: "POST", path: "/v1/fields", body: `{"key": "a_text", "type": "text"}`})
}

// managed provokes conflicts over members that an integration manages.
func (d *desk) managed(path string) {
	d.t.Helper()
	for _, member := range []string{"source", "followers", "otherEmails"} {
		d.must(200, call{method: "PATCH", path: "/v1/fields/" + member, body: `{"managedBy": "sap-sync"}`})
	}
	r := d.must(409, call{method: "PATCH", path: path, body: `{"source": "fair"}`})
	if r.text(d.t, "field") != "source" || r.text(d.t, "managedBy") != "sap-sync" {
		d.t.Errorf("%s does not say what is managed by whom", r.body)
	}
	d.must(409, call{method: "POST", path: "/v1/contacts", body: `{"source": "fair"}`})
	d.must(409, call{method: "PUT", path: "/v1/contacts/ext:erp:9", body: `{"source": "fair"}`})
	d.must(409, call{method: "PUT", path: path + "/followers/user_8"})
	d.must(409, call{method: "PUT", path: path + "/identities/email:further@example.com"})
	d.must(409, call{method: "DELETE", path: path + "/followers/user_9"})
	d.must(409, call{method: "DELETE", path: path + "/identities/email:m.rossi@example.com"})
	for _, member := range []string{"source", "followers", "otherEmails"} {
		d.must(200, call{method: "PATCH", path: "/v1/fields/" + member, body: `{"managedBy": ""}`})
	}
}

// TestCustomValuesAreRefused: each type names what is wrong with a value of
// another.
func TestCustomValuesAreRefused(t *testing.T) {
	t.Parallel()
	d := sit(t, serve(t), nil)
	for _, kind := range field.Types {
		body := `{"key": "a_` + string(kind) + `", "type": "` + string(kind) + `", "options": ["a", "b"]}`
		if kind != field.List && kind != field.MultiList {
			body = strings.Replace(body, `, "options": ["a", "b"]`, "", 1)
		}
		d.must(201, call{method: "POST", path: "/v1/fields", body: body})
	}
	for member, want := range map[string]string{
		`"a_text": 1`: "wrong_type", `"a_number": "1"`: "wrong_type", `"a_number": 12345678901234567890`: "number_out_of_range", `"a_boolean": "true"`: "wrong_type",
		`"a_date": "2026-02-30"`: "invalid_date", `"a_datetime": "2026-02-20"`: "invalid_datetime", `"a_time": "24:00"`: "invalid_time",
		`"a_list": "c"`: "invalid_option", `"a_multilist": ["a", "c"]`: "invalid_option", `"a_email": "x"`: "invalid_email", `"a_phone": "x"`: "invalid_phone",
		`"a_url": "x"`: "invalid_url", `"a_currency": {"amount": "1,5", "currency": "EUR"}`: "invalid_value", `"a_currency": {"amount": "1", "currency": "XXY"}`: "invalid_currency",
		`"a_currency": {"amount": "1"}`: "required", `"nothing": 1`: "unknown_field",
	} {
		r := d.must(400, call{method: "POST", path: "/v1/contacts", body: `{"fields": {` + member + `}}`})
		if codes := r.codes(t); len(codes) != 1 || codes[0] != want {
			t.Errorf("%s: answered %s, want %s", member, r.body, want)
		}
	}
}

// TestOptionsCanBeChosen: whatever is taken as an option of a list can be chosen
// as it was written, and as it is shown.
func TestOptionsCanBeChosen(t *testing.T) {
	t.Parallel()
	d := sit(t, serve(t), nil)
	for i, option := range []string{"Privé", "Prive\u0301", " x ", "名", "a\u2028b", "a\tb", "\u007f", "x\r", strings.Repeat("e\u0301", 100)} {
		key := "k" + string(rune('a'+i))
		quoted, err := json.Marshal(option)
		if err != nil {
			t.Fatal(err)
		}
		r := d.do(call{method: "POST", path: "/v1/fields", body: `{"key": "` + key + `", "type": "list", "options": [` + string(quoted) + `]}`})
		if r.status == 400 {
			continue // refused in time
		}
		var made field.View
		if err := json.Unmarshal(r.body, &made); err != nil {
			t.Fatal(err)
		}
		shown, err := json.Marshal(made.Options[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range [][]byte{quoted, shown} {
			d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"fields": {"` + key + `": ` + string(value) + `}}`})
		}
	}
}
