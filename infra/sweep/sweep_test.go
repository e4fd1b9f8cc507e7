package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a run came to.
type outcome struct {
	answer answer
	state  state
	calls  []call
	wrong  []string // what no run may come to
}

// run does an operation once in a workspace of its own: the setup with nothing going
// wrong, then the request and all that follows by the plan, then it looks.
func run(ctx context.Context, st *store, b bug, o *operation, redrive bool, plan func(*system, call) effect) (outcome, error) {
	var out outcome
	if st.renew != nil {
		if err := st.renew(ctx); err != nil {
			return out, err
		}
	}
	s, err := newSystem(ctx, st, b, o.sizes())
	if err != nil {
		return out, err
	}
	if err := s.prepare(o.setup); err != nil {
		return out, err
	}
	if o.settled {
		if err := s.settle(false, false); err != nil {
			return out, err
		}
	}
	s.script.arm(func(c call) effect {
		if plan == nil {
			return effect{}
		}
		return plan(s, c)
	})
	if out.answer, err = s.do(o.request, keyUnderTest); err != nil {
		return out, err
	}
	if err := s.settle(o.lastFirst, redrive); err != nil {
		return out, err
	}
	out.calls = s.script.calls
	s.script.arm(nil)
	if out.state, out.wrong, err = s.look(out.answer); err != nil {
		return out, err
	}
	out.wrong = append(out.wrong, s.check()...)
	return out, nil
}

// sweeper holds every run of an operation against the one in which nothing went
// wrong.
type sweeper struct {
	o      *operation
	store  *store
	bug    bug
	normal outcome
	// stopAt is how many findings are enough.
	stopAt   int
	findings []string
	runs     int
}

func newSweeper(ctx context.Context, o *operation, st *store, b bug) (*sweeper, error) {
	w := &sweeper{o: o, store: st, bug: b, stopAt: 5}
	var err error
	if w.normal, err = run(ctx, st, b, o, false, nil); err != nil {
		return nil, err
	}
	if w.normal.answer.status != o.status {
		return nil, fmt.Errorf("answered %d %v, want %d", w.normal.answer.status, w.normal.answer.body, o.status)
	}
	if diff := cmp.Diff(o.want, within(o.want, w.normal.answer.body)); o.want != nil && diff != "" {
		return nil, fmt.Errorf("the answer (-want +got):\n%s", diff)
	}
	if len(w.normal.wrong) > 0 {
		return nil, fmt.Errorf("with nothing going wrong: %q", w.normal.wrong)
	}
	return w, nil
}

// within is what a body has of what is wanted.
func within(want, body any) any {
	w, ok := want.(map[string]any)
	b, also := body.(map[string]any)
	if !ok || !also {
		return body
	}
	got := map[string]any{}
	for name := range w {
		if value, ok := b[name]; ok {
			got[name] = within(w[name], value)
		}
	}
	return got
}

// point is one call and what goes wrong with it.
type point struct {
	call  call
	fault fault
}

func (p point) String() string { return p.call.String() + " " + p.fault.name }

// points are all of them that are worth a run.
func (w *sweeper) points() []point {
	var all []point
	for _, c := range w.normal.calls {
		for _, f := range faults() {
			if f.fits(w.o, c) && !(w.o.alike && c.afterwards) {
				all = append(all, point{c, f})
			}
		}
	}
	return all
}

// one does a run in which one call goes wrong.
func (w *sweeper) one(ctx context.Context, p point) {
	fired := false
	out, err := run(ctx, w.store, w.bug, w.o, false, func(s *system, c call) effect {
		if c.number != p.call.number {
			return effect{}
		}
		fired = true
		return p.fault.effect(s, w.o, c)
	})
	if err == nil && !fired && !w.o.varies {
		err = fmt.Errorf("the call was not made")
	}
	w.judge(p.String(), out, err, p.fault.rival)
}

// storm does a run in which any call may go wrong, several times over.
func (w *sweeper) storm(ctx context.Context, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	var several []fault
	for _, f := range faults() {
		if !f.rival {
			several = append(several, f)
		}
	}
	out, err := run(ctx, w.store, w.bug, w.o, true, func(s *system, c call) effect {
		f := several[random.IntN(len(several))]
		if random.IntN(100) >= stormy || !f.fits(w.o, c) {
			return effect{}
		}
		return f.effect(s, w.o, c)
	})
	w.judge(fmt.Sprintf("storm %d", seed), out, err, false)
}

// stormy is how many of a hundred calls go wrong in a storm, about.
const stormy = 25

// judge holds a run against the normal one.
func (w *sweeper) judge(what string, out outcome, err error, rival bool) {
	w.runs++
	find := func(text string, args ...any) {
		w.findings = append(w.findings, what+": "+fmt.Sprintf(text, args...))
	}
	if err != nil {
		find("%v", err)
		return
	}
	for _, wrong := range out.wrong {
		find("%s", wrong)
	}
	want, got := w.normal.state, out.state
	if rival {
		want, got = want.withoutVersions(), got.withoutVersions()
	}
	if w.o.once && out.answer.status == http.StatusConflict {
		got.Answer = want.Answer
	}
	if !reflect.DeepEqual(want, got) { // comparing the long way takes as long as a run
		diff := cmp.Diff(want, got)
		find("(-normal +got):\n%s", diff)
	}
}

func (w *sweeper) enough() bool { return len(w.findings) >= w.stopAt }

// storms is how many storms an operation goes through.
const storms = 4

// TestSweep holds every operation, at every call, under every fault. Under the race
// detector, which takes ten times as long, some of the operations, at some of the
// calls.
func TestSweep(t *testing.T) {
	t.Parallel()
	c := covered(t)
	first := rand.IntN(operationsEvery)
	for i, o := range operations() {
		if i%operationsEvery != first {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			sweepAll(t, &o, embeddedStore(t), embeddedEvery, c)
		})
	}
}

// dynamoEvery is of how many calls that one fault fits a DynamoDB of somebody
// else's making sees one: a run takes a tenth of a second there, and more.
const dynamoEvery = 24

// dynamoOperations is of how many operations a run over such a DynamoDB takes one,
// others each day: all of them took most of an hour.
const dynamoOperations = 6

// TestSweepDynamoDB does the same over the DynamoDB that RUBRICA_DYNAMODB names:
// operations under every fault, at one call of every few that the fault fits, others
// each time, and in a storm. Those that are alike to others share theirs, and take no
// part in storms. A run takes a sixth of the operations, others each day, and no heavy
// ones; with RUBRICA_SWEEP_ALL set it takes all, which is an hour's work.
func TestSweepDynamoDB(t *testing.T) {
	t.Parallel()
	needsDynamoDB(t)
	mine := partOf(t)
	c := covered(t)
	_, all := os.LookupEnv("RUBRICA_SWEEP_ALL")
	first := time.Now().YearDay() % dynamoOperations // the same in all parts of a run
	for i, o := range operations() {
		if !mine(i/dynamoOperations) || !all && (o.heavy || i%dynamoOperations != first) {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			sweepAll(t, &o, dynamoStore(t), dynamoEvery, c)
		})
	}
}

// partOf says which operations to sweep, by RUBRICA_SWEEP_PART: "2/4" are those
// of the second of four runs, each with an engine of its own. dynoxide's
// transactions become slower with every change that it has ever streamed.
func partOf(t testing.TB) func(operation int) bool {
	t.Helper()
	text, set := os.LookupEnv("RUBRICA_SWEEP_PART")
	if !set {
		return func(int) bool { return true }
	}
	var part, of int
	if _, err := fmt.Sscanf(text, "%d/%d", &part, &of); err != nil || part < 1 || part > of {
		t.Fatalf("RUBRICA_SWEEP_PART is %q, want one such as 2/4", text)
	}
	return func(i int) bool { return i%of == part-1 }
}

// sweepAll sweeps one operation, each fault at one point of every so many.
func sweepAll(t *testing.T, o *operation, st *store, every int, c *coverage) {
	t.Helper()
	w, err := newSweeper(t.Context(), o, st, bug{})
	if err != nil {
		t.Fatal(err)
	}
	all := w.points()
	chosen, tempests := oneOfEvery(every, all, !o.alike), (storms+every-1)/every
	if every > 1 && o.alike {
		tempests = 0
	}
	for _, p := range chosen {
		if !w.enough() {
			w.one(t.Context(), p)
		}
	}
	for range tempests {
		if !w.enough() {
			w.storm(t.Context(), rand.Uint64())
		}
	}
	for _, f := range w.findings {
		t.Error(f)
	}
	c.add(len(w.normal.calls), tempests, chosen, all)
}

// oneOfEvery chooses points by chance, one of every so many: of each fault, and
// one where there are fewer, or of all together.
func oneOfEvery(n int, all []point, each bool) []point {
	left := map[string]int{} // points passed over for each chosen one
	var chosen []point
	for _, i := range rand.Perm(len(all)) {
		name := ""
		if each {
			name = all[i].fault.name
		}
		if left[name] == 0 {
			chosen = append(chosen, all[i])
			left[name] = n
		}
		left[name]--
	}
	return chosen
}
