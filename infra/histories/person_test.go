package histories

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// modelPerson is one contact as the model has it.
type modelPerson struct {
	id        string
	version   int
	text      map[string]string // members with one text, those that are set
	emails    []string          // the others
	phones    []string
	followers []string
	systems   map[string]string
	tags      []*modelTag
	inactive  bool
	vip       bool
	derived   bool // the country was read off the phone
	gone      bool
	created   string // createdAt, as it was first told
	updated   string // updatedAt of this version
	log       []entry
}

// entry is one of the audit log.
type entry struct {
	version int
	action  string
	actor   string
	changes map[string]change
}

// change is a member's from and to; nil is absent.
type change struct{ from, to any }

func (p modelPerson) clone() modelPerson {
	p.text, p.systems = maps.Clone(p.text), maps.Clone(p.systems)
	p.emails, p.phones, p.followers = slices.Clone(p.emails), slices.Clone(p.phones), slices.Clone(p.followers)
	p.tags, p.log = slices.Clone(p.tags), slices.Clone(p.log)
	if p.text == nil {
		p.text = map[string]string{}
	}
	if p.systems == nil {
		p.systems = map[string]string{}
	}
	return p
}

// member is a value of a body, and what is to become of it.
type member struct {
	wire any
	// text, list, systems or flag is what the value says; unset that it is null or "".
	text    string
	list    []string
	systems map[string]string
	tags    []*modelTag
	flag    bool
	unset   bool
}

// form is a body.
type form map[string]member

func (f form) wire() map[string]any {
	body := map[string]any{}
	for name, m := range f {
		body[name] = m.wire
	}
	return body
}

// write returns the person as the body leaves it.
func (p modelPerson) write(f form, creating bool) modelPerson {
	p = p.clone()
	phone := p.text["phone"]
	for name, m := range f {
		switch name {
		case "otherEmails":
			p.emails = slices.Clone(m.list)
		case "otherPhones":
			p.phones = slices.Clone(m.list)
		case "followers":
			p.followers = slices.Clone(m.list)
		case "externalIds":
			if m.unset {
				p.systems = map[string]string{}
			}
			for system, key := range m.systems {
				if key == "" {
					delete(p.systems, system)
				} else {
					p.systems[system] = key
				}
			}
		case "tags":
			for _, g := range m.tags {
				if !slices.Contains(p.tags, g) {
					p.tags = append(p.tags, g)
				}
			}
		case "status":
			p.inactive = m.text == "inactive"
		case "vip":
			p.vip = m.flag
		default:
			switch {
			case !m.unset:
				p.text[name] = m.text
			case !creating:
				delete(p.text, name)
			}
		}
	}
	p.country(f, creating, phone)
	p.tidy()
	return p
}

// country follows the phone until somebody sets it.
func (p *modelPerson) country(f form, creating bool, phoneBefore string) {
	if m, given := f["country"]; given && !(creating && m.unset) {
		p.derived = false
		return
	}
	if p.text["phone"] == phoneBefore || p.text["country"] != "" && !p.derived {
		return
	}
	p.derived = false
	delete(p.text, "country")
	if c := countries[p.text["phone"]]; c != "" {
		p.text["country"], p.derived = c, true
	}
}

// tidy keeps every identity once, the main one first.
func (p *modelPerson) tidy() {
	p.emails = once(p.emails, p.text["email"], canonical)
	p.phones = once(p.phones, p.text["phone"], canonical)
	p.followers = once(p.followers, "", func(s string) string { return s })
}

func once(list []string, main string, key func(string) string) []string {
	var kept []string
	seen := map[string]bool{key(main): main != ""}
	for _, s := range list {
		if !seen[key(s)] {
			seen[key(s)] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// identities are all by which the person is found.
func (p modelPerson) identities() []string {
	var ids []string
	for _, s := range slices.Concat([]string{p.text["email"]}, p.emails) {
		if s != "" {
			ids = append(ids, "email:"+canonical(s))
		}
	}
	for _, s := range slices.Concat([]string{p.text["phone"]}, p.phones) {
		if s != "" {
			ids = append(ids, "phone:"+canonical(s))
		}
	}
	for system, key := range p.systems {
		ids = append(ids, "ext:"+system+":"+key)
	}
	return ids
}

func (p modelPerson) holds(identity string) bool { return slices.Contains(p.identities(), identity) }

func (p modelPerson) assignedTo(user string) bool {
	return p.text["owner"] == user || slices.Contains(p.followers, user)
}

func (p modelPerson) name() string {
	if full := strings.TrimSpace(p.text["firstName"] + " " + p.text["lastName"]); full != "" {
		return full
	}
	if p.text["email"] != "" {
		return p.text["email"]
	}
	return p.text["phone"]
}

// view is the person as an answer shows it, without times.
func (p modelPerson) view() map[string]any {
	v := map[string]any{
		"id": p.id, "version": float64(p.version), "name": p.name(), "status": "active", "vip": p.vip, "blocked": false,
		"tags": listOf(p.tagNames()), "fields": map[string]any{},
	}
	if p.inactive {
		v["status"] = "inactive"
	}
	for name, s := range p.text {
		v[name] = s
	}
	for name, list := range map[string][]string{"otherEmails": p.emails, "otherPhones": p.phones, "followers": p.followers} {
		if len(list) > 0 {
			v[name] = listOf(list)
		}
	}
	if len(p.systems) > 0 {
		systems := map[string]any{}
		for system, key := range p.systems {
			systems[system] = key
		}
		v["externalIds"] = systems
	}
	return v
}

func listOf(list []string) any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// visible are the members that an entry of the log speaks of, as they stand.
func (p modelPerson) visible() map[string]any {
	v := p.view()
	for _, name := range []string{"id", "version", "name", "fields", "blocked"} {
		delete(v, name)
	}
	if len(p.tagNames()) == 0 {
		delete(v, "tags")
	}
	return v
}

// differences are the changes from one state to the next. What is created has no
// from, and what has its default then is not set.
func differences(before, after modelPerson) map[string]change {
	from, to := before.visible(), after.visible()
	if before.version == 0 {
		from = map[string]any{}
		if !after.vip {
			delete(to, "vip")
		}
		if !after.inactive {
			delete(to, "status")
		}
	}
	changes := map[string]change{}
	for name, value := range to {
		if !equal(value, from[name]) {
			changes[name] = change{from[name], value}
		}
	}
	for name, value := range from {
		if _, still := to[name]; !still {
			changes[name] = change{value, nil}
		}
	}
	return changes
}

func equal(a, b any) bool {
	x, isList := a.([]any)
	y, also := b.([]any)
	if isList && also {
		return slices.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}
