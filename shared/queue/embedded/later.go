package embedded

// promoteCount and promoteSize bound how much is moved under one lock.
const (
	promoteCount = 256
	promoteSize  = 1 << 20 // bytes
)

// addLater keeps a message out of its group until it is due; then it joins its
// group's end, as if it had been sent at that moment.
func (l *line) addLater(e *edit, due int64, message []byte) {
	l.totals.last++
	l.totals.delayed++
	e.set(l.keys.later(due, l.totals.last), message)
	l.nextLater = min(l.nextLater, due)
}

// promote moves messages that are due into their groups, the earliest first; at
// least one if any is due. It must be committed before they can be read.
func (l *line) promote(e *edit, now int64) (err error) {
	count, size := 0, 0
	l.nextLater, err = l.eachDue(kindLater, l.nextLater, now, func(key, _, value []byte) (bool, error) {
		group, message, ok := cutToken(value)
		if !ok {
			return false, errDamaged
		}
		e.removeOnce(key)
		l.totals.delayed--
		l.add(e, group, message)
		count++
		size += len(message)
		return count < promoteCount && size < promoteSize, nil
	})
	return err
}

// eachDue calls do with the entries of a kind whose time has come, the earliest
// first, until do says that it is enough. It starts at a time before which there
// is none, and returns that of the first one that is left, or never.
func (l *line) eachDue(
	kind byte, from, now int64, do func(key, rest, value []byte) (more bool, err error),
) (next int64, err error) {
	lower, upper := l.keys.bounds(kind)
	it, err := l.driver.engine.Iterate(appendTime(lower, from), upper)
	if err != nil {
		return 0, unavailable(err)
	}
	defer it.Close()
	for more, ok := true, it.First(); ok; ok = it.Next() {
		at, rest, err := l.keys.time(it.Key())
		if err != nil {
			return 0, unavailable(err)
		}
		if at > now || !more {
			return at, nil
		}
		if more, err = do(it.Key(), rest, it.Value()); err != nil {
			return 0, unavailable(err)
		}
	}
	if err := it.Error(); err != nil {
		return 0, unavailable(err)
	}
	return never, nil
}
