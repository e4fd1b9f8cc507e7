package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/ledger"
	"rubrica/shared/tenant"
)

// everyType are fields of all types, and a value of each.
var everyType = []string{
	"t text", "l longtext", "n number", "b boolean", "d date", "dt datetime", "ti time", "c list", "m multilist", "e email", "p phone", "u url", "a currency",
}

func everyValue() Object {
	return Object{
		"t": "Rossi", "l": "One\nTwo", "n": 12.5, "b": false, "d": "2026-11-20", "dt": "2026-11-20T09:30:00.000Z", "ti": "09:30", "c": "b", "m": []any{"a", "c"},
		"e": "Maria@Example.it", "p": "+393514117320", "u": "https://rossi.example", "a": Object{"amount": "10.50", "currency": "EUR"},
	}
}

func TestCustomValues(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("OfEveryTypeAreKept", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		define(t, owner, everyType...)
		values := everyValue()
		id := owner.Post(t, "/v1/contacts", Object{"fields": values}).Is(201).Has(Object{"fields": values, "version": 1}).ID()
		path := "/v1/contacts/" + id
		owner.Get(t, path).Has(Object{"fields": values})
		if diff := cmp.Diff(plain(values), owner.All(t, "/v1/contacts")[0]["fields"]); diff != "" {
			t.Errorf("listed they differ (-want +got):\n%s", diff)
		}
		// As people and machines also write them: nothing changes.
		for _, same := range []Object{
			values, {"n": 12.50, "m": []any{"c", "a", "a"}}, {"t": " Rossi ", "dt": "2026-11-20T10:30:00+01:00", "l": "One\r\nTwo"}, {"a": Object{"currency": "EUR", "amount": "10.50"}}, {},
		} {
			owner.Patch(t, path, Object{"fields": same}).Is(200).HasHeader("ETag", `"1"`)
		}
		// As they were written, for a reader without floats.
		a := owner.Patch(t, path, `{"fields":{"n":1e3,"a":{"amount":"0.10","currency":"USD"}}}`).Is(200)
		for _, text := range []string{`"n":1000,`, `"a":{"amount":"0.10","currency":"USD"}`} {
			if !strings.Contains(string(a.Body), text) {
				t.Errorf("%v\nwithout %s", a, text)
			}
		}
		owner.Put(t, "/v1/contacts/email:up@example.com", Object{"fields": values}).Is(201).Has(Object{"fields": values})
		owner.Put(t, "/v1/contacts/email:up@example.com", Object{"fields": Object{"n": 1}}).Is(200).Has(Object{"version": 2})
	})

	t.Run("AreMergedMemberByMember", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		define(t, owner, "a text", "b text", "m multilist", "p currency")
		id := owner.Create(t, Object{"fields": Object{"a": "1", "b": "2", "m": nil}}).ID()
		path := "/v1/contacts/" + id
		fields := func(patch any, want Object) {
			t.Helper()
			owner.Patch(t, path, Object{"fields": patch}).Is(200).Has(Object{"fields": want})
		}
		fields(Object{"b": "3"}, Object{"a": "1", "b": "3"})
		fields(Object{"a": nil, "m": []any{"a"}}, Object{"b": "3", "m": []any{"a"}})
		fields(Object{"b": "", "m": []any{}}, Object{})
		fields(Object{"a": "1", "p": Object{"amount": "1", "currency": "EUR"}}, Object{"a": "1", "p": Object{"amount": "1", "currency": "EUR"}})
		// An amount without its currency would be any money.
		owner.Patch(t, path, Object{"fields": Object{"p": Object{"amount": "2"}}}).Invalid("fields.p.currency required")
		owner.Patch(t, path, Object{"fields": nil}).Is(200).Has(Object{"fields": Object{}, "version": 6})
		fields(Object{"a": "1"}, Object{"a": "1"})
		fields("", Object{})
		fields(Object{}, Object{})
		if n := owner.Contact(t, id).Version(); n != 8 {
			t.Errorf("version %d, want 8", n)
		}
	})

	t.Run("AreRefusedAllAtOnce", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		define(t, owner, everyType...)
		bad := Object{
			"email": "maria", "city": 7, "externalIds": Object{"SAP": "1"}, "surname": "x",
			"fields": Object{
				"t": 1, "l": "\a", "n": "12", "b": "true", "d": "20.11.2026", "dt": "2026-11-20", "ti": "25:00", "c": "d", "m": []any{"a", "d", 1}, "e": "maria",
				"p": "351", "u": "rossi", "a": Object{"amount": "1,5", "rate": 1}, "none": "x", "N": 1,
			},
		}
		want := []string{
			"email invalid_email", "city wrong_type", "externalIds.SAP invalid_system", "surname unknown_member", "fields.t wrong_type", "fields.l control_character",
			"fields.n wrong_type", "fields.b wrong_type", "fields.d invalid_date", "fields.dt invalid_datetime", "fields.ti invalid_time", "fields.c invalid_option",
			"fields.m[1] invalid_option", "fields.m[2] wrong_type", "fields.e invalid_email", "fields.p invalid_phone", "fields.u invalid_url", "fields.a.amount invalid_value",
			"fields.a.rate unknown_member", "fields.a.currency required", "fields.none unknown_field", "fields.N unknown_field",
		}
		id := owner.Create(t, Object{"firstName": "Maria"}).ID()
		owner.Post(t, "/v1/contacts", bad).Invalid(want...)
		owner.Patch(t, "/v1/contacts/"+id, bad).Invalid(want...)
		owner.Patch(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0", bad).Invalid(want...) // the body comes before the contact
		delete(bad, "email")
		owner.Put(t, "/v1/contacts/email:up@example.com", bad).Invalid(slices.DeleteFunc(want, func(e string) bool { return e == "email invalid_email" })...)
		for _, fields := range []any{1, "x", []any{}, true} {
			owner.Patch(t, "/v1/contacts/"+id, Object{"fields": fields, "vip": 1}).Invalid("fields wrong_type", "vip wrong_type")
		}
		owner.Patch(t, "/v1/contacts/"+id, `{"fields":{"t":"a","t":"b"}}`).Invalid("fields.t duplicate_member")
		owner.Get(t, "/v1/contacts/"+id).Has(Object{"version": 1, "fields": Object{}})
		if n := len(owner.All(t, "/v1/contacts")); n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
	})

	t.Run("HaveSixtyFourKibibytes", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		values := Object{}
		for i := range 8 {
			define(t, owner, fmt.Sprintf("l%d longtext", i))
			values[fmt.Sprint("l", i)] = strings.Repeat("x", 8192-2) // and its quotes
		}
		id := owner.Create(t, Object{"fields": values}).ID()
		path := "/v1/contacts/" + id
		define(t, owner, "b boolean", "n number")
		owner.Patch(t, path, Object{"fields": Object{"n": 1}}).Invalid("fields too_long")
		values["b"] = true
		owner.Post(t, "/v1/contacts", Object{"fields": values, "city": 7}).Invalid("fields too_long", "city wrong_type")
		owner.Patch(t, path, Object{"fields": Object{"n": 1, "l0": "x"}}).Is(200)
		owner.Patch(t, path, Object{"fields": Object{"n": nil, "l0": values["l0"]}}).Is(200)
		// What was of a deleted field takes no room.
		owner.Delete(t, "/v1/fields/l0").Is(204)
		owner.Patch(t, path, Object{"fields": Object{"n": 1}}).Is(200)
	})

	t.Run("OfAnOptionThatIsGoneStay", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		define(t, owner, "c list", "m multilist")
		path := "/v1/contacts/" + owner.Create(t, Object{"fields": Object{"c": "a", "m": []any{"a", "b"}}}).ID()
		for _, key := range []string{"c", "m"} {
			owner.Patch(t, "/v1/fields/"+key, Object{"options": []any{"c", "b"}}).Is(200)
		}
		owner.Patch(t, path, Object{"city": "Roma"}).Is(200).Has(Object{"fields": Object{"c": "a", "m": []any{"a", "b"}}})
		owner.Patch(t, path, Object{"fields": Object{"c": "a", "m": []any{"b", "a"}}}).Invalid("fields.c invalid_option", "fields.m[1] invalid_option")
		owner.Patch(t, path, Object{"fields": Object{"c": "b", "m": []any{"b", "c"}}}).Is(200).Has(Object{"fields": Object{"c": "b", "m": []any{"c", "b"}}})
	})

	t.Run("AreInTheContactsLog", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		define(t, owner, "score number", "m multilist", "p currency")
		id := owner.Create(t, Object{"firstName": "Maria", "fields": Object{"score": 1, "m": []any{"a"}}}).ID()
		path := "/v1/contacts/" + id
		price := map[string]any{"amount": "10.50", "currency": "EUR"}
		owner.Patch(t, path, Object{"city": "Roma", "fields": Object{"score": 2, "m": []any{"a"}, "p": price}}).Is(200)
		owner.Patch(t, path, Object{"fields": nil}).Is(200)
		want := []map[string][2]any{
			{"fields.score": {2.0, nil}, "fields.m": {[]any{"a"}, nil}, "fields.p": {price, nil}},
			{"city": {nil, "Roma"}, "fields.score": {1.0, 2.0}, "fields.p": {nil, price}},
			{"firstName": {nil, "Maria"}, "fields.score": {nil, 1.0}, "fields.m": {nil, []any{"a"}}},
		}
		told := func() (got []map[string][2]any) {
			for _, e := range owner.All(t, path+"/audit") {
				got = append(got, changes(t, e))
			}
			return got
		}
		if diff := cmp.Diff(want, told()); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
		owner.Delete(t, "/v1/fields/score").Is(204) // what happened has happened
		if diff := cmp.Diff(want, told()); diff != "" {
			t.Errorf("once the field is deleted it differs (-want +got):\n%s", diff)
		}
		owner.Delete(t, path).Is(204)
		var erased []any
		for _, e := range owner.All(t, path+"/audit") {
			for _, c := range e["changes"].([]any) {
				if m := c.(map[string]any); m["erased"] == true {
					erased = append(erased, m["field"])
				} else {
					t.Errorf("not erased: %v", m)
				}
			}
		}
		if diff := cmp.Diff([]any{"firstName", "city", "fields.m", "fields.p", "fields.score", "city", "fields.p", "fields.score", "firstName", "fields.m", "fields.score"}, erased); diff != "" {
			t.Errorf("members of the erased differ (-want +got):\n%s", diff)
		}
	})
}

// TestADeletedFieldIsGoneAtOnce: from every answer, without a new version or entry;
// made anew it starts empty, and the values themselves go with the next write.
func TestADeletedFieldIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	define(t, owner, "score number", "note text")
	body := Object{"firstName": "Maria", "email": "maria@example.it", "fields": Object{"score": 4711, "note": "stays"}, "followers": []any{"user_9"}}
	var ids []string
	for range 5 {
		ids = append(ids, owner.Create(t, body).ID())
	}
	stored := func(id string) string {
		t.Helper()
		row, err := service.Table.GetOne(tenant.Bind(t.Context(), w.Tenant), ledger.ContactKey(w.Tenant, id))
		if err != nil {
			t.Fatal(err)
		}
		return string(row.Doc)
	}
	left := Object{"fields": Object{"note": "stays"}, "version": 1}
	owner.Delete(t, "/v1/fields/score").Is(204)
	for i, id := range ids {
		path := "/v1/contacts/" + id
		owner.Get(t, path).HasHeader("ETag", `"1"`).Has(left)
		card := owner.Get(t, path+"/card").Is(200)
		if strings.Contains(string(card.Body), "4711") || strings.Contains(string(card.Body), `"score"`) {
			t.Errorf("the card has it still: %v", card)
		}
		if !strings.Contains(stored(id), "4711") {
			t.Errorf("the value is gone before anybody wrote: %s", stored(id))
		}
		// The next write, whatever it is, even one that changes nothing.
		switch i {
		case 0:
			owner.Patch(t, path, Object{}).Is(200).HasHeader("ETag", `"1"`).Has(left)
		case 1:
			owner.Put(t, path+"/followers/user_9", nil).Is(200).HasHeader("ETag", `"1"`).Has(left)
		case 2:
			owner.Patch(t, path, Object{"city": "Roma"}).Is(200).Has(Object{"version": 2, "fields": left["fields"]})
			if got := changes(t, owner.All(t, path+"/audit")[0]); len(got) != 1 {
				t.Errorf("the entry tells of %v", got)
			}
		case 3:
			owner.Delete(t, path+"/identities/email:none@example.com").Is(200).Has(left)
		case 4:
			owner.Delete(t, path).Is(204)
			continue
		}
		if strings.Contains(stored(id), "4711") {
			t.Errorf("after the next write it is stored still: %s", stored(id))
		}
		if i != 2 && len(owner.All(t, path+"/audit")) != 1 {
			t.Error("its going has an entry")
		}
	}
	for _, c := range owner.All(t, "/v1/contacts") {
		if diff := cmp.Diff(map[string]any{"note": "stays"}, c["fields"]); diff != "" {
			t.Errorf("listed it differs (-want +got):\n%s", diff)
		}
	}
	owner.Patch(t, "/v1/contacts/"+ids[0], Object{"fields": Object{"score": 1}}).Invalid("fields.score unknown_field")

	late := owner.Create(t, Object{"fields": Object{"note": "secret"}}).ID()
	owner.Delete(t, "/v1/fields/note").Is(204)
	define(t, owner, "note number", "score text")
	for _, c := range owner.All(t, "/v1/contacts") {
		if diff := cmp.Diff(map[string]any{}, c["fields"]); diff != "" {
			t.Errorf("a field made anew does not start empty (-want +got):\n%s", diff)
		}
	}
	owner.Patch(t, "/v1/contacts/"+late, Object{"fields": Object{"note": 5}}).Is(200).Has(Object{"fields": Object{"note": 5}})
	if got := changes(t, owner.All(t, "/v1/contacts/"+late+"/audit")[0]); !cmp.Equal(got, map[string][2]any{"fields.note": {nil, 5.0}}) {
		t.Errorf("the entry tells of %v", got)
	}
	w.Complete(t, map[string]int{ids[0]: 1, ids[1]: 1, ids[2]: 2, ids[3]: 1, ids[4]: 2, late: 2})
	w.Verified(t)
}
