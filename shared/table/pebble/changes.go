package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
)

// changeLog is where a table's change log stands. Changes are numbered from 1
// in the order in which their writes were applied. No number is used twice,
// crashes included: a position is only told once everything up to it is durable.
type changeLog struct {
	mu      sync.Mutex
	durable uint64        // the last number that may be told
	done    uint64        // the relay is done with everything up to here
	removed uint64        // what is done and off the disk
	grown   chan struct{} // closed when durable grows; nil if nobody waits
}

// removeEvery is how many changes are collected to be removed together.
const removeEvery = 1024

// advance says that all changes up to a number are durable.
func (l *changeLog) advance(to uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to <= l.durable {
		return
	}
	l.durable = to
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}

// Changes implements table.Driver. Asking from a position forgets what is
// before it: for this process at once, on disk now and then, so that after a
// crash "" may ask from somewhat earlier. A position behind the last change, as
// after the folder was restored from a copy, counts as the last one's.
func (t *Table) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	from, err := position(after)
	if err != nil {
		return table.Changes{}, err
	}
	if err := t.store.begin(ctx); err != nil {
		return table.Changes{}, err
	}
	defer t.store.leave()

	l := &t.changes
	l.mu.Lock()
	l.done = max(l.done, min(from, l.durable))
	from, to := l.done, l.durable
	remove := l.done-l.removed >= removeEvery
	l.mu.Unlock()
	if remove {
		if err := t.removeChanges(lsm.NoSync); err != nil {
			return table.Changes{}, err
		}
	}
	items, err := t.readChanges(from, to, limit)
	if err != nil {
		return table.Changes{}, err
	}
	return table.Changes{Items: items, Next: strconv.FormatUint(from+uint64(len(items)), 10)}, nil
}

// Wait returns when there are changes behind a position, as Changes takes it, at
// once if there are some already. It fails when ctx is done or the store is
// closed. It costs nothing while it waits.
func (t *Table) Wait(ctx context.Context, after string) error {
	from, err := position(after)
	if err != nil {
		return err
	}
	l := &t.changes
	for {
		l.mu.Lock()
		if l.durable > max(l.done, min(from, l.durable)) {
			l.mu.Unlock()
			return nil
		}
		if l.grown == nil {
			l.grown = make(chan struct{})
		}
		grown := l.grown
		l.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-t.store.closing:
			return fmt.Errorf("%w: %w", table.ErrUnavailable, ErrClosed)
		}
	}
}

// position parses what Changes gave out as Next.
func position(after string) (uint64, error) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(after, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: position %q is not one of the change log's", table.ErrLimit, after)
	}
	return n, nil
}

// readChanges reads at most limit changes numbered behind from, up to to. There
// is one for each number, so that their count says where the next one is.
func (t *Table) readChanges(from, to uint64, limit int) ([]table.Change, error) {
	if to = min(to, from+uint64(limit)); from >= to {
		return nil, nil
	}
	it, err := t.store.db.NewIter(&lsm.IterOptions{LowerBound: t.changeKey(from + 1), UpperBound: t.changeKey(to + 1)})
	if err != nil {
		return nil, t.store.broken(err)
	}
	items := make([]table.Change, 0, to-from)
	for ok := it.First(); ok; ok = it.Next() {
		pk, rest, err := cutRow(it.Value())
		if err != nil {
			break
		}
		sk, out, err := cutRow(rest)
		if err != nil {
			break
		}
		key, err := table.StoredKey(string(pk), string(sk))
		if err != nil {
			break
		}
		items = append(items, table.Change{Key: key, Out: string(out)})
	}
	if err := it.Close(); err != nil {
		return nil, t.store.broken(err)
	}
	if uint64(len(items)) != to-from {
		return nil, fmt.Errorf("%w: a change is missing in the log", ErrDamaged)
	}
	return items, nil
}

// removeChanges takes what is done off the disk. Together with the changes it
// notes the number, which must outlive them: the next one is behind it.
func (t *Table) removeChanges(sync *lsm.WriteOptions) error {
	l := &t.changes
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == l.removed {
		return nil
	}
	b := t.store.db.NewBatch()
	defer b.Close()
	if err := b.DeleteRange(t.changeKey(l.removed+1), t.changeKey(l.done+1), nil); err != nil {
		return t.store.broken(err)
	}
	if err := b.Set(metaKey(t.name), binary.BigEndian.AppendUint64(nil, l.done), nil); err != nil {
		return t.store.broken(err)
	}
	if err := b.Commit(sync); err != nil {
		return t.store.broken(err)
	}
	l.removed = l.done
	return nil
}

func (t *Table) changeKey(number uint64) []byte {
	return appendChange(make([]byte, 0, changeLen(t.name)), t.name, number)
}

// kept is what the disk says of a table's change log.
type kept struct{ removed, last uint64 }

// keptChanges reads where the change logs of all tables stand.
func keptChanges(db *lsm.DB) (map[string]kept, error) {
	logs := map[string]kept{}
	names, err := tablesUnder(db, metaPrefix)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		value, done, err := db.Get(metaKey(name))
		if err != nil {
			return nil, err
		}
		if len(value) != 8 {
			return nil, errors.Join(errKey, done.Close())
		}
		removed := binary.BigEndian.Uint64(value)
		logs[name] = kept{removed, removed}
		if err := done.Close(); err != nil {
			return nil, err
		}
	}
	if names, err = tablesUnder(db, changePrefix); err != nil {
		return nil, err
	}
	for _, name := range names {
		log := logs[name]
		if log.last, err = lastChange(db, name); err != nil {
			return nil, err
		}
		logs[name] = log
	}
	return logs, nil
}

// lastChange is the last number in a table's change log, which is not empty.
func lastChange(db *lsm.DB, name string) (last uint64, err error) {
	lower, upper := appendChange(nil, name, 0), appendChange(nil, name, math.MaxUint64)
	it, err := db.NewIter(&lsm.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return 0, err
	}
	if it.Last() && len(it.Key()) == len(lower) {
		last = binary.BigEndian.Uint64(it.Key()[len(lower)-8:])
	} else {
		err = errKey
	}
	return last, errors.Join(err, it.Close())
}

// metaKey is where the number of the last change that was removed is kept.
func metaKey(name string) []byte {
	return append(append([]byte{metaPrefix}, name...), nul)
}
