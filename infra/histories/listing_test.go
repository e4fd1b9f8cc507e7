package histories

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// filter is a list's query, and whom it keeps.
type filter struct {
	query     []string
	ascending bool
	keeps     []func(*modelPerson) bool
}

func (f filter) matches(p *modelPerson) bool {
	for _, keeps := range f.keeps {
		if !keeps(p) {
			return false
		}
	}
	return true
}

// drawFilter draws a query of up to three filters.
func (m *machine) drawFilter(t *rapid.T, c *caller) filter {
	var f filter
	add := func(name, value string, keeps func(*modelPerson) bool) {
		f.query, f.keeps = append(f.query, name+"="+url.QueryEscape(value)), append(f.keeps, keeps)
	}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"owner", "follower", "status", "vip", "email", "phone", "tag"}), 0, 3,
		func(s string) string { return s }).Draw(t, "filters")
	for _, name := range names {
		switch name {
		case "owner":
			user := rapid.SampledFrom(append([]string{"me", "none"}, users...)).Draw(t, "owner")
			wanted := map[string]string{"me": c.user, "none": ""}
			is, special := wanted[user]
			if !special {
				is = user
			}
			add(name, user, func(p *modelPerson) bool { return p.text["owner"] == is })
		case "follower":
			user := rapid.SampledFrom(append([]string{"me"}, users...)).Draw(t, "follower")
			is := user
			if user == "me" {
				is = c.user
			}
			add(name, user, func(p *modelPerson) bool { return slices.Contains(p.followers, is) })
		case "status":
			status := rapid.SampledFrom([]string{"active", "inactive"}).Draw(t, "status")
			add(name, status, func(p *modelPerson) bool { return p.inactive == (status == "inactive") })
		case "vip":
			vip := rapid.Bool().Draw(t, "vip")
			add(name, strconv.FormatBool(vip), func(p *modelPerson) bool { return p.vip == vip })
		case "tag":
			named := m.drawName(t)
			add(name, named, func(p *modelPerson) bool { g := m.tag(named); return g != nil && slices.Contains(p.tags, g) })
		default:
			spelling := rapid.SampledFrom(sorted(map[string]map[string]string{"email": emails, "phone": phones}[name])).Draw(t, "spelling")
			add(name, spelling, func(p *modelPerson) bool { return p.holds(name + ":" + canonical(spelling)) })
		}
	}
	switch rapid.IntRange(0, 2).Draw(t, "sort") {
	case 0:
		f.query, f.ascending = append(f.query, "sort=createdAt"), true
	case 1:
		f.query = append(f.query, "sort=-createdAt")
	}
	if limit := rapid.IntRange(0, 4).Draw(t, "limit"); limit > 0 {
		f.query = append(f.query, "limit="+strconv.Itoa(limit))
	}
	return f
}

// List reads all pages of a list while nobody writes: exactly those that match,
// in order, as they are.
func (m *machine) List(t *rapid.T) {
	c := m.caller(t)
	f := m.drawFilter(t, c)
	var want []*modelPerson
	for _, p := range m.people {
		if !p.gone && c.sees(p) && f.matches(p) {
			want = append(want, p)
		}
	}
	if !f.ascending {
		slices.Reverse(want)
	}
	got := m.list(t, c, strings.Join(f.query, "&"), nil)
	if len(got) != len(want) {
		t.Fatalf("%v by %s: %d contacts, want %d: %v", f.query, c.user, len(got), len(want), got)
	}
	for i, p := range want {
		if wrong := p.matches(got[i]); wrong != "" {
			t.Fatalf("%v by %s: at %d: %s", f.query, c.user, i, wrong)
		}
	}
}

// ListWhileBusy reads all pages of a list while others write between them:
// whoever matched throughout is there exactly once, nobody is who never did, and
// the order holds.
func (m *machine) ListWhileBusy(t *rapid.T) {
	c := m.caller(t)
	f := m.drawFilter(t, c)
	ever, always := map[string]bool{}, map[string]bool{}
	for _, p := range m.people {
		always[p.id] = true
	}
	look := func() {
		for _, p := range m.people {
			matches := !p.gone && c.sees(p) && f.matches(p)
			ever[p.id] = ever[p.id] || matches
			always[p.id] = always[p.id] && matches
		}
	}
	look()
	got := m.list(t, c, strings.Join(f.query, "&"), func() {
		for range rapid.IntRange(0, 3).Draw(t, "writes") {
			rapid.SampledFrom([]func(*rapid.T){m.Create, m.Patch, m.Delete, m.Upsert, m.Follower, m.AddTags, m.RemoveTag}).Draw(t, "write")(t)
			look()
		}
	})
	last := ""
	for _, item := range got {
		id, _ := item["id"].(string)
		if last != "" && (id > last) != f.ascending || id == last || !ever[id] {
			t.Fatalf("%v by %s: %s stands behind %s, or does not belong there", f.query, c.user, id, last)
		}
		last = id
		delete(always, id)
	}
	for id, throughout := range always {
		if throughout {
			t.Fatalf("%v by %s: %s is left out", f.query, c.user, id)
		}
	}
}

// list reads all pages of a list of contacts; meanwhile is done between them.
func (m *machine) list(t *rapid.T, c *caller, query string, meanwhile func()) []map[string]any {
	t.Helper()
	return m.pages(t, c, "/v1/contacts?"+query, meanwhile)
}

// pages reads all pages of any list.
func (m *machine) pages(t *rapid.T, c *caller, path string, meanwhile func()) []map[string]any {
	t.Helper()
	var all []map[string]any
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	cursor := ""
	for range 1000 {
		a := m.send(t, c, request{method: "GET", path: path + cursor})
		items, ok := a.body["items"].([]any)
		if a.status != 200 || !ok {
			t.Fatalf("GET %s: %v", path+cursor, a)
		}
		for _, item := range items {
			all = append(all, item.(map[string]any))
		}
		next, more := a.body["nextCursor"].(string)
		if !more {
			return all
		}
		cursor = join + "cursor=" + next
		if meanwhile != nil {
			meanwhile()
		}
	}
	t.Fatalf("GET %s does not end", path)
	return nil
}
