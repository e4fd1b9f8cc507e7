package embedded

import "container/heap"

// group is what memory knows of a group that has messages.
type group struct {
	name string
	// cursor is the last sequence that was delivered, last the newest message's:
	// between them lie those never delivered, in the store alone.
	cursor, last uint64
	returned     claimHeap // delivered, not deleted, visible again; by sequence
	inFlight     int       // delivered and hidden

	inRing bool
	next   *group // in the ring
}

// waiting tells whether the group has a message that is not in flight.
func (g *group) waiting() bool { return g.returned.Len() > 0 || g.cursor < g.last }

// idle tells whether the group has no message at all.
func (g *group) idle() bool { return !g.waiting() && g.inFlight == 0 }

// ring is the groups that have something to deliver, in the order of their turns.
type ring struct {
	head, tail *group
	n          int
}

func (r *ring) push(g *group) {
	g.inRing, g.next = true, nil
	if r.tail == nil {
		r.head = g
	} else {
		r.tail.next = g
	}
	r.tail = g
	r.n++
}

func (r *ring) pop() *group {
	g := r.head
	r.head = g.next
	if r.head == nil {
		r.tail = nil
	}
	g.inRing, g.next = false, nil
	r.n--
	return g
}

// claim is a message that was delivered and not deleted. It is either in its
// queue's hidden heap or in its group's returned heap.
type claim struct {
	group    *group
	seq      uint64
	nonce    uint64 // of the latest delivery
	until    int64  // hidden until, Unix nanoseconds
	receives uint32
	hidden   bool
	index    int // in its heap
}

func (c *claim) receipt() receipt { return receipt{c.seq, c.nonce} }

// claimHeap orders claims; it knows where each is, so that any can be removed.
type claimHeap struct {
	claims []*claim
	byTime bool // by until, otherwise by sequence
}

func (h *claimHeap) Len() int { return len(h.claims) }

func (h *claimHeap) Less(i, j int) bool {
	if h.byTime {
		return h.claims[i].until < h.claims[j].until
	}
	return h.claims[i].seq < h.claims[j].seq
}

func (h *claimHeap) Swap(i, j int) {
	h.claims[i], h.claims[j] = h.claims[j], h.claims[i]
	h.claims[i].index, h.claims[j].index = i, j
}

func (h *claimHeap) Push(x any) {
	c := x.(*claim)
	c.index = len(h.claims)
	h.claims = append(h.claims, c)
}

func (h *claimHeap) Pop() any {
	last := len(h.claims) - 1
	c := h.claims[last]
	h.claims[last] = nil
	h.claims = h.claims[:last]
	return c
}

// first is the claim that comes next, nil if there is none.
func (h *claimHeap) first() *claim {
	if len(h.claims) == 0 {
		return nil
	}
	return h.claims[0]
}

func (h *claimHeap) add(c *claim)    { heap.Push(h, c) }
func (h *claimHeap) remove(c *claim) { heap.Remove(h, c.index) }
func (h *claimHeap) moved(c *claim)  { heap.Fix(h, c.index) }
