package embedded

import "time"

// Waiting without polling: wake holds at most one token, which says that there
// may be a message for one who waits. Whoever takes it tries; if that gave
// messages and there are more, it puts the token back for the next (pick.run).
// So a message wakes one waiter, and many messages all of them in turn.
//
// What becomes visible by time alone puts the token through the alarm, one timer
// per queue that runs only while somebody waits.

// offer wakes one who waits if there is something to deliver.
func (l *line) offer() {
	if l.ring.n > 0 {
		l.notify()
	}
}

// notify says that there may be a message.
func (l *line) notify() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// alarm is the timer for the next message that becomes visible by itself.
type alarm struct {
	waiters int
	timer   *time.Timer
	at      int64 // when it goes off; never when it is not set
}

// arrive and depart stand around waiting.
func (l *line) arrive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alarm.waiters++
}

func (l *line) depart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alarm.waiters--; l.alarm.waiters == 0 && l.alarm.timer != nil {
		l.alarm.timer.Stop()
		l.alarm.at = never
	}
}

// setAlarm is called whenever the queue may have changed. An alarm that turns
// out to be too early does no harm: who it wakes sets it again.
func (l *line) setAlarm() {
	a := &l.alarm
	if a.waiters == 0 {
		return
	}
	next := l.nextLater
	if c := l.hidden.first(); c != nil {
		next = min(next, c.until)
	}
	if next >= a.at {
		return
	}
	a.at = next
	wait := time.Duration(max(0, next-l.now()))
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, l.ringAlarm)
	} else {
		a.timer.Reset(wait)
	}
}

func (l *line) ringAlarm() {
	l.mu.Lock()
	l.alarm.at = never
	l.mu.Unlock()
	l.notify()
}
