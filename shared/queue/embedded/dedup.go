package embedded

import (
	"time"

	"rubrica/shared/queue"
)

// dedupWindow is how long a FIFO queue remembers a dedup; SQS's own.
const dedupWindow = 5 * time.Minute

// fresh returns the messages whose dedup was not seen in the last five minutes,
// counted from the message that was accepted, and remembers theirs. It forgets
// more than it remembers, so that old ones do not pile up; the last ones stay
// until the next Send.
func (l *line) fresh(e *edit, messages []queue.Message, now int64) ([]queue.Message, error) {
	if err := l.forget(e, now, 2*len(messages)+100); err != nil {
		return nil, err
	}
	kept := make([]queue.Message, 0, len(messages))
	here := make(map[string]bool, len(messages))
	for _, m := range messages {
		if here[m.Dedup] {
			continue
		}
		here[m.Dedup] = true
		stored, err := l.driver.engine.Get(l.keys.dedup(m.Dedup))
		if err != nil {
			return nil, unavailable(err)
		}
		if stored != nil {
			expiry, err := decodeTime(stored)
			if err != nil {
				return nil, unavailable(err)
			}
			if expiry > now {
				continue
			}
			e.remove(l.keys.forget(expiry, m.Dedup))
		}
		expiry := now + int64(dedupWindow)
		e.set(l.keys.dedup(m.Dedup), encodeTime(expiry))
		e.set(l.keys.forget(expiry, m.Dedup), nil)
		l.nextForget = min(l.nextForget, expiry)
		kept = append(kept, m)
	}
	return kept, nil
}

// forget removes up to limit dedups whose time is over.
func (l *line) forget(e *edit, now int64, limit int) (err error) {
	if l.nextForget > now {
		return nil
	}
	l.nextForget, err = l.eachDue(kindForget, l.nextForget, now, func(key, dedup, _ []byte) (bool, error) {
		e.remove(key)
		e.remove(l.keys.dedup(string(dedup)))
		limit--
		return limit > 0, nil
	})
	return err
}
