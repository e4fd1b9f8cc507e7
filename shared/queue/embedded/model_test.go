package embedded_test

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rubrica/shared/queue"
	"rubrica/shared/queue/embedded"
	"rubrica/shared/table/pebble"
)

// modelled is a message as it should be.
type modelled struct {
	order    int // of sending
	body     string
	group    string
	visible  time.Time // from then on it can be received
	inFlight bool      // as of the last delivery or Hide
	receives int
	latest   queue.Message // the last delivery
	done     bool          // deleted
	dead     bool          // moved to the dead letters
}

// model is a queue that keeps everything in a list, beside the real one.
type model struct {
	now      *atomic.Int64
	driver   *embedded.Driver
	q        queue.Spec
	messages []*modelled
	old      []queue.Message // receipts that were replaced
}

func (m *model) time() time.Time { return time.Unix(0, m.now.Load()) }

// receivable is what can be received now, by group, each in its order; gone are
// those of them that have had all their deliveries.
func (m *model) receivable() (groups map[string][]*modelled, n int, gone []*modelled) {
	groups = make(map[string][]*modelled)
	for _, x := range m.messages {
		if x.done || x.dead || x.visible.After(m.time()) || m.q.FIFO && m.busy(x.group) {
			continue
		}
		if x.receives >= m.q.MaxReceives {
			gone = append(gone, x)
			continue
		}
		groups[x.group] = append(groups[x.group], x)
		n++
	}
	return groups, n, gone
}

func (m *model) busy(group string) bool {
	return slices.ContainsFunc(m.messages, func(x *modelled) bool {
		return x.group == group && !x.done && !x.dead && x.inFlight && x.visible.After(m.time())
	})
}

func (m *model) send(t *rapid.T) {
	var batch []queue.Message
	for range rapid.IntRange(1, 12).Draw(t, "messages") {
		x := &modelled{
			order:   len(m.messages),
			body:    fmt.Sprint(len(m.messages)),
			group:   rapid.SampledFrom([]string{"a", "b", "bb", "c"}).Draw(t, "group"),
			visible: m.time(),
		}
		sent := queue.Message{Body: x.body, Group: x.group, Dedup: x.body}
		if !m.q.FIFO && rapid.IntRange(0, 3).Draw(t, "delayed") == 0 {
			sent.Delay = rapid.SampledFrom([]time.Duration{1, time.Second, time.Minute}).Draw(t, "delay")
			x.visible = x.visible.Add(sent.Delay)
		}
		m.messages = append(m.messages, x)
		batch = append(batch, sent)
	}
	send(t, m.driver, m.q, batch...)
}

func (m *model) receive(t *rapid.T) {
	limit := rapid.IntRange(1, queue.MaxBatch).Draw(t, "max")
	groups, n, gone := m.receivable()
	got := receive(t, m.driver, m.q, limit)
	if len(got) != min(limit, n) {
		t.Fatalf("received %d messages, want %d", len(got), min(limit, n))
	}
	if len(got) < limit { // it looked everywhere
		for _, x := range gone {
			x.dead = true
		}
	}
	turns := make(map[string]int)
	for _, r := range got {
		x := m.find(t, r.Body)
		if !slices.Contains(groups[r.Group], x) {
			t.Fatalf("received %s of group %s, which is not to be had", r.Body, r.Group)
		}
		if m.q.FIFO {
			if next := groups[r.Group][0]; x != next {
				t.Fatalf("received %s of group %s, before %s", r.Body, r.Group, next.body)
			}
			for _, other := range gone { // it was in the way
				other.dead = other.dead || other.group == x.group && other.order < x.order
			}
		}
		groups[r.Group] = slices.DeleteFunc(groups[r.Group], func(y *modelled) bool { return x == y })
		turns[r.Group]++
		if x.receives++; r.Receives != x.receives {
			t.Fatalf("received delivery %d of %s, want %d", r.Receives, r.Body, x.receives)
		}
		if x.receives > 1 {
			m.old = append(m.old, x.latest)
			if x.latest.ID != r.ID || !x.latest.Sent.Equal(r.Sent) || x.latest.Receipt == r.Receipt {
				t.Fatalf("received %+v after %+v", r, x.latest)
			}
		}
		x.latest = r
		x.inFlight, x.visible = true, m.time().Add(m.q.Visibility)
	}
	if m.q.FIFO {
		return
	}
	for waiting, left := range groups {
		for served, n := range turns {
			if len(left) > 0 && n > turns[waiting]+1 {
				t.Fatalf("group %s had %d turns while %s had %d", served, n, waiting, turns[waiting])
			}
		}
	}
}

func (m *model) delete(t *rapid.T) {
	some := rapid.SliceOfN(rapid.SampledFrom(m.delivered(t)), 1, 12).Draw(t, "delete")
	var batch []queue.Message
	for _, x := range some {
		x.done = x.done || !x.dead
		batch = append(batch, x.latest)
	}
	if len(m.old) > 0 {
		batch = append(batch, rapid.SampledFrom(m.old).Draw(t, "old"))
	}
	remove(t, m.driver, m.q, batch...)
}

func (m *model) hide(t *rapid.T) {
	x := rapid.SampledFrom(m.delivered(t)).Draw(t, "hide")
	d := rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour}).Draw(t, "visibility")
	if !x.done && !x.dead && x.visible.After(m.time()) {
		x.visible = m.time().Add(d)
	}
	if err := m.driver.Hide(t.Context(), m.q, x.latest, d); err != nil {
		t.Fatal(err)
	}
	if len(m.old) > 0 {
		old := rapid.SampledFrom(m.old).Draw(t, "old")
		if err := m.driver.Hide(t.Context(), m.q, old, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// delivered is what was delivered at least once. What had all its deliveries and
// is visible again is left out: it may be among the dead letters already or not,
// as the turns came.
func (m *model) delivered(t *rapid.T) []*modelled {
	some := slices.DeleteFunc(slices.Clone(m.messages), func(x *modelled) bool {
		return x.receives == 0 || x.receives >= m.q.MaxReceives && !x.visible.After(m.time())
	})
	if len(some) == 0 {
		t.Skip("nothing was delivered yet")
	}
	return some
}

func (m *model) find(t *rapid.T, body string) *modelled {
	i := slices.IndexFunc(m.messages, func(x *modelled) bool { return x.body == body })
	if i < 0 {
		t.Fatalf("received %q, which was never sent", body)
	}
	return m.messages[i]
}

// drain receives until nothing is left: what was not deleted is a dead letter.
func (m *model) drain(t *rapid.T) {
	for left := 1; left > 0; {
		for range 20 {
			m.receive(t)
		}
		m.now.Add(int64(time.Hour))
		visible, hidden, err := m.driver.Depth(t.Context(), m.q)
		if err != nil {
			t.Fatal(err)
		}
		left = visible + hidden
	}
	var got, lost []string
	for {
		letters := receive(t, m.driver, m.q.Dead(), queue.MaxBatch)
		if len(letters) == 0 {
			break
		}
		for _, r := range letters {
			got = append(got, r.Body)
		}
		remove(t, m.driver, m.q.Dead(), letters...)
	}
	for _, x := range m.messages {
		if !x.done {
			lost = append(lost, x.body)
		}
	}
	byNumber := func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
	slices.SortFunc(got, byNumber)
	if !slices.Equal(got, lost) {
		t.Fatalf("the dead letters are %v, want %v", got, lost)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]queue.Spec{
		"Standard": {Visibility: 30 * time.Second, MaxReceives: 3},
		"FIFO":     {Visibility: 30 * time.Second, MaxReceives: 3, FIFO: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := new(atomic.Int64)
			now.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
			store, err := pebble.Open("", pebble.Options{
				Memory: true,
				Now:    func() time.Time { return time.Unix(0, now.Load()) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			queues := 0
			rapid.Check(t, func(t *rapid.T) {
				queues++
				q.Name = fmt.Sprint("q", queues)
				m := &model{now: now, driver: newDriver(store), q: q}
				t.Repeat(map[string]func(*rapid.T){
					"send":    m.send,
					"receive": m.receive,
					"delete":  m.delete,
					"hide":    m.hide,
					"wait":    func(t *rapid.T) { now.Add(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "wait")) },
					// A new driver knows what the store says, and no more.
					"restart": func(*rapid.T) { m.driver = newDriver(store) },
				})
				m.drain(t)
			})
		})
	}
}
