package histories

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// words are spellings of tags' names, and what each is compared and ordered as:
// known by hand, not computed.
var words = map[string]string{
	"VIP": "vip", "vip": "vip", "Lead": "lead", "LEAD": "lead", "Straße": "strasse", "STRASSE": "strasse", "Caffè": "caffè", "CAFFE\u0300": "caffè",
	"a/b %": "a/b %",
}

// composed is how a spelling is kept.
func composed(word string) string { return strings.ReplaceAll(word, "E\u0300", "È") }

// modelTag is a tag as the model has it. People carry pointers to tags, so that
// a new name shows everywhere.
type modelTag struct {
	id   string // as it was first told; "" until then
	name string
	gone bool
}

func (g *modelTag) folded() string {
	for spelling, folded := range words {
		if composed(spelling) == g.name {
			return folded
		}
	}
	return g.name
}

// tag is the one that has a name, in whatever spelling, or an id; nil if there is
// none.
func (m *model) tag(named string) *modelTag {
	i := slices.IndexFunc(m.tags, func(g *modelTag) bool {
		return !g.gone && (g.id == named || words[named] != "" && g.folded() == words[named])
	})
	if i < 0 {
		return nil
	}
	return m.tags[i]
}

// carriers is how many contacts carry a tag.
func (m *model) carriers(g *modelTag) (n int) {
	for _, p := range m.people {
		if !p.gone && slices.Contains(p.tags, g) {
			n++
		}
	}
	return n
}

// adopt makes the tags that a person was given with a new name the workspace's.
func (m *model) adopt(p *modelPerson) {
	for _, g := range p.tags {
		if !slices.Contains(m.tags, g) {
			m.tags = append(m.tags, g)
		}
	}
}

// tagNames are the names of the person's tags, in their order.
func (p modelPerson) tagNames() []string {
	var live []*modelTag
	for _, g := range p.tags {
		if !g.gone {
			live = append(live, g)
		}
	}
	slices.SortFunc(live, func(a, b *modelTag) int { return strings.Compare(a.folded(), b.folded()) })
	names := []string{}
	for _, g := range live {
		names = append(names, g.name)
	}
	return names
}

// drawName draws a way to name a tag: a spelling, or the id of one that is known.
func (m *machine) drawName(t *rapid.T) string {
	if rapid.IntRange(0, 3).Draw(t, "by id") == 0 {
		for _, g := range m.tags {
			if g.id != "" && !g.gone {
				return g.id
			}
		}
	}
	return rapid.SampledFrom(sorted(words)).Draw(t, "tag")
}

// drawTags draws what a body says of tags. A name that nobody has is a new tag's,
// the workspace's once the call has succeeded.
func (m *machine) drawTags(t *rapid.T) member {
	var given member
	wire := []any{}
	fresh := map[string]*modelTag{}
	for range rapid.IntRange(1, 3).Draw(t, "tags") {
		name := m.drawName(t)
		wire = append(wire, name)
		g := m.tag(name)
		if g == nil && fresh[words[name]] == nil {
			fresh[words[name]] = &modelTag{name: composed(name)}
		}
		if g == nil {
			g = fresh[words[name]]
		}
		given.tags = append(given.tags, g)
	}
	given.wire = wire
	return given
}

// sometimesTagged adds tags to a body.
func (m *machine) sometimesTagged(t *rapid.T, f form) form {
	if rapid.IntRange(0, 2).Draw(t, "tagged") == 0 {
		f["tags"] = m.drawTags(t)
	}
	return f
}

// AddTags gives a contact tags.
func (m *machine) AddTags(t *rapid.T) {
	c, r, tag := m.caller(t), m.drawRef(t), m.drawIfMatch(t)
	f := form{"tags": m.drawTags(t)}
	m.write(t, c, request{method: "POST", path: r.path() + "/tags", body: f.wire(), ifMatch: tag},
		m.update(c, r, tag, func(p modelPerson) modelPerson { return p.write(f, false) }))
}

// RemoveTag takes one from a contact.
func (m *machine) RemoveTag(t *rapid.T) {
	c, r, tag, name := m.caller(t), m.drawRef(t), m.drawIfMatch(t), m.drawName(t)
	g := m.tag(name)
	w := m.update(c, r, tag, func(p modelPerson) modelPerson {
		p.tags = slices.DeleteFunc(p.tags, func(x *modelTag) bool { return x == g })
		return p
	})
	if w.status == 200 && g == nil {
		w = refused(404, "not_found")
	}
	m.write(t, c, request{method: "DELETE", path: r.path() + "/tags/" + url.PathEscape(name), ifMatch: tag}, w)
}

// MakeTag makes a tag.
func (m *machine) MakeTag(t *rapid.T) {
	name := rapid.SampledFrom(sorted(words)).Draw(t, "name")
	if m.tag(name) != nil {
		m.judge(t, m.callers[0], request{method: "POST", path: "/v1/tags", body: map[string]any{"name": name}}, refused(409, "tag_exists"))
		return
	}
	g := &modelTag{name: composed(name)}
	m.judgeTag(t, request{method: "POST", path: "/v1/tags", body: map[string]any{"name": name}}, 201, g)
	m.tags = append(m.tags, g)
}

// RenameTag gives a tag another name, or another spelling.
func (m *machine) RenameTag(t *rapid.T) {
	named, name := m.drawName(t), rapid.SampledFrom(sorted(words)).Draw(t, "name")
	r := request{method: "PATCH", path: "/v1/tags/" + url.PathEscape(named), body: map[string]any{"name": name}}
	g, other := m.tag(named), m.tag(name)
	switch {
	case g == nil:
		m.judge(t, m.callers[0], r, refused(404, "not_found"))
	case other != nil && other != g:
		m.judge(t, m.callers[0], r, refused(409, "tag_exists"))
	default:
		g.name = composed(name)
		m.judgeTag(t, r, 200, g)
	}
}

// DeleteTag deletes one: from then on nobody carries it.
func (m *machine) DeleteTag(t *rapid.T) {
	named := m.drawName(t)
	r := request{method: "DELETE", path: "/v1/tags/" + url.PathEscape(named)}
	g := m.tag(named)
	if g == nil {
		m.judge(t, m.callers[0], r, refused(404, "not_found"))
		return
	}
	if a := m.send(t, m.callers[0], r); a.status != 204 {
		t.Fatalf("deleting %s: %v", named, a)
	}
	g.gone = true
}

// judgeTag sends a request whose answer is a tag.
func (m *machine) judgeTag(t *rapid.T, r request, status int, g *modelTag) {
	t.Helper()
	a := m.send(t, m.callers[0], r)
	if a.status != status {
		t.Fatalf("%s %s %v: %v, want %d", r.method, r.path, r.body, a, status)
	}
	if wrong := m.tagShown(a.body, g); wrong != "" {
		t.Fatalf("%s %s %v: %s", r.method, r.path, r.body, wrong)
	}
}

// tagShown holds a tag that was answered against the model's, and takes over its
// id.
func (m *machine) tagShown(body map[string]any, g *modelTag) string {
	if id, _ := body["id"].(string); g.id == "" {
		g.id = id
	}
	return cmp.Diff(map[string]any{"id": g.id, "name": g.name, "contacts": float64(m.carriers(g))}, body)
}

// Tags lists all tags, or those of a prefix, and how many contacts carry each.
func (m *machine) Tags(t *rapid.T) {
	prefix := rapid.SampledFrom([]string{"", "", "V", "le", "STRASS", "caf"}).Draw(t, "prefix")
	folded := map[string]string{"V": "v", "STRASS": "strass"}[prefix]
	if folded == "" {
		folded = prefix
	}
	var want []*modelTag
	for _, g := range m.tags {
		if !g.gone && strings.HasPrefix(g.folded(), folded) {
			want = append(want, g)
		}
	}
	slices.SortFunc(want, func(a, b *modelTag) int { return strings.Compare(a.folded(), b.folded()) })
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	got := m.pages(t, m.callers[0], fmt.Sprintf("/v1/tags?prefix=%s&limit=%d", prefix, limit), nil)
	if len(got) != len(want) {
		t.Fatalf("tags with %q: %v, want %d", prefix, got, len(want))
	}
	for i, g := range want {
		if wrong := m.tagShown(got[i], g); wrong != "" {
			t.Fatalf("tags with %q: at %d: %s", prefix, i, wrong)
		}
	}
}
