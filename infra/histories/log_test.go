package histories

import (
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Log reads the audit log of one contact, which is complete at any moment.
func (m *machine) Log(t *rapid.T) {
	if len(m.people) == 0 {
		t.Skip("nobody is there")
	}
	p := rapid.SampledFrom(m.people).Draw(t, "person")
	limit := rapid.SampledFrom([]string{"", "?limit=1", "?limit=2"}).Draw(t, "limit")
	var want []any
	for _, e := range slices.Backward(p.log) {
		want = append(want, e.view(p))
	}
	var got []any
	for _, e := range m.pages(t, m.callers[0], "/v1/contacts/"+p.id+"/audit"+limit, nil) {
		changes := map[string]any{}
		all, _ := e["changes"].([]any)
		for _, c := range all {
			c := c.(map[string]any)
			changes[c["field"].(string)] = []any{c["from"], c["to"], c["erased"]}
		}
		actor, _ := e["actor"].(map[string]any)
		got = append(got, []any{e["contactId"], e["version"], e["action"], actor["id"], changes})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the log of %s (-want +got):\n%s", p.id, diff)
	}
}

// view is an entry as the machine reads it; of a deleted contact without values.
func (e entry) view(p *modelPerson) any {
	changes := map[string]any{}
	for name, c := range e.changes {
		changes[name] = []any{c.from, c.to, nil}
		if p.gone {
			changes[name] = []any{nil, nil, true}
		}
	}
	return []any{p.id, float64(e.version), e.action, e.actor, changes}
}

// wholeLog holds the workspace's log, once the consumers are through, against
// what was done: every change once.
func (m *machine) wholeLog(t *rapid.T) {
	t.Helper()
	var want, got []string
	for _, p := range m.people {
		for _, e := range p.log {
			want = append(want, fmt.Sprintf("%s %d %s %s", p.id, e.version, e.action, e.actor))
		}
	}
	for _, e := range m.pages(t, m.callers[0], "/v1/audit?limit=100", nil) {
		actor, _ := e["actor"].(map[string]any)
		if id, ok := e["contactId"].(string); ok {
			got = append(got, fmt.Sprintf("%s %v %v %v", id, e["version"], e["action"], actor["id"]))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the workspace's log (-want +got):\n%s", diff)
	}
}
