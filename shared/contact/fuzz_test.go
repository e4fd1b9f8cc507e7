package contact_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// readOnly are the members of a view that no body may have.
var readOnly = []string{"id", "version", "name", "blocked", "createdAt", "updatedAt"}

// FuzzPatch: whatever is accepted makes a contact that, sent back as it is shown,
// is accepted again and changes nothing.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"firstName":" Jose\u0301 ","email":"Ada@Example.com","phone":"+393514117320"}`,
		`{"otherEmails":["a@b.it","A@B.it",""],"otherPhones":["+5511987654321","+551187654321"],"externalIds":{"sap":"K-17","crm":null}}`,
		`{"status":"inactive","vip":true,"owner":"user_7","followers":["user_9","user_9"],"country":null,"phone":"+12025550123"}`,
		`{"description":"a\r\nb","streetAddress":"Via Po 1\n\n10124","dateOfBirth":"2000-02-29","website":"HTTPS://Rossi.example/ä?q#f"}`,
		`{"email":null,"phone":"","vip":"","status":null,"otherEmails":"","externalIds":"","followers":null,"fields":{},"tags":[]}`,
		`{"id":"x","Email":"a@b.it","firstName":7,"email":{},"vip":1}`, `{"city":"\u0085","state":"\u2028","language":"pt-br","timezone":"europe/rome"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		made, ok := apply(t, contact.Contact{}, raw)
		if !ok {
			return
		}
		made.ID, made.Version = "01JD3QAAAAAAAAAAAAAAAAAAA0", 1
		if changes := contact.Compare(&made, &made, &contact.Terms{Fields: &field.Set{}}); len(changes) != 0 {
			t.Fatalf("a contact differs from itself: %+v", changes)
		}
		shown, err := json.Marshal(made.View(&contact.Terms{Fields: &field.Set{}}))
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(shown, &members); err != nil {
			t.Fatal(err)
		}
		for _, name := range readOnly {
			delete(members, name)
		}
		back, err := json.Marshal(members, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		unchanged(t, made, back)
		// Once more as a patch, where null clears what on creation it left unset.
		patched, ok := apply(t, made, raw)
		if !ok {
			t.Fatalf("%s is refused the second time", raw)
		}
		unchanged(t, patched, raw)
	})
}

// unchanged fails if a body changes a contact.
func unchanged(t *testing.T, c contact.Contact, raw []byte) {
	t.Helper()
	again, ok := apply(t, c, raw)
	if !ok {
		t.Fatalf("%+v refuses %s", c, raw)
	}
	if changes := contact.Compare(&c, &again, &contact.Terms{Fields: &field.Set{}}); len(changes) != 0 {
		t.Fatalf("%s changes %+v: %+v", raw, c, changes)
	}
}

// apply reads a body and applies it. What is refused is refused as validation,
// and each error names its member.
func apply(t *testing.T, before contact.Contact, raw []byte) (after contact.Contact, ok bool) {
	t.Helper()
	form, err := body.Parse(raw)
	if err == nil {
		patch := contact.ParsePatch(form)
		if wrong := patch.Resolve(&field.Set{}, ""); len(wrong) > 0 {
			form.Add(wrong...)
		}
		if err = form.Err(); err == nil {
			if after, err = patch.Apply(before); err == nil {
				return after, true
			}
		}
	}
	p := problem.Of(err)
	if p.Kind != problem.Validation || len(p.Fields) == 0 {
		t.Fatalf("%s: %v", raw, err)
	}
	for _, e := range p.Fields {
		if e.Code == "" || e.Detail == "" || strings.ContainsAny(e.Code, " .") {
			t.Fatalf("%s: %+v", raw, e)
		}
	}
	return after, false
}

// FuzzParseRef: a reference that is accepted names an id or an identity, and the
// spelling that it was given names the same one again.
func FuzzParseRef(f *testing.F) {
	for _, s := range []string{
		"01JD3QAAAAAAAAAAAAAAAAAAA0", "id:01JD3QAAAAAAAAAAAAAAAAAAA0", "email:Ada@Example.com", "phone:+551187654321", "ext:sap:K-17",
		"ext:sap:a:b", "ext:sap:", "ext::", "email:", "phone:123", "", ":", "me", "email: a@b.it", "id:id:01JD3QAAAAAAAAAAAAAAAAAAA0", "ext:SAP:é\u0301",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := contact.ParseRef(s)
		if err != nil {
			if !problem.Is(err, problem.Validation) && !problem.Is(err, problem.NotFound) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again := "id:" + ref.ID
		if ref.ID == "" {
			if ref.Identity.Kind == "" || ref.Identity.Value == "" || ref.Given == "" {
				t.Fatalf("%q: %+v", s, ref)
			}
			again = string(ref.Identity.Kind) + ":" + ref.Given
			if c := contact.WithIdentity(contact.Contact{}, ref); !c.Holds(ref.Identity) {
				t.Fatalf("%q: a contact made by it does not hold it: %+v", s, c)
			}
		}
		if same, err := contact.ParseRef(again); err != nil || same != ref {
			t.Fatalf("%q is %+v, and %q is %+v, %v", s, ref, again, same, err)
		}
	})
}
