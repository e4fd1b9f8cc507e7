package sweep

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// state is what the client was told and what the workspace holds, as the API
// tells and as it is stored, in a form that two runs of one operation have in common: ids are replaced by names,
// times are left out. Compare with cmp.Diff.
type state struct {
	Answer, Contacts, Log any
	// Others is what is no contact, by path.
	Others map[string]any
	// ByID is each contact that ever was, deleted ones too, with its entries.
	ByID map[string]any
	// Rows counts the rows of both tables by kind.
	Rows map[string]int
}

// rivalUser is who made the changes that came between; they are left out, and
// with them the member that they change.
const (
	rivalUser  = "rival"
	rivalField = "department"
)

// others are the paths of what is no contact, and whether it comes in pages.
var others = map[string]bool{"/v1/workspace": false, "/v1/tokens": true, "/v1/fields": false, "/v1/folders": false, "/v1/tags": true, "/v1/companies": true, "/v1/channels": false, "/v1/merges": true, "/v1/jobs": true}

// reading reads a system's state.
type reading struct {
	*system
	names    map[string]string // by id
	contacts []string          // ids
	wrong    []string
}

// look reads what is stored, past the script. wrong is what no state may have.
func (s *system) look(a answer) (st state, wrong []string, err error) {
	r := &reading{system: s, names: map[string]string{s.ws.String(): "the-workspace"}}
	for _, name := range slices.Sorted(maps.Keys(s.ids)) {
		if id := s.ids[name]; ulid.Valid(id) {
			r.names[id] = name
		}
	}
	contacts, err := r.get("/v1/contacts?sort=createdAt", true)
	if err != nil {
		return st, nil, err
	}
	for _, c := range itemsOf(contacts.body) {
		id, _ := c["id"].(string)
		r.name(id)
		r.contacts = append(r.contacts, id)
	}
	log, err := r.get("/v1/audit", true)
	if err != nil {
		return st, nil, err
	}
	for _, e := range itemsOf(log.body) {
		if id, ok := e["contactId"].(string); ok && !slices.Contains(r.contacts, id) {
			r.name(id)
			r.contacts = append(r.contacts, id)
		}
	}
	st = state{Contacts: r.common(contacts.body), Log: shuffled(r.common(log.body)), Others: map[string]any{}, ByID: map[string]any{}}
	for _, path := range slices.Sorted(maps.Keys(others)) { // ids are named in this order
		other, err := r.get(path, others[path])
		if err != nil {
			return st, nil, err
		}
		st.Others[path] = r.common(other.body)
	}
	st.Answer = []any{a.status, r.common(a.header["Location"]), r.common(a.body), map[string]any{"version": a.header["ETag"]}}
	logged, beside := versionsIn(log.body)
	for _, id := range r.contacts {
		if err := r.contact(id, st.ByID, logged[id], beside[id]); err != nil {
			return st, nil, err
		}
	}
	st.Rows, err = s.census()
	return st, r.wrong, err
}

// contact reads one contact with its entries, notes, flags and leases, and holds its
// versions against the entries: exactly one for each, in the contact's log and in
// the workspace's, and those that raised none in both.
func (r *reading) contact(id string, into map[string]any, logged []float64, beside []string) error {
	c, err := r.get("/v1/contacts/"+id, false)
	if err != nil {
		return err
	}
	entries, err := r.get("/v1/contacts/"+id+"/audit", true)
	if err != nil {
		return err
	}
	versions, asides := versionsIn(entries.body)
	of := versions[id]
	for i, v := range of {
		if v != float64(len(of)-i) {
			r.wrong = append(r.wrong, fmt.Sprintf("%s has entries of versions %v", r.name(id), of))
			break
		}
	}
	if body, ok := c.body.(map[string]any); ok && c.status == http.StatusOK && body["id"] == id && body["version"] != float64(len(of)) {
		r.wrong = append(r.wrong, fmt.Sprintf("%s is at version %v and has entries of %v", r.name(id), body["version"], of))
	}
	slices.Sort(logged)
	slices.Reverse(logged)
	if !slices.Equal(of, logged) {
		r.wrong = append(r.wrong, fmt.Sprintf("%s has entries of versions %v, and in the workspace's log of %v", r.name(id), of, logged))
	}
	slices.Sort(beside)
	if there := slices.Sorted(slices.Values(asides[id])); !slices.Equal(there, beside) {
		r.wrong = append(r.wrong, fmt.Sprintf("%s has entries %q beside its versions, and in the workspace's log %q", r.name(id), there, beside))
	}
	notes, err := r.get("/v1/contacts/"+id+"/notes", c.status == http.StatusOK)
	if err != nil {
		return err
	}
	dnd, err := r.get("/v1/contacts/"+id+"/dnd", false)
	if err != nil {
		return err
	}
	messages, err := r.get("/v1/contacts/"+id+"/messages?includeBlocked=true", c.status == http.StatusOK)
	if err != nil {
		return err
	}
	channels, err := r.get("/v1/contacts/"+id+"/channels", false)
	if err != nil {
		return err
	}
	leases, err := r.leases(id)
	into[r.name(id)] = []any{c.status, r.common(c.body), r.common(entries.body), r.common(notes.body), r.common(dnd.body), r.common(messages.body), r.common(channels.body), leases}
	return err
}

// leases are those that are alive, which no endpoint tells.
func (r *reading) leases(id string) ([]ledger.Lock, error) {
	ctx := context.WithoutCancel(r.ctx)
	scope, err := r.well.ledger.Enter(ctx, r.ws, audit.Actor{Type: audit.System, ID: "sweep"}, "state")
	if err != nil {
		return nil, err
	}
	_, leases, err := r.well.ledger.Locks(ctx, scope, contact.Ref{ID: id})
	if kind := problem.Of(err).Kind; err != nil && (kind == problem.NotFound || kind == problem.Gone) {
		return nil, nil
	}
	return leases, err
}

func (r *reading) get(path string, all bool) (answer, error) {
	items := []any{}
	cursor := ""
	for {
		at := path
		if all {
			at += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "limit=100"
			if cursor != "" {
				at += "&cursor=" + cursor
			}
		}
		a, err := read(r.ask(r.well, request{method: http.MethodGet, path: at}, "state"))
		if err != nil || !all {
			return a, err
		}
		page, _ := a.body.(map[string]any)
		more, ok := page["items"].([]any)
		if !ok {
			return a, fmt.Errorf("GET %s: %d %v", path, a.status, a.body)
		}
		items = append(items, more...)
		if cursor, _ = page["nextCursor"].(string); cursor == "" {
			a.body = map[string]any{"items": items}
			return a, nil
		}
	}
}

// name is what an id is called in every run.
func (r *reading) name(id string) string {
	if r.names[id] == "" {
		r.names[id] = fmt.Sprintf("new-%d", len(r.names)+1)
	}
	return r.names[id]
}

// moment is a time in a sentence.
var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// common is a decoded answer without what differs from run to run.
func (r *reading) common(v any) any {
	switch v := v.(type) {
	case string:
		if ulid.Valid(v) {
			return r.name(v)
		}
		for id, name := range r.names {
			v = strings.ReplaceAll(v, id, name)
		}
		return moment.ReplaceAllString(v, "some time")
	case []any:
		kept := []any{}
		for _, e := range v {
			if e, ok := e.(map[string]any); ok && ofRival(e) {
				continue
			}
			kept = append(kept, r.common(e))
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) { // ids are named in this order
			value := v[name]
			switch name {
			case "createdAt", "updatedAt", "firstCreatedAt", "startedAt", "finishedAt", "estimatedAt", "rate", "at", "lastUsedAt", "requestId", "token", "instance", rivalField:
				continue
			case "blockedAt":
				value = "some time"
			case "id":
				if _, entry := v["action"]; entry {
					continue
				}
				if _, suggested := v["matches"]; suggested { // it has a digest by the workspace's own key
					continue
				}
			}
			kept[name] = r.common(value)
		}
		return kept
	default:
		return v
	}
}

// ofRival tells whether something is an entry of a rival's change, or one of an
// entry's changes of its member.
func ofRival(e map[string]any) bool {
	actor, _ := e["actor"].(map[string]any)
	return actor["id"] == rivalUser || e["field"] == rivalField
}

// census counts rows. Those that count the contacts of a tag or company are left
// out, for how many there are depends on the shards that contacts chanced upon, as
// it is with the lanes of jobs; and so are heads of identities, which are gone an hour later.
func (s *system) census() (map[string]int, error) {
	rows := map[string]int{}
	for name, driver := range map[seam]table.Driver{mainTable: s.main, auditTable: s.audit} {
		at := table.Segment{Of: 1, Limit: 1000}
		for {
			page, err := table.New(driver).Scan(context.WithoutCancel(s.ctx), at)
			if err != nil {
				return nil, err
			}
			for _, row := range page.Rows {
				if kind := row.Key.Partition().Parts()[0]; (kind == "tag" || kind == "company" || kind == "identity") && row.Key.SK() == "-" {
					continue
				}
				if row.Key.Partition().Parts()[0] == "job" && !strings.HasPrefix(row.Key.SK(), "error/") {
					continue // of each shard that has contacts of the job
				}
				rows[string(name)+" "+row.Key.Partition().Parts()[0]]++
			}
			if page.Next == "" {
				break
			}
			at.After = page.Next
		}
	}
	return rows, nil
}

func itemsOf(body any) []map[string]any {
	page, _ := body.(map[string]any)
	list, _ := page["items"].([]any)
	items := make([]map[string]any, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			items = append(items, m)
		}
	}
	return items
}

// versionsIn are the versions of entries, by contact, in their order, and the ids
// of those that have none.
func versionsIn(body any) (versions map[string][]float64, asides map[string][]string) {
	versions, asides = map[string][]float64{}, map[string][]string{}
	for _, e := range itemsOf(body) {
		id, _ := e["contactId"].(string)
		if v, ok := e["version"].(float64); ok {
			versions[id] = append(versions[id], v)
			continue
		}
		entry, _ := e["id"].(string)
		asides[id] = append(asides[id], entry)
	}
	return versions, asides
}

// withoutVersions drops what a rival's change moves: versions, and the counts of
// rows. Verify and the reading itself hold these to account.
func (st state) withoutVersions() state {
	st.Answer, st.Contacts, st.Log, st.Rows = unversioned(st.Answer), unversioned(st.Contacts), unversioned(st.Log), nil
	byID := map[string]any{}
	for id, v := range st.ByID {
		byID[id] = unversioned(v)
	}
	st.ByID = byID
	return st
}

func unversioned(v any) any {
	switch v := v.(type) {
	case []any:
		kept := make([]any, len(v))
		for i := range v {
			kept[i] = unversioned(v[i])
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for name, value := range v {
			if name != "version" {
				kept[name] = unversioned(value)
			}
		}
		return kept
	default:
		return v
	}
}
