package embedded

import "time"

// delete ends the claims of those receipts that are still good.
func (l *line) delete(e *edit, receipts []receipt) {
	for _, r := range receipts {
		c := l.claims[r.seq]
		if c == nil || c.nonce != r.nonce {
			continue
		}
		if c.hidden {
			l.hidden.remove(c)
			c.group.inFlight--
		} else {
			c.group.returned.remove(c)
		}
		l.drop(e, c)
		l.settle(c.group)
	}
	l.offer() // a FIFO group may go on, or there is room in flight again
}

// hide moves the end of a claim that is in flight.
func (l *line) hide(e *edit, r receipt, visibility time.Duration) {
	now := l.now()
	l.expire(now)
	c := l.claims[r.seq]
	if c == nil || c.nonce != r.nonce || !c.hidden {
		return
	}
	c.until = now + int64(visibility)
	e.set(l.keys.claim(c.group.name, c.seq), c.encode())
	if visibility > 0 {
		l.hidden.moved(c)
		return
	}
	l.giveBack(c)
	l.offer()
}
