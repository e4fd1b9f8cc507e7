package field_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/problem"
)

// draft reads a body and returns what is wrong with it, each "member code".
func draft(t testing.TB, creating bool, text string) (field.Draft, []string) {
	t.Helper()
	form, err := body.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	d := field.ReadDraft(form, creating)
	return d, told(problem.Of(orNoError(form.Err())).Fields)
}

// orNoError stands in for a nil error, which problem.Of does not take.
func orNoError(err error) error {
	if err == nil {
		return &problem.Error{}
	}
	return err
}

func told(fields []problem.Field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Field+" "+f.Code)
	}
	return all
}

// good reads a body in which nothing is wrong.
func good(t testing.TB, creating bool, text string) field.Draft {
	t.Helper()
	d, wrong := draft(t, creating, text)
	if len(wrong) > 0 {
		t.Fatalf("%s: %v", text, wrong)
	}
	return d
}

func create(t testing.TB, s field.Set, text string) field.Set {
	t.Helper()
	after, _, err := s.Create(good(t, true, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return after
}

func update(t testing.TB, s field.Set, key, text string) field.Set {
	t.Helper()
	after, _, err := s.Update(key, good(t, false, text))
	if err != nil {
		t.Fatalf("%s %s: %v", key, text, err)
	}
	return after
}

// keys are those of the fields in a folder, in their order.
func keys(s field.Set, folder string) []string {
	var all []string
	for _, d := range s.All() {
		if d.Folder == folder {
			all = append(all, d.Key)
		}
	}
	return all
}

func view(t testing.TB, s field.Set, key string) field.View {
	t.Helper()
	d, ok := s.Field(key)
	if !ok {
		t.Fatalf("there is no field %s", key)
	}
	return d.View()
}

func TestDraftsAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`:                        {"key required", "type required"},
		`{"key":"","type":null}`:    {"key required", "type required"},
		`{"key":"a","type":"text"}`: nil,
		`{"key":"` + strings.Repeat("a", 63) + `","type":"text"}`:                                                           nil,
		`{"key":"` + strings.Repeat("a", 64) + `","type":"text"}`:                                                           {"key too_long"},
		`{"key":"a","type":"text","label":null,"folder":null,"position":null,"options":null,"managedBy":null,"shown":null}`: nil,
		`{"key":"a","type":"text","label":"","folder":"","position":"","options":"","managedBy":"","shown":""}`:             nil,
		`{"key":"a","type":"text","options":[]}`:                                                                            nil,
		`{"key":"a","type":"Text"}`:                                                                                         {"type invalid_choice"},
		`{"key":"a","type":"country"}`:                                                                                      {"type invalid_choice"},
		`{"key":7,"type":7}`:                                                                                                {"key wrong_type", "type wrong_type"},
		`{"key":"a","type":"text","options":["x"]}`:                                                                         {"options invalid_value"},
		`{"key":"a","type":"list"}`:                                                                                         {"options required"},
		`{"key":"a","type":"multilist","options":[]}`:                                                                       {"options required"},
		`{"key":"a","type":"list","options":["x","x"," x "]}`:                                                               {"options[1] invalid_value", "options[2] invalid_value"},
		`{"key":"a","type":"list","options":["x","X"]}`:                                                                     nil,
		`{"key":"a","type":"list","options":["  ",1,"a\nb"]}`:                                                               {"options[0] invalid_value", "options[1] wrong_type", "options[2] control_character"},
		`{"key":"a","type":"list","options":["` + strings.Repeat("x", 256) + `"]}`:                                          {"options[0] too_long"},
		`{"key":"a","type":"list","options":["x"` + strings.Repeat(`,"x"`, field.MaxOptions) + `]}`:                         {"options too_many"},
		`{"key":"a","type":"list","options":"x"}`:                                                                           {"options wrong_type"},
		`{"key":"a","type":"text","position":-1}`:                                                                           {"position invalid_value"},
		`{"key":"a","type":"text","position":10001}`:                                                                        {"position invalid_value"},
		`{"key":"a","type":"text","position":1.5,"shown":"yes"}`:                                                            {"position wrong_type", "shown wrong_type"},
		`{"key":"a","type":"text","label":"` + strings.Repeat("x", 101) + `"}`:                                              {"label too_long"},
		`{"key":"a","type":"text","managedBy":"` + strings.Repeat("é", 33) + `"}`:                                           {"managedBy invalid_value"},
		`{"key":"a","type":"text","managedBy":"a\u200bb"}`:                                                                  {"managedBy invalid_value"},
		`{"key":"a","type":"text","standard":true,"id":"1","Key":"b"}`:                                                      {"standard read_only", "id unknown_member", "Key unknown_member"},
	} {
		if _, got := draft(t, true, text); !cmp.Equal(want, got) {
			t.Errorf("POST %.90s\n got %q\nwant %q", text, got, want)
		}
	}
	for _, key := range []string{"A", "1a", "_a", "a-b", "a b", "à", "a.b", "fields.a"} {
		if _, got := draft(t, true, fmt.Sprintf(`{"key":%q,"type":"text"}`, key)); !cmp.Equal(got, []string{"key invalid_key"}) {
			t.Errorf("the key %q: %q", key, got)
		}
	}
	for text, want := range map[string][]string{
		`{}`: nil,
		`{"label":"L","folder":"x","position":3,"options":["a"],"managedBy":"crm","shown":false}`: nil,
		`{"key":"a","type":"text","standard":false,"label":""}`:                                   {"key read_only", "type read_only", "standard read_only"},
	} {
		if _, got := draft(t, false, text); !cmp.Equal(want, got) {
			t.Errorf("PATCH %s\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestTheStandardFieldsAreThereFromTheStart(t *testing.T) {
	t.Parallel()
	var s field.Set
	want := map[string][]string{ // product.md, C1
		"contact":    {"firstName", "lastName", "email", "phone", "dateOfBirth", "source", "type"},
		"general":    {"businessName", "streetAddress", "city", "country", "state", "postalCode", "website", "timezone"},
		"additional": {"language", "otherEmails", "otherPhones", "externalIds", "companyId", "department", "owner", "followers", "status", "vip", "description"},
	}
	for folder, fields := range want {
		if diff := cmp.Diff(fields, keys(s, folder)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", folder, diff)
		}
	}
	for _, d := range s.All() {
		if !d.Standard || d.Hidden || d.Label == "" || d.ManagedBy != "" || d.ID != d.Key {
			t.Errorf("%+v", d)
		}
		if _, _, err := s.Delete(d.Key); !problem.HasCode(err, "standard_field") {
			t.Errorf("deleting %s: %v", d.Key, err)
		}
		for _, text := range []string{`{"label":"Other"}`, `{"options":["a"]}`} {
			if _, _, err := s.Update(d.Key, good(t, false, text)); !problem.HasCode(err, "standard_field") {
				t.Errorf("%s of %s: %v", text, d.Key, err)
			}
		}
		same, made, err := s.Update(d.Key, good(t, false, fmt.Sprintf(`{"label":%q}`, d.Label)))
		if err != nil || !cmp.Equal(made, d) || !cmp.Equal(same.All(), s.All()) {
			t.Errorf("its own label: %+v, %v", made, err)
		}
	}
	for _, key := range []string{"email", "phone", "status", "vip", "description"} {
		if _, _, err := s.Create(good(t, true, fmt.Sprintf(`{"key":%q,"type":"text"}`, key))); !problem.HasCode(err, "standard_field") {
			t.Errorf("making %s: %v", key, err)
		}
	}

	moved := update(t, s, "phone", `{"folder":"general","position":0,"managedBy":"sap","shown":false}`)
	if diff := cmp.Diff(field.View{Key: "phone", Label: "Phone", Type: field.Phone, Folder: "general", Standard: true, ManagedBy: "sap"}, view(t, moved, "phone")); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if got := keys(moved, "general"); got[0] != "phone" || got[1] != "businessName" {
		t.Errorf("general is %v", got)
	}
	back := update(t, moved, "phone", `{"label":null,"folder":null,"position":null,"managedBy":null,"shown":null}`)
	for _, folder := range []string{"contact", "general"} {
		if diff := cmp.Diff(want[folder], keys(back, folder)); diff != "" {
			t.Errorf("once all is cleared %s differs (-want +got):\n%s", folder, diff)
		}
	}
	if diff := cmp.Diff(view(t, s, "phone"), view(t, back, "phone")); diff != "" {
		t.Errorf("once all is cleared (-want +got):\n%s", diff)
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	s := create(t, field.Set{}, `{"key":"score","type":"number"}`)
	if diff := cmp.Diff(field.View{Key: "score", Label: "score", Type: field.Number, Folder: "additional", Position: 11, Shown: true}, view(t, s, "score")); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	s = create(t, s, `{"key":"segment","type":"list","label":" Segment ","folder":"contact","position":2,"options":[" a ","b"],"managedBy":"crm","shown":false}`)
	want := field.View{Key: "segment", Label: "Segment", Type: field.List, Folder: "contact", Position: 2, Options: []string{"a", "b"}, ManagedBy: "crm"}
	if diff := cmp.Diff(want, view(t, s, "segment")); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"firstName", "lastName", "segment", "email", "phone", "dateOfBirth", "source", "type"}, keys(s, "contact")); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if _, _, err := s.Create(good(t, true, `{"key":"score","type":"text"}`)); !problem.HasCode(err, "field_exists") {
		t.Errorf("a second score: %v", err)
	}
	if _, _, err := s.Update("nothing", good(t, false, `{}`)); !problem.Is(err, problem.NotFound) {
		t.Errorf("changing what is not there: %v", err)
	}
	if _, _, err := s.Delete("nothing"); !problem.Is(err, problem.NotFound) {
		t.Errorf("deleting what is not there: %v", err)
	}

	s = update(t, s, "segment", `{"label":null,"folder":null,"options":["b","c"],"managedBy":"","shown":null}`)
	want = field.View{Key: "segment", Label: "segment", Type: field.List, Folder: "additional", Position: 12, Options: []string{"b", "c"}, Shown: true}
	if diff := cmp.Diff(want, view(t, s, "segment")); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	for key, bad := range map[string]map[string][]string{
		"segment":    {`{"options":null,"folder":"none"}`: {"folder unknown_folder", "options required"}, `{"options":[]}`: {"options required"}},
		"score":      {`{"options":["a"],"folder":"Contact"}`: {"folder unknown_folder", "options invalid_value"}, `{"options":[]}`: nil},
		"status":     {`{"folder":"x"}`: {"folder unknown_folder"}},
		"nothing":    {`{"options":[]}`: nil},
		"firstName":  {`{"shown":false}`: nil},
		"additional": {`{"folder":"y"}`: {"folder unknown_folder"}},
	} {
		for text, wrong := range bad {
			d := good(t, false, text)
			if got := told(s.Wrong(key, d)); !cmp.Equal(wrong, got) {
				t.Errorf("%s %s: %v, want %v", key, text, got, wrong)
			}
			if _, _, err := s.Update(key, d); wrong != nil && !problem.Is(err, problem.NotFound) && !cmp.Equal(wrong, told(problem.Of(err).Fields)) {
				t.Errorf("%s %s: %v", key, text, err)
			}
		}
	}

	// A field made anew is another one.
	before, _ := s.CustomField("score")
	s, _, err := s.Delete("score")
	if err != nil {
		t.Fatal(err)
	}
	if _, there := s.CustomField("score"); there {
		t.Error("score is there after it was deleted")
	}
	s = create(t, s, `{"key":"score","type":"text"}`)
	after, _ := s.CustomField("score")
	if before.ID == after.ID || !s.Knows(before.ID) || !s.Knows(after.ID) || s.Knows("4") {
		t.Errorf("the ids are %s and %s", before.ID, after.ID)
	}
	if _, there := s.CustomID(before.ID); there {
		t.Error("the former score's id stands for the new one")
	}
}

func TestManagers(t *testing.T) {
	t.Parallel()
	s := create(t, field.Set{}, `{"key":"score","type":"number","managedBy":"crm"}`)
	s = update(t, create(t, s, `{"key":"city_code","type":"text"}`), "externalIds", `{"managedBy":"sap"}`)
	for member, want := range map[string]string{
		"fields.score": "crm", "fields.city_code": "", "fields.none": "", "score": "", "externalIds": "sap", "externalIds.sap": "sap", "phone": "", "fields": "",
	} {
		if got := s.ManagedBy(member); got != want {
			t.Errorf("%s is managed by %q, want %q", member, got, want)
		}
	}
}
