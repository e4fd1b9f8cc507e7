package histories

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"rubrica/shared/table"
)

const (
	theAddress = "ada@example.com"
	clients    = 5
	perClient  = 24 // calls
)

// members are those that clients write.
var members = [2]string{"city", "department"}

// history is what a few clients did at once, and what they were told.
type history struct {
	*workspace
	chaos *chaos
	began time.Time

	mu    sync.Mutex
	known []string // ids that somebody was told
	calls []recorded
	wrong []error
}

// recorded is one call, by all its attempts.
type recorded struct {
	client         int
	name           string // of the request
	in             input
	out            output
	called, closed time.Duration
}

// TestHistoriesAreLinearizable lets clients race for one address.
func TestHistoriesAreLinearizable(t *testing.T) {
	t.Parallel()
	for range 8 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, seed, plain)
			h.run(seed)
			h.finish(t)
			if problem := h.explain(t); problem != "" {
				t.Errorf("seed %d: %s", seed, problem)
			}
		})
	}
}

// TestHistoriesFindMistakes sees that the check is not satisfied with anything.
func TestHistoriesFindMistakes(t *testing.T) {
	t.Parallel()
	for name, around := range map[string]func(table.Driver) table.Driver{
		"AWriteOverSomebodyElses": func(d table.Driver) table.Driver { return forgetful{d} },
		"AReadFromACache":         func(d table.Driver) table.Driver { return &aged{Driver: d, seen: map[table.Key]table.Row{}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(50) {
				h := newHistory(t, seed, around)
				h.run(seed)
				if len(h.wrong) > 0 || h.explain(t) != "" {
					return
				}
			}
			t.Error("not found in 50 histories")
		})
	}
}

func newHistory(t *testing.T, seed uint64, around func(table.Driver) table.Driver) *history {
	t.Helper()
	h := &history{began: time.Now()}
	s := newService(t, func(d table.Driver) table.Driver {
		h.chaos = newChaos(seed, around(d))
		return h.chaos
	})
	h.workspace = s.workspace(t)
	if a, err := h.call(request{method: "PATCH", path: "/v1/workspace", body: map[string]any{"duplicates": "reject"}}); err != nil || a.status != 200 {
		t.Fatalf("%v %v", a, err)
	}
	return h
}

// run lets the clients loose.
func (h *history) run(seed uint64) {
	h.chaos.on.Store(true)
	defer h.chaos.on.Store(false)
	var wg sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(client)+1))
		wg.Go(func() {
			for i := range perClient {
				h.one(random, client, i)
			}
		})
	}
	wg.Wait()
}

// one does one call, over again while there is no answer, or as long as the
// client cares.
func (h *history) one(random *rand.Rand, client, i int) {
	in := h.choose(random)
	in.value = fmt.Sprintf("%d.%d", client, i)
	c := recorded{client: client, name: fmt.Sprintf("call-%d-%d", client, i), in: in, called: time.Since(h.began)}
	r := in.request()
	if r.method != "GET" {
		r.key = c.name
	}
	patience := 1
	if random.IntN(4) > 0 {
		patience = 20
	}
	c.out.lost = true
	for attempt := range patience {
		r.id = fmt.Sprintf("%s-%d", c.name, attempt)
		a, err := h.call(r)
		if err != nil {
			h.fail(err)
			return
		}
		if a.status == 410 && attempt > 0 {
			break // gone before it was done, or it was done and the answer was erased with the contact
		}
		if a.status != 503 {
			c.out = in.read(a)
			break
		}
	}
	c.closed = time.Since(h.began)
	h.record(c)
}

func (h *history) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrong = append(h.wrong, err)
}

func (h *history) record(c recorded) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.out.lost && (c.in.op == opGet || c.in.op == opFind || c.in.op == opList) {
		return // nothing was done, and nothing was learned
	}
	h.calls = append(h.calls, c)
	if c.out.contact.id != "" {
		h.known = append(h.known, c.out.contact.id)
	}
}

// choose draws what to do next, mostly to contacts that were met of late.
func (h *history) choose(random *rand.Rand) input {
	h.mu.Lock()
	defer h.mu.Unlock()
	in := input{field: random.IntN(len(members))}
	in.op = weighted(random, []weight{
		{opCreate, 10}, {opUpsert, 20}, {opPatch, 25}, {opRelease, 7}, {opClaim, 7}, {opDelete, 10}, {opGet, 10}, {opFind, 12}, {opList, 7},
	})
	switch in.op {
	case opCreate, opUpsert, opFind, opList:
		return in
	}
	if len(h.known) == 0 {
		in.op = opUpsert
		return in
	}
	in.id = h.known[len(h.known)-1-random.IntN(min(6, len(h.known)))]
	if in.op != opGet && random.IntN(3) == 0 {
		in.match = 1 + random.IntN(4)
		for _, c := range h.calls {
			if c.out.contact.id == in.id {
				in.match = c.out.contact.version
			}
		}
	}
	return in
}

type weight struct {
	op   string
	many int
}

func weighted(random *rand.Rand, all []weight) string {
	total := 0
	for _, w := range all {
		total += w.many
	}
	n := random.IntN(total)
	for _, w := range all {
		if n -= w.many; n < 0 {
			return w.op
		}
	}
	return all[0].op
}

// request is the HTTP of an input.
func (in input) request() request {
	byID, byAddress := "/v1/contacts/"+in.id, "/v1/contacts/email:"+theAddress
	one := map[string]any{members[in.field]: in.value}
	r := map[string]request{
		opCreate:  {method: "POST", path: "/v1/contacts", body: map[string]any{"email": theAddress, members[in.field]: in.value}},
		opUpsert:  {method: "PUT", path: byAddress, body: one},
		opPatch:   {method: "PATCH", path: byID, body: one},
		opRelease: {method: "PATCH", path: byID, body: map[string]any{"email": nil}},
		opClaim:   {method: "PATCH", path: byID, body: map[string]any{"email": theAddress}},
		opDelete:  {method: "DELETE", path: byID},
		opGet:     {method: "GET", path: byID},
		opFind:    {method: "GET", path: byAddress},
		opList:    {method: "GET", path: "/v1/contacts?email=" + theAddress},
	}[in.op]
	if in.match != 0 {
		r.ifMatch = fmt.Sprintf(`"%d"`, in.match)
	}
	return r
}

// read takes from an answer what the specification speaks of.
func (in input) read(a answer) output {
	out := output{status: a.status}
	body := a.body
	if in.op == opList && a.status == 200 {
		items, _ := body["items"].([]any)
		if len(items) > 1 {
			return output{status: -2} // two contacts with one address
		}
		body = nil
		if len(items) == 1 {
			body, _ = items[0].(map[string]any)
		}
	}
	if a.status == 409 {
		out.holder, _ = body["contactId"].(string)
	}
	if id, ok := body["id"].(string); ok && a.status < 300 {
		version, _ := body["version"].(float64)
		out.contact = person{id: id, version: int(version), holds: body["email"] == theAddress}
		for i, name := range members {
			out.contact.fields[i], _ = body[name].(string)
		}
	}
	return out
}

// finish lets the consumers work, and holds what is stored against the log.
func (h *history) finish(t *testing.T) {
	t.Helper()
	for _, err := range h.wrong {
		t.Error(err)
	}
	if err := h.settle(h.ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.verify(); err != nil {
		t.Error(err)
	}
}

// made is who was created by which call, as the audit log has it.
func (h *history) made(t *testing.T) map[string]string {
	t.Helper()
	if err := h.settle(h.ctx); err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	path := "/v1/audit?action=contact.created&limit=100"
	for cursor := ""; ; {
		a, err := h.call(request{method: "GET", path: path + cursor})
		if err != nil || a.status != 200 {
			t.Fatalf("%v %v", a, err)
		}
		items, _ := a.body["items"].([]any)
		for _, item := range items {
			e, _ := item.(map[string]any)
			request, _ := e["requestId"].(string)
			id, _ := e["contactId"].(string)
			made[request[:strings.LastIndex(request, "-")]] = id
		}
		next, more := a.body["nextCursor"].(string)
		if !more {
			return made
		}
		cursor = "&cursor=" + next
	}
}

// explain returns "" if some order of the calls explains all answers.
func (h *history) explain(t *testing.T) string {
	t.Helper()
	made := h.made(t)
	var all []porcupine.Operation
	lost := 0
	end := int64(time.Since(h.began)) + 1
	for _, c := range h.calls {
		op := porcupine.Operation{ClientId: c.client, Input: c.in, Output: c.out, Call: int64(c.called), Return: int64(c.closed)}
		if c.out.lost {
			c.in.made = made[c.name]
			op.Input, op.Return = c.in, end
			lost++
		}
		all = append(all, op)
	}
	model := register()
	result, info := porcupine.CheckOperationsVerbose(model, all, 2*time.Minute)
	if result == porcupine.Ok {
		t.Logf("%d calls, %d without an answer", len(all), lost)
		return ""
	}
	problem := fmt.Sprintf("%s: no order explains these %d calls, %d without an answer", result, len(all), lost)
	if dir := os.Getenv("RUBRICA_HISTORIES"); dir != "" {
		file := filepath.Join(dir, "history.html")
		problem += fmt.Sprintf(": %s (%v)", file, porcupine.VisualizePath(model, info, file))
	}
	return problem
}
