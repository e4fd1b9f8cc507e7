package embedded

import (
	"math"
	"sync"

	"rubrica/shared/queue"
)

// never is the time of what is not going to happen.
const never = math.MaxInt64

// line is one queue. Its lock is held from reading its state to applying the
// batch that changes it, and not while the disk syncs. Whoever holds the lock of
// a queue may take that of its dead letters, never the other way round.
type line struct {
	driver *Driver
	name   string
	fifo   bool
	wake   chan struct{} // see wait.go

	mu       sync.Mutex
	released bool // what an earlier process had in flight was given back, if it is to be
	loaded   bool // what follows is what the store says
	keys     keys
	totals   totals
	written  totals            // as they are in the store
	groups   map[string]*group // that have messages
	ring     ring              // those of them that have something to deliver
	claims   map[uint64]*claim // by sequence
	hidden   claimHeap         // the claims in flight, by time
	// nextLater and nextForget are when the first delayed message is due, and
	// the first dedup to be forgotten, or never. They may be too early.
	nextLater, nextForget int64
	alarm                 alarm
}

func newLine(d *Driver, q queue.Spec) *line {
	return &line{
		driver: d,
		name:   q.Name,
		fifo:   q.FIFO,
		wake:   make(chan struct{}, 1),
		keys:   newKeys(q.Name),
		alarm:  alarm{at: never},
	}
}

func (l *line) now() int64 { return l.driver.engine.Now().UnixNano() }

// group returns the group of a name; a new one has no message up to last.
func (l *line) group(name string, last uint64) *group {
	g := l.groups[name]
	if g == nil {
		g = &group{name: name, cursor: last, last: last}
		l.groups[name] = g
	}
	return g
}

// settle puts a group where its state belongs: into the ring when it has
// something to deliver, out of memory when it has nothing at all.
func (l *line) settle(g *group) {
	switch {
	case g.inRing:
	case g.waiting() && !(l.fifo && g.inFlight > 0):
		l.ring.push(g)
	case g.idle():
		delete(l.groups, g.name)
	}
}

// add appends an encoded message to a group.
func (l *line) add(e *edit, group string, message []byte) {
	g := l.group(group, l.totals.last)
	l.totals.last++
	l.totals.stored++
	g.last = l.totals.last
	e.set(l.keys.message(group, g.last), message)
	l.settle(g)
}

// claim hides a message, which is in neither heap, until a time.
func (l *line) claim(e *edit, c *claim, until int64) {
	c.until, c.hidden = until, true
	l.hidden.add(c)
	c.group.inFlight++
	e.set(l.keys.claim(c.group.name, c.seq), c.encode())
}

// giveBack makes a hidden message visible again.
func (l *line) giveBack(c *claim) {
	l.hidden.remove(c)
	c.hidden = false
	c.group.inFlight--
	c.group.returned.add(c)
	l.settle(c.group)
}

// expire makes the messages visible again whose visibility has run out.
func (l *line) expire(now int64) {
	for c := l.hidden.first(); c != nil && c.until <= now; c = l.hidden.first() {
		l.giveBack(c)
		l.offer()
	}
}

// drop takes a message, which is in neither heap, out of the store.
func (l *line) drop(e *edit, c *claim) {
	delete(l.claims, c.seq)
	l.totals.stored--
	e.removeOnce(l.keys.message(c.group.name, c.seq))
	e.remove(l.keys.claim(c.group.name, c.seq))
}
