package histories

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// machine drives a workspace and the model of it side by side.
type machine struct {
	model
	callers []*caller
	kept    []kept
	keys    int
}

// kept is a write that was done under an Idempotency-Key.
type kept struct {
	caller  *caller
	request request
	answer  answer
	person  *modelPerson // whose answer it is; nil if it had no body, or was no contact's
}

// TestModel lets the machine and the model answer the same calls.
func TestModel(t *testing.T) {
	t.Parallel()
	s := newService(t, plain)
	rapid.Check(t, func(t *rapid.T) {
		owner := s.workspace(t)
		m := &machine{callers: []*caller{
			{workspace: owner, user: "user_1"},
			{workspace: owner, user: "user_1"}, // more often than the other
			{workspace: owner.as(t, "user_9", "only-assigned"), user: "user_9", assigned: true},
		}}
		t.Repeat(map[string]func(*rapid.T){
			"Create":         m.Create,
			"CreateTwice":    m.Create,
			"Patch":          m.Patch,
			"PatchTwice":     m.Patch,
			"Upsert":         m.Upsert,
			"UpsertTwice":    m.Upsert,
			"Delete":         m.Delete,
			"Follower":       m.Follower,
			"Identity":       m.Identity,
			"AddTags":        m.AddTags,
			"RemoveTag":      m.RemoveTag,
			"MakeTag":        m.MakeTag,
			"RenameTag":      m.RenameTag,
			"DeleteTag":      m.DeleteTag,
			"Tags":           m.Tags,
			"Get":            m.Get,
			"GetTwice":       m.Get,
			"List":           m.List,
			"Again":          m.Again,
			"Policy":         m.Policy,
			"WorkInQueues":   func(t *rapid.T) { settle(t, owner) },
			"Log":            m.Log,
			"Mistake":        m.Mistake,
			"ListWhileBusy":  m.ListWhileBusy,
			"ListEverything": func(t *rapid.T) { m.list(t, m.callers[0], "limit=100", nil) },
		})
		settle(t, owner)
		if err := owner.verify(); err != nil {
			t.Fatalf("verify: %v", err)
		}
		m.wholeLog(t)
	})
}

func settle(t *rapid.T, w *workspace) {
	t.Helper()
	if err := w.settle(context.Background()); err != nil {
		t.Fatalf("%v", err)
	}
}

func (m *machine) caller(t *rapid.T) *caller { return rapid.SampledFrom(m.callers).Draw(t, "caller") }

// Create makes a contact.
func (m *machine) Create(t *rapid.T) {
	c, f := m.caller(t), m.sometimesTagged(t, drawForm(t))
	m.write(t, c, request{method: "POST", path: "/v1/contacts", body: f.wire()}, m.create(c, f))
}

// Patch changes one.
func (m *machine) Patch(t *rapid.T) {
	c, r, f, tag := m.caller(t), m.drawRef(t), drawForm(t), m.drawIfMatch(t)
	m.write(t, c, request{method: "PATCH", path: r.path(), body: f.wire(), ifMatch: tag},
		m.update(c, r, tag, func(p modelPerson) modelPerson { return p.write(f, false) }))
}

// Upsert changes one or makes it.
func (m *machine) Upsert(t *rapid.T) {
	c, r, f, tag := m.caller(t), m.drawIdentity(t), m.sometimesTagged(t, drawForm(t)), m.drawIfMatch(t)
	m.write(t, c, request{method: "PUT", path: r.path(), body: f.wire(), ifMatch: tag}, m.upsert(c, r, f, tag))
}

// Delete deletes one.
func (m *machine) Delete(t *rapid.T) {
	c, r, tag := m.caller(t), m.drawRef(t), m.drawIfMatch(t)
	m.write(t, c, request{method: "DELETE", path: r.path(), ifMatch: tag}, m.remove(c, r, tag))
}

// Follower adds a follower, or removes one.
func (m *machine) Follower(t *rapid.T) {
	c, r, tag := m.caller(t), m.drawRef(t), m.drawIfMatch(t)
	user := rapid.SampledFrom(users).Draw(t, "user")
	method := rapid.SampledFrom([]string{"PUT", "DELETE"}).Draw(t, "method")
	m.write(t, c, request{method: method, path: r.path() + "/followers/" + user, ifMatch: tag}, m.update(c, r, tag, func(p modelPerson) modelPerson {
		if method == "PUT" {
			p.followers = append(p.followers, user)
		} else {
			p.followers = slices.DeleteFunc(p.followers, func(f string) bool { return f == user })
		}
		p.tidy()
		return p
	}))
}

// Identity adds an address or number to the others, or removes one.
func (m *machine) Identity(t *rapid.T) {
	c, r, tag := m.caller(t), m.drawRef(t), m.drawIfMatch(t)
	method := rapid.SampledFrom([]string{"PUT", "DELETE"}).Draw(t, "method")
	kind := rapid.SampledFrom([]string{"email", "phone"}).Draw(t, "kind")
	spelling := rapid.SampledFrom(sorted(map[string]map[string]string{"email": emails, "phone": phones}[kind])).Draw(t, "spelling")
	path := r.path() + "/identities/" + url.PathEscape(kind+":"+spelling)
	m.write(t, c, request{method: method, path: path, ifMatch: tag}, m.update(c, r, tag, func(p modelPerson) modelPerson {
		list := map[string]*[]string{"email": &p.emails, "phone": &p.phones}[kind]
		if method == "PUT" {
			*list = append(*list, spelling)
		} else {
			*list = slices.DeleteFunc(*list, func(s string) bool { return canonical(s) == canonical(spelling) })
		}
		p.tidy()
		return p
	}))
}

// Get reads one.
func (m *machine) Get(t *rapid.T) {
	c, r := m.caller(t), m.drawRef(t)
	p, no := m.find(c, r)
	w := want{status: 200, after: p}
	if no != nil {
		w = *no
	}
	m.judge(t, c, request{method: "GET", path: r.path()}, w)
}

// Policy switches what happens to duplicates.
func (m *machine) Policy(t *rapid.T) {
	m.reject = !m.reject
	duplicates := map[bool]string{true: "reject", false: "allow"}[m.reject]
	a := m.send(t, m.callers[0], request{method: "PATCH", path: "/v1/workspace", body: map[string]any{"duplicates": duplicates}})
	if a.status != 200 || a.body["duplicates"] != duplicates {
		t.Fatalf("switching to %s: %v", duplicates, a)
	}
}

// Mistake sends a body that no contact has, also to contacts that are not there.
func (m *machine) Mistake(t *rapid.T) {
	c, f := m.caller(t), drawForm(t)
	wrong := rapid.SampledFrom(mistakes).Draw(t, "mistake")
	delete(f, wrong.name)
	for _, name := range []string{"email", "phone", "externalIds"} { // what may not fit the path
		delete(f, name)
	}
	body := f.wire()
	body[wrong.name] = wrong.wire
	to := rapid.SampledFrom([]request{
		{method: "POST", path: "/v1/contacts"}, {method: "PATCH", path: m.drawRef(t).path()}, {method: "PUT", path: "/v1/contacts/ext:zzz:1"},
	}).Draw(t, "to")
	to.body = body
	m.judge(t, c, to, want{status: 400, code: wrong.code, field: wrong.name})
}

// Again sends a request under the Idempotency-Key of one that was answered.
func (m *machine) Again(t *rapid.T) {
	if len(m.kept) == 0 {
		t.Skip("nothing is kept")
	}
	k := rapid.SampledFrom(m.kept).Draw(t, "kept")
	if rapid.IntRange(0, 4).Draw(t, "another") == 0 {
		other := k.request
		other.body = map[string]any{"city": "another request"}
		m.judge(t, k.caller, other, refused(422, "idempotency_mismatch"))
		return
	}
	if k.person != nil && k.person.gone {
		m.judge(t, k.caller, k.request, refused(410, "gone"))
		return
	}
	a := m.send(t, k.caller, k.request)
	if a.status != k.answer.status || !bytes.Equal(a.raw, k.answer.raw) {
		t.Fatalf("replayed: %v\nwant %v", a, k.answer)
	}
	header := maps.Clone(k.answer.header)
	header["Idempotency-Replayed"] = "true"
	if diff := cmp.Diff(header, a.header); diff != "" {
		t.Fatalf("replayed headers (-want +got):\n%s", diff)
	}
}

// write judges a write, and makes it so in the model. Some writes come with an
// Idempotency-Key.
func (m *machine) write(t *rapid.T, c *caller, r request, w want) {
	t.Helper()
	if rapid.IntRange(0, 3).Draw(t, "keyed") == 0 {
		m.keys++
		r.key = "key-" + strconv.Itoa(m.keys)
	}
	a := m.judge(t, c, r, w)
	if w.status > 299 {
		return
	}
	if w.commit != nil {
		w.commit()
	}
	if w.after != nil {
		m.adopt(w.after)
	}
	if r.key != "" {
		k := kept{caller: c, request: r, answer: a}
		if len(a.raw) > 0 {
			i := slices.IndexFunc(m.people, func(p *modelPerson) bool { return p.id == a.body["id"] })
			k.person = m.people[i]
		}
		m.kept = append(m.kept, k)
	}
}

func (m *machine) send(t *rapid.T, c *caller, r request) answer {
	t.Helper()
	a, err := c.call(r)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return a
}

// judge sends a request and holds the answer against what it must be.
func (m *machine) judge(t *rapid.T, c *caller, r request, w want) answer {
	t.Helper()
	a := m.send(t, c, r)
	what := fmt.Sprintf("%s %s %v If-Match %q by %s: %v", r.method, r.path, r.body, r.ifMatch, c.user, a)
	switch {
	case a.status != w.status:
		t.Fatalf("%s\nwant %d %s", what, w.status, w.code)
	case w.status > 299:
		if wrong := w.refusal(a); wrong != "" {
			t.Fatalf("%s\n%s", what, wrong)
		}
	case w.after == nil:
		if len(a.raw) > 0 {
			t.Fatalf("%s\nwant no body", what)
		}
	default:
		if wrong := m.shown(w, a); wrong != "" {
			t.Fatalf("%s\n%s", what, wrong)
		}
	}
	return a
}

// refusal says what is wrong with a problem document; "" is nothing.
func (w want) refusal(a answer) string {
	code, _ := a.body["code"].(string)
	if w.status == 400 {
		all, _ := a.body["errors"].([]any)
		if len(all) != 1 {
			return fmt.Sprintf("want one error, of %s", w.field)
		}
		one, _ := all[0].(map[string]any)
		if one["field"] != w.field || one["code"] != w.code {
			return fmt.Sprintf("want %s of %s", w.code, w.field)
		}
		return ""
	}
	if code != w.code {
		return "want the code " + w.code
	}
	if w.ids != nil && !equal(a.body["contacts"], listOf(w.ids)) {
		return fmt.Sprintf("want the contacts %v", w.ids)
	}
	if code != "duplicate_identity" {
		return ""
	}
	named, some := a.body["contactId"].(string)
	if !some && !w.hidden || some && !slices.ContainsFunc(w.holders, func(p *modelPerson) bool { return p.id == named }) {
		return "want the contact that has it"
	}
	return ""
}

// shown holds a contact that was answered against the model's, and takes over
// what the model cannot know: its id and its times.
func (m *machine) shown(w want, a answer) string {
	p := w.after
	id, _ := a.body["id"].(string)
	if p.id == "" {
		if last := len(m.people) - 1; last >= 0 && m.people[last].id >= id {
			return "the id is not greater than that of whoever was created before"
		}
		p.id = id
	}
	if a.header["ETag"] != fmt.Sprintf(`"%d"`, p.version) {
		return "the ETag is not the version"
	}
	if location := a.header["Location"]; w.status == 201 && location != "/v1/contacts/"+id || w.status != 201 && location != "" {
		return "the Location is wrong"
	}
	return p.matches(a.body)
}

// matches holds a contact's JSON against the model's.
func (p *modelPerson) matches(body map[string]any) string {
	got := maps.Clone(body)
	created, _ := got["createdAt"].(string)
	updated, _ := got["updatedAt"].(string)
	delete(got, "createdAt")
	delete(got, "updatedAt")
	if diff := cmp.Diff(p.view(), got); diff != "" {
		return "the contact (-want +got):\n" + diff
	}
	if p.created == "" {
		p.created = created
	}
	if p.updated == "" {
		p.updated = updated
	}
	if created != p.created || updated != p.updated || updated < created {
		return fmt.Sprintf("created at %s and updated at %s, want %s and %s", created, updated, p.created, p.updated)
	}
	return ""
}

// drawRef draws a way to name a contact.
func (m *machine) drawRef(t *rapid.T) ref {
	n := rapid.IntRange(0, 9).Draw(t, "ref")
	switch {
	case n == 0:
		return ref{nobody: true}
	case n > 4 || len(m.people) == 0:
		return m.drawIdentity(t)
	}
	return ref{person: rapid.SampledFrom(m.people).Draw(t, "person")}
}

func (m *machine) drawIdentity(t *rapid.T) ref {
	switch kind := rapid.SampledFrom([]string{"email", "email", "phone", "ext"}).Draw(t, "kind"); kind {
	case "email":
		return ref{kind: kind, spelling: rapid.SampledFrom(sorted(emails)).Draw(t, "spelling")}
	case "phone":
		return ref{kind: kind, spelling: rapid.SampledFrom(sorted(phones)).Draw(t, "spelling")}
	default:
		return ref{kind: kind, spelling: rapid.SampledFrom(systems).Draw(t, "system") + ":" + rapid.SampledFrom(keys).Draw(t, "key")}
	}
}

func (r ref) path() string {
	switch {
	case r.nobody:
		return "/v1/contacts/01JD3QAAAAAAAAAAAAAAAAAAA0"
	case r.person != nil:
		return "/v1/contacts/" + r.person.id
	}
	return "/v1/contacts/" + strings.ReplaceAll(url.PathEscape(r.kind+":"+r.spelling), "+", "%2B")
}

// drawIfMatch draws a header, mostly none.
func (m *machine) drawIfMatch(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", "", "*", `"1"`, `"2"`, `"3"`, `W/"1"`, `"1", "2"`, `"none"`}).Draw(t, "If-Match")
}
