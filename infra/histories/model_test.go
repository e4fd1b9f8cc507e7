package histories

import (
	"fmt"
	"slices"
	"strings"
)

// model is a workspace.
type model struct {
	reject bool
	people []*modelPerson // as they were created
	tags   []*modelTag    // deleted ones too
}

// caller is who asks.
type caller struct {
	*workspace
	user string
	// assigned narrows what is there to what is assigned to the user.
	assigned bool
}

func (c *caller) sees(p *modelPerson) bool { return !c.assigned || p.assignedTo(c.user) }

// ref is how a path names a contact: the id of one that was made, or an identity.
type ref struct {
	person   *modelPerson
	nobody   bool   // an id that is nobody's
	kind     string // email, phone, ext
	spelling string // "sap:1" of an external id
}

func (r ref) identity() string { return r.kind + ":" + canonical(r.spelling) }

// want is what an answer must be.
type want struct {
	status int
	code   string
	// field is of a 400: the member that its only error is about.
	field string
	// after is the person as the answer shows it; its id is open where it is made.
	after *modelPerson
	// holders are those whom a 409 may name; ids those that it must.
	holders []*modelPerson
	hidden  bool // or it names nobody
	ids     []string
	// commit makes it so.
	commit func()
}

func refused(status int, code string) want { return want{status: status, code: code} }

// holding are the people who hold an identity, oldest first.
func (m *model) holding(identity string) []*modelPerson {
	var all []*modelPerson
	for _, p := range m.people {
		if !p.gone && p.holds(identity) {
			all = append(all, p)
		}
	}
	return all
}

// find is who a reference leads to, or how that is refused.
func (m *model) find(c *caller, r ref) (*modelPerson, *want) {
	no := refused(404, "not_found")
	switch {
	case r.nobody, r.person != nil && !c.sees(r.person):
		return nil, &no
	case r.person != nil && r.person.gone:
		no = refused(410, "gone")
		return nil, &no
	case r.person != nil:
		return r.person, nil
	}
	var seen []*modelPerson
	for _, p := range m.holding(r.identity()) {
		if c.sees(p) {
			seen = append(seen, p)
		}
	}
	switch len(seen) {
	case 0:
		return nil, &no
	case 1:
		return seen[0], nil
	}
	no = refused(409, "ambiguous_identity")
	for _, p := range seen {
		no.ids = append(no.ids, p.id)
	}
	return nil, &no
}

// ifMatch is a header and whether it allows a version; "" is none.
func allows(header string, version int) bool {
	return header == "" || header == "*" || slices.Contains(strings.Split(header, ", "), fmt.Sprintf(`"%d"`, version))
}

// create is POST.
func (m *model) create(c *caller, f form) want { return m.make(c, modelPerson{}.write(f, true)) }

// make is what becomes of a new person.
func (m *model) make(c *caller, p modelPerson) want {
	if c.assigned && p.text["owner"] == "" {
		p.text["owner"] = c.user
	}
	if !c.sees(&p) {
		return refused(403, "forbidden")
	}
	if w := m.taken(c, nil, p); w != nil {
		return *w
	}
	p.version = 1
	w := want{status: 201, after: &p}
	w.commit = func() {
		p.log = []entry{{1, "contact.created", c.user, differences(modelPerson{}, p)}}
		m.people = append(m.people, &p)
	}
	return w
}

// taken refuses identities that are new to a person and that another has: an
// external id always, the others under the policy reject.
func (m *model) taken(c *caller, before *modelPerson, after modelPerson) *want {
	w := refused(409, "duplicate_identity")
	for _, id := range after.identities() {
		if before != nil && before.holds(id) || !m.reject && !strings.HasPrefix(id, "ext:") {
			continue
		}
		for _, other := range m.holding(id) {
			switch {
			case other == before:
			case c.sees(other):
				w.holders = append(w.holders, other)
			default:
				w.hidden = true
			}
		}
	}
	if len(w.holders) == 0 && !w.hidden {
		return nil
	}
	return &w
}

// update is any change of one person.
func (m *model) update(c *caller, r ref, ifMatch string, apply func(modelPerson) modelPerson) want {
	p, no := m.find(c, r)
	if no != nil {
		return *no
	}
	return m.change(c, p, ifMatch, apply)
}

func (m *model) change(c *caller, p *modelPerson, ifMatch string, apply func(modelPerson) modelPerson) want {
	if !allows(ifMatch, p.version) {
		return refused(412, "stale")
	}
	after := apply(p.clone())
	changes := differences(*p, after)
	if len(changes) == 0 {
		return want{status: 200, after: p, commit: func() { p.derived = after.derived }}
	}
	if w := m.taken(c, p, after); w != nil {
		return *w
	}
	after.version++
	after.updated = ""
	action := "contact.updated"
	if _, assigned := changes["owner"]; assigned {
		action = "contact.assigned"
	}
	if c, ok := changes["tags"]; ok {
		action = "contact.tagged"
		if subset(c.to, c.from) {
			action = "contact.untagged"
		}
	}
	after.log = append(after.log, entry{after.version, action, c.user, changes})
	return want{status: 200, after: &after, commit: func() { *p = after }}
}

// subset tells whether a list, nil for an empty one, has nothing that another has
// not.
func subset(list, of any) bool {
	some, _ := list.([]any)
	all, _ := of.([]any)
	return !slices.ContainsFunc(some, func(x any) bool { return !slices.Contains(all, x) })
}

// upsert is PUT by an identity.
func (m *model) upsert(c *caller, r ref, f form, ifMatch string) want {
	if field := mismatch(r, f); field != "" {
		return want{status: 400, code: "identity_mismatch", field: field}
	}
	all := m.holding(r.identity())
	for _, p := range all {
		if c.sees(p) {
			return m.change(c, p, ifMatch, func(p modelPerson) modelPerson { return p.write(f, false) })
		}
	}
	switch {
	case len(all) > 0:
		return want{status: 409, code: "duplicate_identity", hidden: true}
	case ifMatch != "":
		return refused(412, "stale")
	}
	named := form{}
	if r.kind == "ext" {
		system, key, _ := strings.Cut(r.spelling, ":")
		named["externalIds"] = member{systems: map[string]string{system: key}}
	} else {
		named[r.kind] = member{text: r.spelling}
	}
	return m.make(c, modelPerson{}.write(named, true).write(f, true))
}

// mismatch is the member of a body that says another identity than the path.
func mismatch(r ref, f form) string {
	if r.kind != "ext" {
		if m, given := f[r.kind]; given && (m.unset || canonical(m.text) != canonical(r.spelling)) {
			return r.kind
		}
		return ""
	}
	system, key, _ := strings.Cut(r.spelling, ":")
	m, given := f["externalIds"]
	if !given {
		return ""
	}
	if other, said := m.systems[system]; m.unset || said && other != key {
		return "externalIds." + system
	}
	return ""
}

// remove is DELETE.
func (m *model) remove(c *caller, r ref, ifMatch string) want {
	p, no := m.find(c, r)
	if no != nil {
		return *no
	}
	if !allows(ifMatch, p.version) {
		return refused(412, "stale")
	}
	return want{status: 204, commit: func() {
		p.gone = true
		p.log = append(p.log, entry{p.version + 1, "contact.deleted", c.user, differences(modelPerson{}, *p)})
	}}
}
