package openapi_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/api/channels"
	"rubrica/shared/api/companies"
	"rubrica/shared/api/contacts"
	"rubrica/shared/api/frame"
	"rubrica/shared/api/merges"
	"rubrica/shared/api/messages"
	"rubrica/shared/api/notes"
	"rubrica/shared/api/suggestions"
	"rubrica/shared/api/tags"
	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/channel"
	"rubrica/shared/consent"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/job"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/workspace"
)

// TestSchemasAreTheTypes holds the schemas of answers to the Go types that are
// encoded: the same members, of the same JSON types, and those that are always
// there are required.
func TestSchemasAreTheTypes(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"Contact":         contact.View{},
		"ContactPage":     frame.Page[contact.View]{},
		"AuditEntry":      audit.View{},
		"AuditChange":     audit.ChangeView{},
		"AuditPage":       frame.Page[audit.View]{},
		"Actor":           audit.Actor{},
		"Workspace":       workspace.View{},
		"WorkspaceLimits": workspace.Limits{},
		"FieldError":      problem.Field{},
		"Field":           field.View{},
		"Folder":          field.Folder{},
		"Tag":             tags.View{},
		"TagPage":         frame.Page[tags.View]{},
		"Company":         companies.View{},
		"CompanyPage":     frame.Page[companies.View]{},
		"Note":            notes.View{},
		"NotePage":        frame.Page[notes.View]{},
		"Message":         messages.View{},
		"MessagePage":     frame.Page[messages.View]{},
		"Channel":         channel.Account{},
		"ContactChannel":  channels.View{},
		"MergeResult":     merges.Result{},
		"Merge":           merges.View{},
		"MergePage":       frame.Page[merges.View]{},
		"UndoResult":      merges.Undone{},
		"KeptMember":      merges.Kept{},
		"Suggestion":      suggestions.View{},
		"SuggestionMatch": suggestions.MatchView{},
		"SuggestionValue": suggestions.ValueView{},
		"SuggestionPage":  frame.Page[suggestions.View]{},
		"Lock":            ledger.Lock{},
		"Profile":         contact.Profile{},
		"Validation":      contact.Validation{},
		"Neighbors":       contacts.Neighbors{},
		"DND":             contact.View{}.DND,
		"DNDSetting":      consent.Setting{},
		"Conversation":    contact.Conversation{},
		"Reach":           consent.Reach{},
		"Job":             job.View{},
		"JobError":        job.Failure{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareType(t, name, reflect.TypeOf(value))
		})
	}
}

func compareType(t *testing.T, name string, typ reflect.Type) {
	schema := schemaOf(t, map[string]any{"$ref": "#/components/schemas/" + name})
	properties, _ := schema["properties"].(map[string]any)
	var members, always []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		members = append(members, member)
		if options == "" {
			always = append(always, member)
		}
		property, ok := properties[member].(map[string]any)
		if !ok {
			continue // told below
		}
		if want, got := jsonType(f.Type), schemaOf(t, property)["type"]; want != "" && got != want {
			t.Errorf("%s.%s is documented as %v, is %s", name, member, got, want)
		}
	}
	same(t, name, "members", keys(properties), members)
	var required []string
	for _, r := range list(schema["required"]) {
		required = append(required, r.(string))
	}
	same(t, name, "members that are always there", required, always)
}

// schemaOf follows a schema's reference.
func schemaOf(t testing.TB, schema map[string]any) map[string]any {
	t.Helper()
	for text(schema, "$ref") != "" {
		to, ok := document(t).Lookup(text(schema, "$ref"))
		if !ok {
			t.Fatalf("there is no %s", text(schema, "$ref"))
		}
		schema = to
	}
	return schema
}

// jsonType is how a Go type is encoded, "" if that depends on the value.
func jsonType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[jsontext.Value]():
		return ""
	case t.Kind() == reflect.Pointer:
		return jsonType(t.Elem())
	case t.Kind() == reflect.Float64:
		return "number"
	case t == reflect.TypeFor[instant.Instant]():
		return "string"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return "?" + t.String()
}

// TestContactBodiesAreWhatIsTaken: the members of ContactPatch and ContactUpsert
// are those that a body may carry, and null clears each of them. What tells the
// two apart are tags, which PATCH does not take.
func TestContactBodiesAreWhatIsTaken(t *testing.T) {
	t.Parallel()
	members := map[string]map[string]any{}
	for name, readOnly := range map[string][]string{"ContactPatch": {"tags"}, "ContactUpsert": nil} {
		members[name] = maps.Clone(schemaOf(t, map[string]any{"$ref": "#/components/schemas/" + name})["properties"].(map[string]any))
		bodyIsWhatIsTaken(t, members[name], readOnly)
	}
	maps.DeleteFunc(members["ContactUpsert"], func(name string, _ any) bool { return name == "tags" })
	if diff := cmp.Diff(members["ContactPatch"], members["ContactUpsert"]); diff != "" {
		t.Errorf("the same members, in ContactPatch and in ContactUpsert:\n%s", diff)
	}
}

func bodyIsWhatIsTaken(t *testing.T, documented map[string]any, readOnly []string) {
	t.Helper()
	view := schemaOf(t, map[string]any{"$ref": "#/components/schemas/Contact"})["properties"].(map[string]any)
	names := append(keys(documented), keys(view)...)
	names = append(names, "validation", "profile", "dnd", "blockedAt", "conversation", "mergedIds", "firstCreatedAt", "surname", "Email")
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		for _, value := range []string{"null", `""`} {
			form, err := body.Parse([]byte(`{"` + name + `": ` + value + `}`))
			if err != nil {
				t.Fatal(err)
			}
			contact.ParsePatch(form, readOnly...)
			_, isDocumented := documented[name]
			taken := form.Err() == nil
			if taken != isDocumented {
				t.Errorf("%s as %s: documented %t, taken %t", name, value, isDocumented, taken)
			}
		}
	}
}

// TestWordsAreTheCodes holds enumerations to the code that reads them.
func TestWordsAreTheCodes(t *testing.T) {
	t.Parallel()
	for _, w := range enum(t, "AuditAction") {
		if !audit.Action(w).Known() {
			t.Errorf("AuditAction: %s is documented, but not known", w)
		}
	}
	same(t, "AuditAction", "actions", enum(t, "AuditAction"), constants(t, "rubrica/shared/audit", "Action"))
	same(t, "Role", "roles", enum(t, "Role"), []string{string(caller.Owner), string(caller.Manager), string(caller.Agent)})
	all := ^caller.Restrictions(0)
	same(t, "Restriction", "restrictions", enum(t, "Restriction"), all.Names())
	same(t, "DuplicatesPolicy", "policies", enum(t, "DuplicatesPolicy"), []string{string(workspace.Allow), string(workspace.Reject)})
	types := constants(t, "rubrica/shared/field", "Type")
	same(t, "FieldType", "types", enum(t, "FieldType"), types)
	same(t, "CustomFieldType", "types", enum(t, "CustomFieldType"), texts(field.Types))
	same(t, "ValidationState", "states", enum(t, "ValidationState"), []string{contact.Validated, contact.NotValidated})
	same(t, "ReachReason", "reasons", enum(t, "ReachReason"), constants(t, "rubrica/shared/consent", "Reason"))
	var single []string
	for name := range schemaOf(t, map[string]any{"$ref": "#/components/schemas/Contact"})["properties"].(map[string]any) {
		if contact.Single(name) {
			single = append(single, name)
		}
	}
	chosen := schemaOf(t, map[string]any{"$ref": "#/components/schemas/MergeChoice"})["propertyNames"].(map[string]any)
	same(t, "MergeChoice", "members", words(t, "MergeChoice", list(chosen["anyOf"])[0].(map[string]any)), single)
	flags := texts(consent.Flags)
	for name, besides := range map[string][]string{"DND": nil, "DNDSettings": nil, "DNDChange": {"reason"}} {
		schema := schemaOf(t, map[string]any{"$ref": "#/components/schemas/" + name})
		same(t, name, "members", keys(schema["properties"].(map[string]any)), append(besides, flags...))
	}
	same(t, "ContactStatus", "statuses", enum(t, "ContactStatus"), []string{contact.Active, contact.Inactive})
	var countries []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c, err := format.Country(string([]rune{a, b})); err == nil {
				countries = append(countries, c)
			}
		}
	}
	same(t, "CountryCode", "countries", enum(t, "CountryCode"), countries)
}

// enum are the words that a schema enumerates.
func enum(t testing.TB, name string) []string {
	t.Helper()
	return words(t, name, schemaOf(t, map[string]any{"$ref": "#/components/schemas/" + name}))
}

// words are those that the schema, which is or belongs to the named one,
// enumerates.
func words(t testing.TB, name string, schema map[string]any) (all []string) {
	t.Helper()
	for _, w := range list(schema["enum"]) {
		s, _ := w.(string)
		all = append(all, s)
	}
	if len(all) == 0 {
		t.Fatalf("%s enumerates nothing", name)
	}
	return all
}

func texts[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
