package filter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/filter"
	"rubrica/shared/problem"
)

// nested is a leaf under n times not.
func nested(n int) string {
	return strings.Repeat(`{"not":`, n) + leafOf(`vip eq true`) + strings.Repeat(`}`, n)
}

// many is an or of n leaves.
func many(n int) string {
	return `{"or":[` + strings.TrimSuffix(strings.Repeat(leafOf(`vip eq true`)+",", n), ",") + `]}`
}

func values(n int) string {
	return leafOf(`version in [` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + `]`)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{
		`[]`: {"filter wrong_type"}, `"x"`: {"filter wrong_type"}, `7`: {"filter wrong_type"}, `true`: {"filter wrong_type"},
		`{}`:                                                        {"filter.field required", "filter.op required"},
		`{"field":"city","op":"eq"}`:                                {"filter.value required"},
		`{"field":7,"op":true}`:                                     {"filter.field wrong_type", "filter.op wrong_type"},
		`{"Field":"city","op":"eq"}`:                                {"filter.Field unknown_member", "filter.field required"},
		leafOf(`town eq "x"`):                                       {"filter.field unknown_field"},
		leafOf(`City eq "x"`):                                       {"filter.field unknown_field"},
		leafOf(`fields eq "x"`):                                     {"filter.field unknown_field"},
		leafOf(`fields. eq "x"`):                                    {"filter.field unknown_field"},
		leafOf(`fields.Score eq 1`):                                 {"filter.field unknown_field"},
		leafOf(`fields.nope eq 1`):                                  {"filter.field unknown_field"},
		leafOf(`externalIds.SAP eq 1`):                              {"filter.field unknown_field"},
		leafOf(`validation.by eq 1`):                                {"filter.field unknown_field"},
		leafOf(`city EQ "x"`):                                       {"filter.op invalid_choice"},
		leafOf(`city like "x"`):                                     {"filter.op invalid_choice"},
		leafOf(`city before "2026-01-01"`):                          {"filter.op invalid_choice"},
		leafOf(`vip gt true`):                                       {"filter.op invalid_choice"},
		leafOf(`createdAt contains "2026"`):                         {"filter.op invalid_choice"},
		leafOf(`profile eq "x"`):                                    {"filter.op invalid_choice"},
		leafOf(`version startsWith "1"`):                            {"filter.op invalid_choice"},
		leafOf(`city eq 7`):                                         {"filter.value wrong_type"},
		leafOf(`city eq ["Roma"]`):                                  {"filter.value wrong_type"},
		leafOf(`city eq null`):                                      {"filter.value required"},
		leafOf(`city eq ""`):                                        {"filter.value required"},
		leafOf(`city eq "  "`):                                      {"filter.value required"},
		leafOf(`city contains ""`):                                  {"filter.value required"},
		leafOf(`city in "Roma"`):                                    {"filter.value wrong_type"},
		leafOf(`city in []`):                                        {"filter.value required"},
		leafOf(`city in null`):                                      {"filter.value required"},
		leafOf(`city in ["a",7,null]`):                              {"filter.value[1] wrong_type", "filter.value[2] required"},
		leafOf(`city exists "yes"`):                                 {"filter.value wrong_type"},
		leafOf(`vip eq "true"`):                                     {"filter.value wrong_type"},
		leafOf(`vip eq 1`):                                          {"filter.value wrong_type"},
		leafOf(`version eq "3"`):                                    {"filter.value wrong_type"},
		leafOf(`owner eq "me"`):                                     {"filter.value invalid_user"},
		leafOf(`followers in ["a","none"]`):                         {"filter.value[1] invalid_user"},
		leafOf(`createdAt after 7`):                                 {"filter.value wrong_type"},
		leafOf(`createdAt after "yesterday"`):                       {"filter.value invalid_datetime"},
		leafOf(`createdAt after "2026-02-30"`):                      {"filter.value invalid_datetime"},
		leafOf(`dateOfBirth eq "1960-4-1"`):                         {"filter.value invalid_datetime"},
		leafOf(`tag eq 7`):                                          {"filter.value wrong_type"},
		leafOf(`channel eq 7`):                                      {"filter.value wrong_type"},
		leafOf(`phone eq 39`):                                       {"filter.value wrong_type"},
		leafOf(`fields.score eq "12"`):                              {"filter.value wrong_type"},
		leafOf(`fields.score contains 1`):                           {"filter.op invalid_choice"},
		leafOf(`fields.colors eq ["Red"]`):                          {"filter.value wrong_type"},
		leafOf(`fields.since eq "x"`):                               {"filter.value invalid_datetime"},
		leafOf(`fields.opens eq "25:00"`):                           {"filter.value invalid_time"},
		leafOf(`fields.opens eq " "`):                               {"filter.value required"},
		leafOf(`fields.opens eq 9`):                                 {"filter.value wrong_type"},
		leafOf(`fields.budget eq 10`):                               {"filter.value wrong_type"},
		leafOf(`fields.budget eq " "`):                              {"filter.value required"},
		leafOf(`fields.budget eq {"amount":"10","currency":"eur"}`): {"filter.value.currency invalid_currency"},
		leafOf(`fields.budget in [{"amount":"x","currency":"EUR"},null]`): {"filter.value[0].amount invalid_value", "filter.value[1] required"},
		`{"and":[]}`:       {"filter.and required"},
		`{"or":[]}`:        {"filter.or required"},
		`{"and":{}}`:       {"filter.and wrong_type"},
		`{"not":[]}`:       {"filter.not wrong_type"},
		`{"not":null}`:     {"filter.not wrong_type"},
		`{"and":[7,null]}`: {"filter.and[0] wrong_type", "filter.and[1] wrong_type"},
		`{"AND":[]}`:       {"filter.AND unknown_member", "filter.field required", "filter.op required"},
		`{"and":[` + leafOf(`vip eq true`) + `],"or":[]}`:                        {"filter.or unknown_member"},
		`{"not":` + leafOf(`vip eq true`) + `,"field":"city"}`:                   {"filter.field unknown_member"},
		`{"and":[` + leafOf(`vip eq 1`) + `,{"or":[` + leafOf(`x eq 1`) + `]}]}`: {"filter.and[0].value wrong_type", "filter.and[1].or[0].field unknown_field"},
		`{"and":[` + leafOf(`fields.no eq 1`) + `,` + leafOf(`city eq 1`) + `]}`: {"filter.and[1].value wrong_type", "filter.and[0].field unknown_field"},
		// What a field would not keep, in writes' words; see package field for more.
		leafOf(`fields.score eq 9007199254740993`): {"filter.value number_out_of_range"}, leafOf(`fields.score gt 1e300`): {"filter.value number_out_of_range"},
		leafOf(`fields.score lt 1e-400`): {"filter.value number_out_of_range"}, leafOf(`version gte 9007199254740993`): {"filter.value number_out_of_range"},
		leafOf(`fields.score in [1,1e300,"2"]`): {"filter.value[1] number_out_of_range", "filter.value[2] wrong_type"},
		nested(filter.MaxDepth):                 {"filter.not.not.not.not.not.not.not.not too_deep"},
		many(filter.MaxLeaves + 1):              {"filter too_many"},
		many(3 * filter.MaxLeaves):              {"filter too_many"},
		values(filter.MaxValues + 1):            {"filter.value too_many"},
	} {
		_, wrong := parse(raw)
		got := make([]string, len(wrong))
		for i, w := range wrong {
			got[i] = w.Field + " " + w.Code
			if w.Detail == "" {
				t.Errorf("%s: %s has no detail", raw, got[i])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.200s: differs (-want +got):\n%s", raw, diff)
		}
	}
	for _, raw := range []string{nested(filter.MaxDepth - 1), many(filter.MaxLeaves), values(filter.MaxValues)} {
		must(t, raw)
	}
}

// TestUnresolved: a filter whose field was deleted says so, and keeps nobody until
// it is told of fields that have it.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	f := must(t, leafOf(`fields.note ne "x"`))
	if !f.Custom() || must(t, leafOf(`city eq "x"`)).Custom() {
		t.Error("Custom does not tell fields from members")
	}
	again, err := filter.Read(f.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if again.Match(maria(t), terms()) {
		t.Error("a leaf that was not resolved keeps a contact")
	}
	wrong := f.Resolve(&field.Set{})
	if len(wrong) != 1 || wrong[0].Code != "unknown_field" || f.Match(maria(t), terms()) {
		t.Errorf("a field that is no more: %+v", wrong)
	}
	if wrong := f.Resolve(fields()); wrong != nil || !f.Match(maria(t), terms()) {
		t.Errorf("a field that is there: %+v", wrong)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	one, other := must(t, `{ "value":1.0,"op":"eq","field":"version" }`), must(t, leafOf(`version eq 1`))
	if string(one.JSON()) != string(other.JSON()) {
		t.Errorf("%s and %s are one filter", one.JSON(), other.JSON())
	}
	if _, err := filter.Read([]byte(`{"and":[]}`)); !problem.Is(err, problem.Validation) {
		t.Errorf("what is no filter: %v", err)
	}
	if f, err := filter.Read([]byte("null")); f != nil || err != nil {
		t.Errorf("none: %v, %v", f, err)
	}
	if _, err := filter.Read([]byte("{")); !problem.Is(err, problem.Validation) {
		t.Errorf("what is no JSON: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for raw, want := range map[string][]string{
		leafOf(`email eq "Maria@Example.it"`): {"email maria@example.it"}, leafOf(`otherEmails eq "A@b.it"`): {"email a@b.it"}, leafOf(`email in ["A@b.it"]`): {"email a@b.it"},
		leafOf(`phone eq "+551187654321"`): {"phone +5511987654321"}, leafOf(`otherPhones eq "+39061234567"`): {"phone +39061234567"}, leafOf(`externalIds.sap eq "K-17"`): {"ext sap:K-17"},
		leafOf(`owner eq "user_7"`): {"owner user_7"}, leafOf(`followers eq "user_7"`): {"follower user_7"}, leafOf(`vip eq true`): {"vip "}, leafOf(`blocked eq true`): {"blocked "},
		leafOf(`tag eq " Lead "`): {"tag Lead"}, leafOf(`tags eq "x"`): {"tag x"}, leafOf(`companyId eq "` + rossiID + `"`): {"company " + rossiID},
		`{"and":[` + leafOf(`tag eq "a"`) + `,{"and":[` + leafOf(`vip eq true`) + `]},` + leafOf(`city eq "x"`) + `]}`: {"tag a", "vip "},
		// What does not have to hold, or is nobody's.
		`{"or":[` + leafOf(`tag eq "a"`) + `]}`: nil, `{"not":` + leafOf(`tag eq "a"`) + `}`: nil, leafOf(`tag ne "a"`): nil, leafOf(`tag in ["a","b"]`): nil, leafOf(`tag contains "a"`): nil,
		leafOf(`tag exists`): nil, leafOf(`vip eq false`): nil, leafOf(`vip ne false`): nil, leafOf(`blocked eq false`): nil, leafOf(`email eq "x"`): nil, leafOf(`phone eq "x"`): nil,
		leafOf(`owner eq "a b"`): nil, leafOf(`tag eq "` + long + `"`): nil, leafOf(`owner eq "` + long + `"`): nil, leafOf(`companyId eq "` + long + `"`): nil,
		leafOf(`externalIds.sap eq "` + long + `"`): nil, leafOf(`externalIds eq "K-17"`): nil, leafOf(`fields.mail eq "a@b.it"`): nil, leafOf(`city eq "Roma"`): nil,
	} {
		var got []string
		for _, k := range must(t, raw).Keys() {
			got = append(got, fmt.Sprint(k.By, " ", k.Value))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.200s: keys %q, want %q", raw, got, want)
		}
	}
}

// FuzzParse: what is refused is refused as validation that names members; what is
// accepted is read again from what is kept of it, and means the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"and":[` + leafOf(`city eq "Roma"`) + `,{"not":` + leafOf(`tag in ["a","b"]`) + `}]}`, `{"or":[` + leafOf(`createdAt after "2026-11-20"`) + `]}`,
		leafOf(`fields.budget gt {"amount":"9.5","currency":"EUR"}`), leafOf(`fields.score lte -1e3`), leafOf(`fields.opens before "09:30"`), leafOf(`phone startsWith "+39"`),
		leafOf(`owner eq "me"`), leafOf(`externalIds.sap ne "K-17"`), leafOf(`vip exists false`), leafOf(`fields.colors in ["Red"]`), nested(9), many(2), `{}`, `[]`, `null`, `{"and":[{}],"or":7}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, err := body.Parse(slices.Concat([]byte(`{"select":{"filter":`), raw, []byte(`}}`)))
		if err != nil {
			return
		}
		inner := form.Object("select")
		if inner == nil {
			return
		}
		read := filter.Parse(inner, "filter")
		inner.Close()
		form.Add(read.Resolve(fields())...)
		if err := form.Err(); err != nil {
			for _, w := range problem.Of(err).Fields {
				if w.Code == "" || w.Detail == "" {
					t.Fatalf("%s: %+v", raw, w)
				}
			}
			return
		}
		again, err := filter.Read(read.JSON())
		if read == nil && string(read.JSON()) == "" {
			return
		}
		if err != nil || again.Resolve(fields()) != nil {
			t.Fatalf("%s is kept as %s, which is refused: %v", raw, read.JSON(), err)
		}
		if string(again.JSON()) != string(read.JSON()) || !slices.Equal(again.Keys(), read.Keys()) || again.ByName() != read.ByName() {
			t.Fatalf("%s is kept as %s and read as %s", raw, read.JSON(), again.JSON())
		}
		if c := maria(t); again.Match(c, terms()) != read.Match(c, terms()) {
			t.Fatalf("%s means something else when it is read again", raw)
		}
	})
}
