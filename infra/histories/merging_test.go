package histories

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"rubrica/shared/table"
)

const (
	merging   = 4  // contacts
	perMerger = 16 // calls of each client
)

// What clients do to a few contacts that are merged and taken apart all the time.
const (
	opMerge = "merge"
	opUndo  = "undo"
)

// doing is what a client asked of them.
type doing struct {
	op    string
	who   int // of a patch, a get; the survivor of a merge
	other int // who is merged into it
	value string
	merge string // to be undone
}

// told is what it was answered.
type told struct {
	status  int
	code    string
	who     int // who stood for the contact
	version int
	value   string
	merge   string
	back    int // the version of who was restored
}

// one is one of the contacts.
type one struct {
	version int
	value   string
	into    int // who stands for it, itself if nobody does
}

// done is a merge that was made.
type done struct {
	id              string
	survivor, other int
	undone          bool
}

// crowd is a state, never changed in place.
type crowd struct {
	all    [merging]one
	merges []done
}

func (c crowd) root(who int) int {
	for c.all[who].into != who {
		who = c.all[who].into
	}
	return who
}

// step says what a call does to a state and what it is told, one moment for all of
// it.
func (c crowd) step(d doing, made string) (crowd, told) {
	root := c.root(d.who)
	switch d.op {
	case opPatch:
		c.all[root].version++
		c.all[root].value = d.value
		fallthrough
	case opGet:
		return c, told{status: 200, who: root, version: c.all[root].version, value: c.all[root].value}
	case opMerge:
		if root != d.who || c.root(d.other) != d.other {
			return c, told{status: 409, code: "already_merged"}
		}
		c.all[d.who].version++
		c.all[d.other].version++
		c.all[d.other].into = d.who
		c.merges = append(slices.Clone(c.merges), done{id: made, survivor: d.who, other: d.other})
		return c, told{status: 201, who: d.who, version: c.all[d.who].version, value: c.all[d.who].value, merge: made}
	}
	i := slices.IndexFunc(c.merges, func(m done) bool { return m.id == d.merge })
	if i < 0 {
		return c, told{status: 404}
	}
	if c.merges[i].undone {
		return c, told{status: 409, code: "already_undone"}
	}
	c.merges = slices.Clone(c.merges)
	c.merges[i].undone = true
	m := c.merges[i]
	root = c.root(m.survivor)
	c.all[m.other].into = m.other
	c.all[m.other].version++
	c.all[root].version++
	return c, told{status: 200, who: root, version: c.all[root].version, value: c.all[root].value, back: c.all[m.other].version}
}

func crowdModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any {
			var c crowd
			for i := range c.all {
				c.all[i] = one{version: 1, value: "first", into: i}
			}
			return c
		},
		Step: func(state, in, out any) (bool, any) {
			next, says := state.(crowd).step(in.(doing), out.(told).merge)
			return says == out.(told), next
		},
		Equal: func(a, b any) bool {
			x, y := a.(crowd), b.(crowd)
			return x.all == y.all && slices.Equal(x.merges, y.merges)
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
	}
}

// TestMergesAreLinearizable lets clients merge, take apart, change and read the
// same few contacts at once: whatever they were told, some order explains it, and
// nothing that was written is lost.
func TestMergesAreLinearizable(t *testing.T) {
	t.Parallel()
	for range 6 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, seed, plain)
			if problem := h.mergeAll(t, seed); problem != "" {
				t.Errorf("seed %d: %s", seed, problem)
			}
			h.finish(t)
		})
	}
}

// TestHistoriesFindMistakesOfMerges sees that the check is not satisfied with
// anything.
func TestHistoriesFindMistakesOfMerges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		h := newHistory(t, seed, func(d table.Driver) table.Driver { return forgetful{d} })
		if h.mergeAll(t, seed) != "" {
			return
		}
	}
	t.Error("not found in 50 histories")
}

// mergeAll lets the clients loose; "" if some order of their calls explains it all.
func (h *history) mergeAll(t *testing.T, seed uint64) string {
	t.Helper()
	var ids [merging]string
	for i := range ids {
		a, err := h.call(request{method: "POST", path: "/v1/contacts", body: map[string]any{"city": "first"}})
		if err != nil || a.status != 201 {
			t.Fatalf("%v %v", a, err)
		}
		ids[i], _ = a.body["id"].(string)
	}
	h.chaos.on.Store(true)
	defer h.chaos.on.Store(false)
	var mu sync.Mutex
	var all []porcupine.Operation
	var merges []string
	var wg sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(client)+1))
		wg.Go(func() {
			for i := range perMerger {
				mu.Lock()
				d := doing{op: weighted(random, []weight{{opMerge, 30}, {opUndo, 25}, {opPatch, 25}, {opGet, 20}}), who: random.IntN(merging), value: fmt.Sprintf("%d.%d", client, i)}
				if d.other = random.IntN(merging - 1); d.other >= d.who {
					d.other++
				}
				if d.op == opUndo && len(merges) == 0 {
					d.op = opMerge
				}
				if d.op == opUndo {
					d.merge = merges[len(merges)-1-random.IntN(min(3, len(merges)))]
				}
				mu.Unlock()
				called := time.Since(h.began)
				out, err := h.ask(d, ids, fmt.Sprintf("merging-%d-%d", client, i))
				if err != nil {
					h.fail(err)
					return
				}
				mu.Lock()
				all = append(all, porcupine.Operation{ClientId: client, Input: d, Output: out, Call: int64(called), Return: int64(time.Since(h.began))})
				if out.merge != "" {
					merges = append(merges, out.merge)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, err := range h.wrong {
		return err.Error()
	}
	if result := porcupine.CheckOperationsTimeout(crowdModel(), all, 20*time.Second); result != porcupine.Ok {
		return fmt.Sprintf("%s: no order explains these %d calls", result, len(all))
	}
	t.Logf("%d calls, %d merges", len(all), len(merges))
	return ""
}

// ask does one call, over again with its key until there is an answer.
func (h *history) ask(d doing, ids [merging]string, key string) (told, error) {
	r := map[string]request{
		opGet:   {method: "GET", path: "/v1/contacts/" + ids[d.who]},
		opPatch: {method: "PATCH", path: "/v1/contacts/" + ids[d.who], body: map[string]any{"city": d.value}, key: key},
		opMerge: {method: "POST", path: "/v1/merges", body: map[string]any{"survivor": ids[d.who], "contacts": []string{ids[d.other]}}, key: key},
		opUndo:  {method: "POST", path: "/v1/merges/" + d.merge + "/undo", key: key},
	}[d.op]
	for attempt := range 100 {
		r.id = fmt.Sprintf("%s-%d", key, attempt)
		a, err := h.call(r)
		if err != nil {
			return told{}, err
		}
		if a.status != 503 {
			return d.read(a, ids), nil
		}
	}
	return told{}, fmt.Errorf("%s: no answer", key)
}

// read takes from an answer what the specification speaks of.
func (d doing) read(a answer, ids [merging]string) told {
	out := told{status: a.status}
	if a.status >= 400 {
		out.code, _ = a.body["code"].(string)
		return out
	}
	view := a.body
	if d.op == opMerge || d.op == opUndo {
		view, _ = a.body["survivor"].(map[string]any)
	}
	if d.op == opMerge {
		out.merge, _ = a.body["id"].(string)
	}
	if d.op == opUndo {
		restored, _ := a.body["restored"].([]any)
		first, _ := restored[0].(map[string]any)
		version, _ := first["version"].(float64)
		out.back = int(version)
	}
	id, _ := view["id"].(string)
	version, _ := view["version"].(float64)
	out.who, out.version = slices.Index(ids[:], id), int(version)
	out.value, _ = view["city"].(string)
	return out
}
