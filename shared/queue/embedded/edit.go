package embedded

import (
	"fmt"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/queue"
)

// edit is what one call changes in the store: of one queue and, when messages
// move there, of its dead letters. The first error shows when it is committed.
type edit struct {
	line  *line
	dead  *line // locked once it was asked for
	batch *lsm.Batch
	err   error
}

// edit runs do under the queue's lock and commits what it changes. Memory is
// changed before the store; after an error both queues are loaded anew before
// their next use. An edit that changes nothing is not committed.
func (l *line) edit(commit func(*lsm.Batch) error, do func(*edit) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	e := &edit{line: l, batch: l.driver.engine.NewBatch()}
	err := do(e)
	if err != nil {
		_ = e.batch.Close() // nothing of it was applied
	} else {
		err = e.commit(commit)
	}
	l.loaded = err == nil
	if e.dead != nil {
		e.dead.loaded = err == nil
		e.dead.offer()
		e.dead.mu.Unlock()
	}
	l.setAlarm()
	return err
}

func (e *edit) commit(commit func(*lsm.Batch) error) error {
	e.setTotals(e.line)
	if e.dead != nil {
		e.setTotals(e.dead)
	}
	if e.err != nil {
		return unavailable(e.err)
	}
	if e.batch.Empty() {
		return e.batch.Close()
	}
	if err := commit(e.batch); err != nil {
		return unavailable(err)
	}
	return nil
}

func (e *edit) setTotals(l *line) {
	if l.totals != l.written {
		e.set(l.keys.totals(), l.totals.encode())
		l.written = l.totals
	}
}

// deadLetters returns the queue's dead letters, locked until the edit ends.
func (e *edit) deadLetters() (*line, error) {
	if e.dead != nil {
		return e.dead, nil
	}
	dead, err := e.line.driver.line(queue.Spec{Name: e.line.name, FIFO: e.line.fifo}.Dead())
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	dead.mu.Lock()
	e.dead = dead
	return dead, dead.load()
}

func (e *edit) set(key, value []byte) { e.note(e.batch.Set(key, value, nil)) }
func (e *edit) remove(key []byte)     { e.note(e.batch.Delete(key, nil)) }

// removeOnce removes a key that was set exactly once.
func (e *edit) removeOnce(key []byte) { e.note(e.batch.SingleDelete(key, nil)) }

func (e *edit) note(err error) {
	if e.err == nil {
		e.err = err
	}
}
