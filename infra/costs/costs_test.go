package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rubrica/infra"
	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// once is the table, measured once for all tests.
var once = sync.OnceValues(func() ([]measured, error) { return measureAll(context.Background()) })

func everything(t *testing.T) []measured {
	t.Helper()
	all, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReadmeHasTheTable fails when an operation's cost, or a price, changes:
// go run ./infra/costs -write README.md
func TestReadmeHasTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, inside, _, err := between(string(text))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split("\n"+report(everything(t)), "\n")
	got := strings.Split(inside, "\n")
	for i := range max(len(want), len(got)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d is\n%s\nwant\n%s\n(go run ./infra/costs -write README.md)", i, g, w)
		}
	}
}

// TestEveryOperationIsPriced walks the API's endpoints.
func TestEveryOperationIsPriced(t *testing.T) {
	t.Parallel()
	for _, e := range api.All(nil, infra.OpenAPI) {
		if !slices.ContainsFunc(operations, func(op operation) bool { return op.id == e.Operation }) {
			t.Errorf("no line for %s", e.Operation)
		}
	}
	for _, op := range operations {
		if !slices.ContainsFunc(api.All(nil, infra.OpenAPI), func(e frame.Endpoint) bool { return op.id == e.Operation }) {
			t.Errorf("%s: there is no %s", op.name, op.id)
		}
	}
}

// TestTheSameCountsEveryTime measures again what chance might touch most.
func TestTheSameCountsEveryTime(t *testing.T) {
	t.Parallel()
	for _, first := range everything(t) {
		if first.id != "listContacts" && first.id != "listAudit" && first.id != "deleteContact" {
			continue
		}
		again, err := measure(t.Context(), first.operation)
		if err != nil {
			t.Fatal(err)
		}
		if again.request != first.request || again.behind != first.behind || again.amid != first.amid {
			t.Errorf("%s: %+v, before %+v", first.name, again, first)
		}
	}
}

func TestDollars(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		counts counts
		want   float64
	}{
		"Nothing": {counts{}, 0},
		"Reads":   {counts{reads: 2}, 2 * 0.1415},
		"Writes":  {counts{writes: 8}, 8 * 0.7068},
		"Queue":   {counts{queue: 3}, 3 * 0.40},
		"Gateway": {counts{gateway: 1}, 1.11},
		// 12 ms of half a GB: 6,000 GB-seconds a million.
		"AnInvocationOfTwoTrips": {counts{invocations: 1, waits: 2}, 0.20 + 6000*0.0000133334},
	} {
		if got := c.counts.dollars(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %f, want %f", name, got, c.want)
		}
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	const text = "# A\n" + opening + "\nold\n" + closing + "\nB\n"
	got, err := replace(text, "new\n")
	if want := "# A\n" + opening + "\nnew\n" + closing + "\nB\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	for _, without := range []string{"", opening, closing, closing + opening, text + opening} {
		if _, err := replace(without, "new\n"); err == nil {
			t.Errorf("%q has markers", without)
		}
	}
}

// deafTable and deafQueue say yes to everything.
type (
	deafTable struct{ table.Driver }
	deafQueue struct{ queue.Driver }
)

func (deafTable) Read(context.Context, []table.Key, []table.Range) ([]table.Row, []table.Page, error) {
	return nil, nil, nil
}
func (deafTable) Write(context.Context, []table.Action) error               { return nil }
func (deafTable) Batch(context.Context, []table.Row, []table.Key) error     { return nil }
func (deafQueue) Send(context.Context, queue.Spec, []queue.Message) error   { return nil }
func (deafQueue) Delete(context.Context, queue.Spec, []queue.Message) error { return nil }

func TestRequestsAreDynamoDBs(t *testing.T) {
	t.Parallel()
	ws, err := tenant.Parse("acme")
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]table.Key, 60)
	for i := range keys {
		keys[i] = table.In(ws, "x").Row(fmt.Sprint(i))
	}
	for name, c := range map[string]struct {
		do   func(*requests) error
		want int64
	}{
		"ManyKeys": {func(r *requests) error { _, _, err := r.Read(t.Context(), keys, nil); return err }, 1},
		"Ranges":   {func(r *requests) error { _, _, err := r.Read(t.Context(), nil, make([]table.Range, 4)); return err }, 4},
		"KeysAndRanges": {func(r *requests) error {
			_, _, err := r.Read(t.Context(), keys[:1], make([]table.Range, 4))
			return err
		}, 5},
		"Write": {func(r *requests) error { return r.Write(t.Context(), make([]table.Action, 9)) }, 1},
		"Batch": {func(r *requests) error { return r.Batch(t.Context(), make([]table.Row, 16), keys) }, 4},
	} {
		r := &requests{Driver: deafTable{}}
		if err := c.do(r); err != nil || r.sent.Load() != c.want {
			t.Errorf("%s: %d requests, want %d (%v)", name, r.sent.Load(), c.want, err)
		}
	}
}

func TestLettersAreBilledByTensAndPieces(t *testing.T) {
	t.Parallel()
	messages := func(n, bytes int) []queue.Message {
		all := make([]queue.Message, n)
		for i := range all {
			all[i].Body = strings.Repeat("x", bytes)
		}
		return all
	}
	for name, c := range map[string]struct {
		messages     []queue.Message
		sent, billed int64
		deleted      int64
	}{
		"One":        {messages(1, 100), 1, 1, 1},
		"Ten":        {messages(10, 100), 1, 1, 1},
		"Eleven":     {messages(11, 100), 2, 2, 2},
		"APieceFull": {messages(1, 64<<10), 1, 1, 1},
		"AByteMore":  {messages(1, 64<<10+1), 1, 2, 1},
		"TenLarge":   {messages(10, 20_000), 1, 4, 1},
	} {
		l := &letters{Driver: deafQueue{}}
		err := l.Send(t.Context(), queue.Spec{}, c.messages)
		if err != nil || l.sends.Load() != c.sent || l.billed.Load() != c.billed {
			t.Errorf("%s: %d sends, %d billed, want %d and %d (%v)", name, l.sends.Load(), l.billed.Load(), c.sent, c.billed, err)
		}
		err = errors.Join(l.Delete(t.Context(), queue.Spec{}, c.messages))
		if err != nil || l.billed.Load() != c.billed+c.deleted {
			t.Errorf("%s: deleting is billed %d, want %d (%v)", name, l.billed.Load()-c.billed, c.deleted, err)
		}
	}
}
