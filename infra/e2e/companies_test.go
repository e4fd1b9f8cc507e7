package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompanies(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("AreMadeChangedListedAndDeleted", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		made := owner.Post(t, "/v1/companies", Object{"name": " Rossi srl ", "domain": "Rossi.Example", "phone": "+390612345678", "website": "https://rossi.example"}).Is(201).HasHeader("ETag", `"1"`)
		path := made.Header.Get("Location")
		id := made.JSON().ID()
		if path != "/v1/companies/"+id {
			t.Errorf("Location %s", path)
		}
		if diff := cmp.Diff(Object{
			"id": id, "version": 1.0, "name": "Rossi srl", "domain": "rossi.example", "phone": "+390612345678", "website": "https://rossi.example", "contacts": 0.0,
		}, made.JSON()); diff != "" {
			t.Error(diff)
		}
		owner.Post(t, "/v1/companies", Object{"name": "ROSSI srl"}).Is(201) // names need not be unique
		owner.Post(t, "/v1/companies", Object{"name": "Bianchi"}).Is(201)
		owner.Get(t, path).Is(200).HasHeader("ETag", `"1"`).Has(Object{"name": "Rossi srl"})
		names := func(path string) (names []string) {
			for _, c := range owner.All(t, path) {
				names = append(names, c.Text("name"))
			}
			return names
		}
		if got := names("/v1/companies?limit=1"); !slices.Equal(got, []string{"Bianchi", "Rossi srl", "ROSSI srl"}) {
			t.Errorf("all: %v", got)
		}
		if got := names("/v1/companies?prefix=ros"); !slices.Equal(got, []string{"Rossi srl", "ROSSI srl"}) {
			t.Errorf("by prefix: %v", got)
		}
		owner.Patch(t, path, Object{"name": "Azienda Rossi", "website": nil}, "If-Match", `"1"`).Is(200).HasHeader("ETag", `"2"`).Has(Object{"version": 2, "name": "Azienda Rossi"})
		owner.Patch(t, path, Object{"name": "x"}, "If-Match", `"1"`).Refused(412, "stale")
		owner.Patch(t, path, Object{"name": "Azienda Rossi"}).Is(200).Has(Object{"version": 2})
		if got := names("/v1/companies?prefix=az"); !slices.Equal(got, []string{"Azienda Rossi"}) {
			t.Errorf("by its new name: %v", got)
		}
		owner.Delete(t, path, "If-Match", `"1"`).Refused(412, "stale")
		w.As(t, "agent").Delete(t, path).Refused(403, "")
		owner.Delete(t, path).Is(204)
		owner.Delete(t, path).Refused(404, "")
		owner.Get(t, path).Refused(404, "not_found")
		if got := logged(t, w, 6, "company."); len(got) != 5 {
			t.Errorf("the log has %v", got)
		}
		w.Verified(t)
	})

	t.Run("HaveContacts", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		rossi := owner.Post(t, "/v1/companies", Object{"name": "Rossi"}).Is(201).JSON().ID()
		bianchi := owner.Post(t, "/v1/companies", Object{"name": "Bianchi"}).Is(201).JSON().ID()
		var ids []string
		for range 3 {
			made := owner.Create(t, Object{"companyId": rossi})
			if made.Text("companyId") != rossi {
				t.Fatalf("%v", made)
			}
			ids = append(ids, made.ID())
		}
		path := "/v1/contacts/" + ids[0]
		owner.Patch(t, path, Object{"companyId": bianchi}).Is(200).Has(Object{"companyId": bianchi, "version": 2})
		owner.Get(t, path+"/card").Is(200)
		owner.Get(t, "/v1/companies/"+rossi).Has(Object{"contacts": 2})
		owner.Get(t, "/v1/companies/"+bianchi).Has(Object{"contacts": 1})
		if got := idsOf(t, owner, "/v1/contacts?company="+rossi); !slices.Equal(got, []string{ids[2], ids[1]}) {
			t.Errorf("contacts of a company: %v", got)
		}
		owner.Patch(t, path, Object{"companyId": nil}).Is(200)
		for _, bad := range []any{"none", "01JD3QZZZZZZZZZZZZZZZZZZZ0"} {
			owner.Patch(t, path, Object{"companyId": bad}).Invalid("companyId unknown_company")
			owner.Post(t, "/v1/contacts", Object{"companyId": bad, "email": "x"}).Invalid("companyId unknown_company", "email invalid_email")
			owner.Put(t, "/v1/contacts/ext:a:1", Object{"companyId": bad}).Invalid("companyId unknown_company")
		}
		owner.Put(t, "/v1/contacts/ext:a:1", Object{"companyId": rossi}).Is(201).Has(Object{"companyId": rossi})
		owner.Delete(t, "/v1/companies/"+rossi).Is(204)
		for _, c := range owner.All(t, "/v1/contacts") {
			if c.Text("companyId") != "" {
				t.Errorf("%v shows a deleted company", c)
			}
		}
		owner.Get(t, "/v1/contacts?company="+rossi).Is(200).Has(Object{"items": []any{}})
		owner.Patch(t, "/v1/contacts/"+ids[1], Object{"companyId": rossi}).Invalid("companyId unknown_company")
		owner.Patch(t, "/v1/contacts/"+ids[1], Object{"companyId": nil}).Is(200).Has(Object{"version": 1})
		owner.Delete(t, "/v1/contacts/"+ids[2]).Is(204)
		w.Verified(t) // nobody has it any more
	})

	t.Run("AreRefused", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		for body, want := range map[string]string{
			`{}`: "name required", `{"name":""}`: "name required", `{"name":1}`: "name wrong_type", `{"name":"a\nb"}`: "name control_character",
			`{"name":"a","domain":"https://a.b/c"}`: "domain invalid_domain", `{"name":"a","domain":"a"}`: "domain invalid_domain",
			`{"name":"a","phone":"12"}`: "phone invalid_phone", `{"name":"a","website":"a"}`: "website invalid_url", `{"name":"a","contacts":1}`: "contacts read_only",
			`{"name":"` + strings.Repeat("x", 256) + `"}`: "name too_long", `{"name":"a","zz":1}`: "zz unknown_member",
		} {
			owner.Post(t, "/v1/companies", body).Invalid(want)
		}
		owner.Get(t, "/v1/companies/nobody").Refused(404, "not_found")
		theirs := service.Workspace(t).As(t, "owner").Post(t, "/v1/companies", Object{"name": "Theirs"}).Is(201).JSON().ID()
		owner.Get(t, "/v1/companies/"+theirs).Refused(404, "not_found")
		owner.Post(t, "/v1/contacts", Object{"companyId": theirs}).Invalid("companyId unknown_company")
	})
}

func TestNotes(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner, anna, bert := w.As(t, "owner"), w.As(t, "agent", Sub("anna")), w.As(t, "agent", Sub("bert"))
	id := owner.Create(t, Object{"email": "a@example.com"}).ID()
	path := "/v1/contacts/" + id + "/notes"

	made := anna.Post(t, "/v1/contacts/email:a@example.com/notes", Object{"text": " Called.\nWill call again. "}).Is(201)
	note := made.JSON()
	if want := path + "/" + note.ID(); made.Header.Get("Location") != want {
		t.Errorf("Location %s, want %s", made.Header.Get("Location"), want)
	}
	if diff := cmp.Diff(Object{
		"id": note.ID(), "text": "Called.\nWill call again.", "pinned": false, "author": "anna", "createdAt": note["createdAt"], "updatedAt": note["createdAt"],
	}, note); diff != "" {
		t.Error(diff)
	}
	for i := range 5 {
		bert.Post(t, path, Object{"text": fmt.Sprint("note ", i), "pinned": i == 3}).Is(201)
	}
	var texts []string
	for _, n := range bert.All(t, path+"?limit=2") {
		texts = append(texts, fmt.Sprint(n.Text("text"), n["pinned"]))
	}
	if want := []string{"note 4false", "note 3true", "note 2false", "note 1false", "note 0false", "Called.\nWill call again.false"}; !slices.Equal(texts, want) {
		t.Errorf("notes %q", texts)
	}

	one := path + "/" + note.ID()
	bert.Patch(t, one, Object{"text": "mine"}).Refused(403, "forbidden")
	bert.Delete(t, one).Refused(403, "forbidden")
	anna.Patch(t, one, Object{"text": "Called twice.", "pinned": true}).Is(200).Has(Object{"text": "Called twice.", "pinned": true})
	again := anna.Patch(t, one, Object{"pinned": true}).Is(200).JSON() // changes nothing
	owner.Patch(t, one, Object{"pinned": nil}).Is(200).Has(Object{"pinned": false, "author": "anna", "createdAt": again["createdAt"]})
	anna.Delete(t, one).Is(204)
	anna.Delete(t, one).Refused(404, "not_found")
	owner.Patch(t, one, Object{"text": "x"}).Refused(404, "not_found")
	owner.Patch(t, path+"/none", Object{"text": "x"}).Refused(404, "not_found")

	for body, want := range map[string]string{
		`{}`: "text required", `{"text":""}`: "text required", `{"text":" \n "}`: "text required", `{"text":1}`: "text wrong_type", `{"text":"a","pinned":1}`: "pinned wrong_type",
		`{"text":"a\u0000"}`: "text control_character", `{"text":"` + strings.Repeat("x", 10_001) + `"}`: "text too_long", `{"text":"a","author":"b"}`: "author read_only",
	} {
		owner.Post(t, path, body).Invalid(want)
	}
	owner.Post(t, path, Object{"text": strings.Repeat("è", 10_000)}).Is(201)
	owner.Post(t, "/v1/contacts/01JD3QAAAAAAAAAAAAAAAAAAA0/notes", Object{"text": "x"}).Refused(404, "")
	key := owner.Post(t, path, Object{"text": "once"}, "Idempotency-Key", "n1").Is(201).JSON().ID()
	if got := owner.Post(t, path, Object{"text": "once"}, "Idempotency-Key", "n1").Is(201).HasHeader("Idempotency-Replayed", "true").JSON().ID(); got != key {
		t.Errorf("two notes of one call: %s and %s", key, got)
	}

	// The log says what was done, never the text; the contact has no other version.
	var actions []string
	for _, e := range owner.All(t, "/v1/contacts/"+id+"/audit?limit=3") {
		actions = append(actions, fmt.Sprint(e.Text("action"), " ", e.Version()))
		if d, _ := e["detail"].(map[string]any); e.Version() == 0 && (len(d) != 1 || d["id"] == "") || strings.Contains(fmt.Sprint(e), "Called") {
			t.Errorf("the log says %v", e)
		}
	}
	if want := append(slices.Concat([]string{"contact.note_added 0", "contact.note_added 0", "contact.note_deleted 0", "contact.note_edited 0", "contact.note_edited 0"},
		slices.Repeat([]string{"contact.note_added 0"}, 6)), "contact.created 1"); !slices.Equal(actions, want) {
		t.Errorf("the log says %q", actions)
	}
	owner.Get(t, "/v1/contacts/"+id).Is(200).Has(Object{"version": 1})
	Eventually(t, func() error {
		if n := len(w.Log(t)); n != 13 {
			return fmt.Errorf("%d entries in the workspace's log, want 13", n)
		}
		return nil
	})
	w.Verified(t)

	owner.Delete(t, "/v1/contacts/"+id).Is(204)
	owner.Get(t, path).Refused(410, "gone")
	owner.Post(t, path, Object{"text": "late"}).Refused(410, "gone")
	w.Verified(t) // nothing of them is left
}

func TestNeighbors(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var ids []string
	for i := range 8 {
		c := Object{"vip": i%3 == 0}
		if i%2 == 0 {
			c["tags"], c["owner"] = []any{"even"}, "user_7"
		}
		ids = append(ids, owner.Create(t, c).ID())
	}
	for _, query := range []string{
		"", "?sort=-createdAt", "?sort=createdAt", "?sort=vip", "?tag=even", "?tag=EVEN&sort=createdAt", "?owner=user_7&sort=vip", "?owner=none", "?owner=none&sort=vip&tag=even", "?tag=none",
	} {
		list := idsOf(t, owner, "/v1/contacts"+query)
		for i, id := range list {
			want := Object{}
			if i > 0 {
				want["previous"] = list[i-1]
			}
			if i+1 < len(list) {
				want["next"] = list[i+1]
			}
			if diff := cmp.Diff(want, owner.Get(t, "/v1/contacts/"+id+"/neighbors"+query).Is(200).JSON()); diff != "" {
				t.Errorf("%s in %q: %s", id, query, diff)
			}
		}
	}
	// One that the filter leaves out stands where it would.
	if diff := cmp.Diff(Object{"previous": ids[4], "next": ids[2]}, owner.Get(t, "/v1/contacts/"+ids[3]+"/neighbors?tag=even").Is(200).JSON()); diff != "" {
		t.Error(diff)
	}
	owner.Get(t, "/v1/contacts/"+ids[0]+"/neighbors?sort=name").InvalidField("sort")
	owner.Get(t, "/v1/contacts/01JD3QAAAAAAAAAAAAAAAAAAA0/neighbors").Refused(404, "")
}

// TestVIPsFirst: VIPs, then the others, each newest first, whatever the size of a
// page.
func TestVIPsFirst(t *testing.T) {
	t.Parallel()
	owner := Serve(t).Workspace(t).As(t, "owner")
	var vips, others []string
	for i := range 17 {
		id := owner.Create(t, Object{"vip": i%3 == 0, "owner": fmt.Sprint("user_", i%2)}).ID()
		if i%3 == 0 {
			vips = append(vips, id)
		} else {
			others = append(others, id)
		}
	}
	slices.Reverse(vips)
	slices.Reverse(others)
	for _, limit := range []int{1, 2, 3, 6, 7, 17, 100} {
		if got := idsOf(t, owner, fmt.Sprint("/v1/contacts?sort=vip&limit=", limit)); !slices.Equal(got, slices.Concat(vips, others)) {
			t.Errorf("in pages of %d: %v", limit, got)
		}
	}
	if got := idsOf(t, owner, "/v1/contacts?sort=vip&vip=false"); !slices.Equal(got, others) {
		t.Errorf("those who are none: %v", got)
	}
	if got := idsOf(t, owner, "/v1/contacts?sort=vip&owner=user_0&limit=2"); len(got) != 9 {
		t.Errorf("of an owner: %v", got)
	}
}
