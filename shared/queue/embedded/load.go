package embedded

import "math"

// load derives what memory knows of a queue from the store, unless it did. It
// costs two seeks per group that has messages and a read per message in flight.
func (l *line) load() error {
	if l.loaded {
		return nil
	}
	l.totals, l.written = totals{}, totals{}
	l.groups = make(map[string]*group)
	l.ring = ring{}
	l.claims = make(map[uint64]*claim)
	l.hidden = claimHeap{byTime: true}
	l.nextLater, l.nextForget = 0, 0 // the first use finds out
	for _, step := range [...]func() error{l.loadTotals, l.loadGroups, l.loadClaims} {
		if err := step(); err != nil {
			return unavailable(err)
		}
	}
	for _, g := range l.groups {
		l.settle(g)
	}
	for c := l.hidden.first(); c != nil && l.driver.release && !l.released; c = l.hidden.first() {
		l.giveBack(c)
	}
	l.loaded, l.released = true, true
	return nil
}

func (l *line) loadTotals() error {
	value, err := l.driver.engine.Get(l.keys.totals())
	if err != nil || value == nil {
		return err
	}
	if l.totals, err = decodeTotals(value); err != nil {
		return err
	}
	l.written = l.totals
	return nil
}

// loadGroups finds the first and the last message of every group.
func (l *line) loadGroups() error {
	it, err := l.driver.engine.Iterate(l.keys.bounds(kindMessage))
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; {
		name, first, err := l.keys.groupAndSeq(it.Key())
		if err != nil {
			return err
		}
		g := l.group(name, first-1)
		end := l.keys.message(name, math.MaxUint64)
		if !it.SeekLT(end) {
			break
		}
		if _, g.last, err = l.keys.groupAndSeq(it.Key()); err != nil {
			return err
		}
		ok = it.SeekGE(end)
	}
	return it.Error()
}

// loadClaims finds the messages that were delivered. Those of a group are its
// oldest, because new ones are delivered in their order: behind the last of them
// begins what was never delivered.
func (l *line) loadClaims() error {
	it, err := l.driver.engine.Iterate(l.keys.bounds(kindClaim))
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		name, seq, err := l.keys.groupAndSeq(it.Key())
		if err != nil {
			return err
		}
		g := l.groups[name]
		if g == nil || seq > g.last {
			return errDamaged
		}
		c := &claim{group: g, seq: seq, hidden: true}
		if err := c.decode(it.Value()); err != nil {
			return err
		}
		l.claims[seq] = c
		l.hidden.add(c)
		g.inFlight++
		g.cursor = max(g.cursor, seq)
	}
	return it.Error()
}
