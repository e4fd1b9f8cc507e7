package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tagsOf are the names that a contact shows.
func tagsOf(o Object) []string {
	names := []string{}
	for _, name := range o["tags"].([]any) {
		names = append(names, name.(string))
	}
	return names
}

// carry says how many contacts carry a tag, as the list of tags tells it.
func carry(t testing.TB, c *Client, name string) int {
	t.Helper()
	for _, tag := range c.All(t, "/v1/tags?prefix="+escaped(name)) {
		if tag.Text("name") == name {
			return int(tag["contacts"].(float64))
		}
	}
	t.Fatalf("there is no tag %q", name)
	return 0
}

// idsOf are the ids of all contacts in a list.
func idsOf(t testing.TB, c *Client, path string) []string {
	t.Helper()
	ids := []string{}
	for _, o := range c.All(t, path) {
		ids = append(ids, o.ID())
	}
	return ids
}

func TestTags(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("AreGivenOnCreationAndAfter", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		made := owner.Create(t, Object{"tags": []any{"zeta", "Milano", "lead", "MILANO", " lead "}})
		if got := tagsOf(made); !slices.Equal(got, []string{"lead", "Milano", "zeta"}) || made.Version() != 1 {
			t.Fatalf("tags %v", got)
		}
		path := "/v1/contacts/" + made.ID()
		owner.Post(t, path+"/tags", Object{"tags": []any{"VIP", "milano"}}).Is(200).HasHeader("ETag", `"2"`).Has(Object{"version": 2, "tags": []any{"lead", "Milano", "VIP", "zeta"}})
		owner.Post(t, path+"/tags", Object{"tags": []any{"vip"}}).Is(200).Has(Object{"version": 2})
		owner.Delete(t, path+"/tags/LEAD").Is(200).Has(Object{"version": 3, "tags": []any{"Milano", "VIP", "zeta"}})
		owner.Delete(t, path+"/tags/lead").Is(200).Has(Object{"version": 3})
		owner.Delete(t, path+"/tags/nobody").Refused(404, "not_found")
		owner.Get(t, path).Is(200).Has(Object{"tags": []any{"Milano", "VIP", "zeta"}})
		owner.Get(t, "/v1/contacts?tag=milano").Is(200).Has(Object{"items": []any{owner.Contact(t, made.ID())}})
		other := owner.Put(t, "/v1/contacts/email:a@example.com", Object{"tags": []any{"vip"}, "city": "Roma"}).Is(201).Has(Object{"tags": []any{"VIP"}})
		owner.Put(t, "/v1/contacts/email:a@example.com", Object{"tags": []any{"lead"}}).Is(200).Has(Object{"tags": []any{"lead", "VIP"}, "version": 2})
		owner.Patch(t, path, Object{"tags": []any{"x"}}).Invalid("tags read_only")
		if got := idsOf(t, owner, "/v1/contacts?tag=VIP"); !slices.Equal(got, []string{other.ID(), made.ID()}) {
			t.Errorf("listed by tag: %v", got)
		}
		if n, m := carry(t, owner, "VIP"), carry(t, owner, "lead"); n != 2 || m != 1 {
			t.Errorf("%d contacts carry VIP and %d lead, want 2 and 1", n, m)
		}
		w.Complete(t, w.Versions(t, made.ID(), other.ID()))
		w.Verified(t)
	})

	t.Run("AreNamedByIDToo", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		tag := owner.Post(t, "/v1/tags", Object{"name": "VIP", "color": "#FF8800", "description": "Very important"}).Is(201).JSON()
		if diff := cmp.Diff(Object{"id": tag.ID(), "name": "VIP", "color": "#ff8800", "description": "Very important", "contacts": 0.0}, tag); diff != "" {
			t.Error(diff)
		}
		id := owner.Create(t, Object{"tags": []any{tag.ID(), "vip"}}).ID()
		owner.Get(t, "/v1/contacts/"+id).Has(Object{"tags": []any{"VIP"}})
		if got := idsOf(t, owner, "/v1/contacts?tag="+tag.ID()); !slices.Equal(got, []string{id}) {
			t.Errorf("listed by the tag's id: %v", got)
		}
		owner.Delete(t, "/v1/contacts/"+id+"/tags/"+tag.ID()).Is(200).Has(Object{"tags": []any{}})
		none := "01JD3QZZZZZZZZZZZZZZZZZZZ0" // an id of no tag is a name
		owner.Post(t, "/v1/contacts/"+id+"/tags", Object{"tags": []any{none}}).Is(200).Has(Object{"tags": []any{none}})
	})

	t.Run("AreMadeChangedListedAndDeleted", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		for _, name := range []string{"Straße", "Milano", "milk", "Roma", "É"} {
			a := owner.Post(t, "/v1/tags", Object{"name": name}).Is(201)
			a.HasHeader("Location", "/v1/tags/"+a.JSON().ID())
		}
		for _, taken := range []string{"STRASSE", "milano", "e\u0301"} {
			owner.Post(t, "/v1/tags", Object{"name": taken}).Refused(409, "tag_exists")
		}
		names := func(path string) (names []string) {
			for _, tag := range owner.All(t, path) {
				names = append(names, tag.Text("name"))
			}
			return names
		}
		if got := names("/v1/tags?limit=2"); !slices.Equal(got, []string{"Milano", "milk", "Roma", "Straße", "É"}) {
			t.Errorf("all tags: %v", got)
		}
		if got := names("/v1/tags?prefix=MIL"); !slices.Equal(got, []string{"Milano", "milk"}) {
			t.Errorf("by prefix: %v", got)
		}
		for _, blank := range []string{"", "%20", "%20%C2%A0"} { // trimmed, as every text
			if got := names("/v1/tags?limit=2&prefix=" + blank); len(got) != 5 {
				t.Errorf("by the prefix %q: %v", blank, got)
			}
		}
		if got := names("/v1/tags?prefix=%20mil%20"); !slices.Equal(got, []string{"Milano", "milk"}) {
			t.Errorf("by a prefix with spaces around it: %v", got)
		}
		owner.Patch(t, "/v1/tags/milk", Object{"name": "Roma"}).Refused(409, "tag_exists")
		owner.Patch(t, "/v1/tags/milk", Object{"name": "MILK"}).Is(200).Has(Object{"name": "MILK"})
		owner.Patch(t, "/v1/tags/milk", Object{"color": "#112233", "description": "white"}).Is(200).Has(Object{"color": "#112233", "description": "white"})
		plain := owner.Patch(t, "/v1/tags/milk", Object{"color": nil, "description": nil}).Is(200).JSON()
		if _, colored := plain["color"]; colored {
			t.Errorf("a cleared color is shown: %v", plain)
		}
		owner.Patch(t, "/v1/tags/milk", Object{"name": nil}).Invalid("name required")
		owner.Patch(t, "/v1/tags/nobody", Object{"name": "x"}).Refused(404, "not_found")
		owner.Delete(t, "/v1/tags/Roma").Is(204)
		owner.Delete(t, "/v1/tags/Roma").Refused(404, "not_found")
		owner.Post(t, "/v1/tags", Object{"name": "roma"}).Is(201)
		if got := names("/v1/tags?prefix=r"); !slices.Equal(got, []string{"roma"}) {
			t.Errorf("made anew: %v", got)
		}
		if got := len(logged(t, w, 11, "tag.")); got != 10 {
			t.Errorf("%d entries of tags, want 10", got)
		}
		w.Verified(t)
	})

	t.Run("AreRefused", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		path := "/v1/contacts/" + id + "/tags"
		long := strings.Repeat("x", 256)
		for body, want := range map[string]string{
			`{}`: "tags required", `{"tags":[]}`: "tags required", `{"tags":null}`: "tags required", `{"tags":"vip"}`: "tags wrong_type",
			`{"tags":[1]}`: "tags[0] wrong_type", `{"tags":["ok",""]}`: "tags[1] required", `{"tags":["a\u0000"]}`: "tags[0] control_character",
			`{"tags":["` + long + `"]}`: "tags[0] too_long", `{"Tags":["x"]}`: "Tags unknown_member,tags required",
			`{"tags":[` + strings.Repeat(`"x",`, 20) + `"y"]}`: "tags too_many",
		} {
			owner.Post(t, path, body).Invalid(strings.Split(want, ",")...)
		}
		for body, want := range map[string]string{
			`{}`: "name required", `{"name":" "}`: "name required", `{"name":7}`: "name wrong_type", `{"name":"a","color":"red"}`: "color invalid_color",
			`{"name":"a","contacts":1}`: "contacts read_only", `{"name":"a","id":"x"}`: "id read_only", `{"name":"a","zz":1}`: "zz unknown_member",
			`{"name":"` + long + `"}`: "name too_long",
		} {
			owner.Post(t, "/v1/tags", body).Invalid(want)
		}
		owner.Post(t, "/v1/contacts", Object{"tags": []any{""}, "email": "x"}).Invalid("tags[0] required", "email invalid_email")
		owner.Post(t, "/v1/contacts/01JD3QAAAAAAAAAAAAAAAAAAA0/tags", Object{"tags": []any{"never"}}).Refused(404, "not_found")
		if got := owner.All(t, "/v1/tags"); len(got) != 0 {
			t.Errorf("refused calls have made tags: %v", got)
		}
	})

	t.Run("AreAHundredOnAContact", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{}).ID()
		path := "/v1/contacts/" + id + "/tags"
		for i := range 5 {
			owner.Post(t, path, Object{"tags": list(20, func(n int) any { return fmt.Sprintf("t%d", 20*i+n) })}).Is(200)
		}
		owner.Post(t, path, Object{"tags": []any{"t7", "one more"}}).Invalid("tags too_many")
		owner.Post(t, path, Object{"tags": []any{"t7"}}).Is(200).Has(Object{"version": 6})
		owner.Delete(t, "/v1/contacts/"+id).Is(204)
		Eventually(t, func() error {
			for _, tag := range owner.All(t, "/v1/tags?limit=100") {
				if tag["contacts"].(float64) != 0 {
					return fmt.Errorf("a deleted contact carries %v", tag)
				}
			}
			return nil
		})
		w.Verified(t)
	})

	t.Run("OfALargeContactAreMadeBeforehand", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		id := owner.Create(t, Object{
			"email": "main@example.com", "otherEmails": addresses(10), "otherPhones": numbers(10),
			"tags": list(20, func(n int) any { return fmt.Sprint("tag ", n) }),
		}).ID()
		if got := tagsOf(owner.Contact(t, id)); len(got) != 20 {
			t.Errorf("%d tags", len(got))
		}
		w.Verified(t)
	})

	t.Run("OfAnotherWorkspaceAreNotThere", func(t *testing.T) {
		t.Parallel()
		us, them := service.Workspace(t).As(t, "owner"), service.Workspace(t).As(t, "owner")
		theirs := them.Post(t, "/v1/tags", Object{"name": "theirs"}).Is(201).JSON().ID()
		them.Create(t, Object{"tags": []any{"theirs"}})
		us.Patch(t, "/v1/tags/"+theirs, Object{"name": "ours"}).Refused(404, "not_found")
		us.Delete(t, "/v1/tags/"+theirs).Refused(404, "not_found")
		us.Get(t, "/v1/contacts?tag="+theirs).Is(200).Has(Object{"items": []any{}})
		us.Get(t, "/v1/contacts?tag=theirs").Is(200).Has(Object{"items": []any{}})
		id := us.Create(t, Object{}).ID()
		us.Delete(t, "/v1/contacts/"+id+"/tags/"+theirs).Refused(404, "not_found")
		us.Post(t, "/v1/contacts/"+id+"/tags", Object{"tags": []any{theirs}}).Is(200).Has(Object{"tags": []any{theirs}})
	})
}

// TestARenamedTagShowsEverywhere at once, and costs no contact a version.
func TestARenamedTagShowsEverywhere(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var ids []string
	for range 5 {
		ids = append(ids, owner.Create(t, Object{"tags": []any{"old", "other"}}).ID())
	}
	before := "old"
	for _, name := range []string{"new", "NEW", "new", "newer"} {
		owner.Patch(t, "/v1/tags/"+before, Object{"name": name}).Is(200).Has(Object{"name": name, "contacts": 5})
		before = name
		for _, id := range ids {
			owner.Get(t, "/v1/contacts/"+id).Has(Object{"tags": []any{name, "other"}, "version": 1})
		}
		if got := idsOf(t, owner, "/v1/contacts?tag="+name); len(got) != 5 {
			t.Errorf("%d contacts listed by %s", len(got), name)
		}
	}
	owner.Get(t, "/v1/contacts?tag=old").Has(Object{"items": []any{}})
	w.Complete(t, w.Versions(t, ids...))
	w.Verified(t)
}

// TestADeletedTagIsGone at once, from answers and filters, whatever carries it,
// and later from all that is stored.
func TestADeletedTagIsGone(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var ids []string
	for range 120 {
		ids = append(ids, owner.Create(t, Object{"tags": []any{"gone", "stays"}}).ID())
	}
	gone := owner.All(t, "/v1/tags?prefix=gone")[0].ID()
	owner.Delete(t, "/v1/tags/gone").Is(204)
	owner.Get(t, "/v1/contacts/"+ids[0]).Has(Object{"tags": []any{"stays"}, "version": 1})
	for _, filter := range []string{"gone", gone} {
		owner.Get(t, "/v1/contacts?tag="+filter).Has(Object{"items": []any{}})
	}
	for _, o := range owner.All(t, "/v1/contacts?tag=stays") {
		if got := tagsOf(o); !slices.Equal(got, []string{"stays"}) {
			t.Errorf("%s shows %v", o.ID(), got)
		}
	}
	owner.Delete(t, "/v1/contacts/"+ids[1]+"/tags/gone").Refused(404, "")
	owner.Patch(t, "/v1/contacts/"+ids[1], Object{"city": "Roma"}).Is(200).Has(Object{"tags": []any{"stays"}, "version": 2})
	owner.Post(t, "/v1/contacts/"+ids[2]+"/tags", Object{"tags": []any{"Gone"}}).Is(200).Has(Object{"tags": []any{"Gone", "stays"}, "version": 2})
	if n := carry(t, owner, "Gone"); n != 1 {
		t.Errorf("%d contacts carry the tag made anew, want 1", n)
	}
	w.Verified(t) // waits until nobody carries it
	versions := w.Versions(t, ids...)
	if versions[ids[0]] != 1 {
		t.Errorf("%s is at version %d", ids[0], versions[ids[0]])
	}
	w.Complete(t, versions)
}

// TestTagsInTheLog: tags are one change with lists of names; what was done to the
// tags themselves stands there too.
func TestTagsInTheLog(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	id := owner.Create(t, Object{"tags": []any{"b"}}).ID()
	path := "/v1/contacts/" + id
	owner.Post(t, path+"/tags", Object{"tags": []any{"a"}}).Is(200)
	owner.Delete(t, path+"/tags/b").Is(200)
	owner.Put(t, "/v1/contacts/ext:sap:1", Object{"tags": []any{"a"}}).Is(201)
	var got []string
	for _, e := range owner.All(t, path+"/audit") {
		for _, c := range e["changes"].([]any) {
			c := c.(map[string]any)
			got = append(got, fmt.Sprint(e.Text("action"), " ", c["field"], " ", c["from"], " ", c["to"]))
		}
	}
	want := []string{"contact.untagged tags [a b] [a]", "contact.tagged tags [b] [a b]", "contact.created tags <nil> [b]"}
	if diff := cmp.Diff(want, slices.DeleteFunc(got, func(s string) bool { return !strings.Contains(s, " tags ") })); diff != "" {
		t.Error(diff)
	}
	tag := owner.All(t, "/v1/tags?prefix=b")[0].ID()
	owner.Patch(t, "/v1/tags/b", Object{"name": "bb"}).Is(200)
	owner.Delete(t, "/v1/tags/bb").Is(204)
	var log []string
	for _, e := range logged(t, w, 9, "tag.") {
		if detail := e["detail"].(map[string]any); detail["tag"] == tag {
			log = append(log, fmt.Sprint(e.Text("action"), " ", e.Version(), " ", e["changes"]))
		}
	}
	if diff := cmp.Diff([]string{
		"tag.created 1 [map[field:name to:b]]", "tag.updated 2 [map[field:name from:b to:bb]]", "tag.deleted 3 [map[field:name from:bb]]",
	}, log); diff != "" {
		t.Error(diff)
	}
	w.Verified(t)
}
