package queue_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rubrica/shared/queue"
)

// engine counts the calls that reach it.
type engine struct{ calls int }

func (e *engine) Send(context.Context, queue.Spec, []queue.Message) error {
	e.calls++
	return nil
}

func (e *engine) Receive(context.Context, queue.Spec, int, time.Duration) ([]queue.Message, error) {
	e.calls++
	return nil, nil
}

func (e *engine) Delete(context.Context, queue.Spec, []queue.Message) error {
	e.calls++
	return nil
}

func (e *engine) Hide(context.Context, queue.Spec, queue.Message, time.Duration) error {
	e.calls++
	return nil
}

func (e *engine) Depth(context.Context, queue.Spec) (visible, hidden int, err error) {
	e.calls++
	return 0, 0, nil
}

var (
	standard = queue.Spec{Name: "work", Visibility: time.Minute}
	fifo     = queue.Spec{Name: "jobs", Visibility: time.Minute, FIFO: true}
)

// check makes a call, and says whether the engine was called.
func check(t *testing.T, call func(*queue.Queues) error) (err error, called bool) {
	t.Helper()
	e := new(engine)
	err = call(queue.New(e))
	return err, e.calls > 0
}

func TestSendChecksMessages(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("x", 128)
	for name, c := range map[string]struct {
		q  queue.Spec
		m  queue.Message
		ok bool
	}{
		"Plain":                 {standard, queue.Message{Body: "b", Group: "g"}, true},
		"GreatestBody":          {standard, queue.Message{Body: strings.Repeat("b", 256<<10), Group: "g"}, true},
		"BodyTooLong":           {standard, queue.Message{Body: strings.Repeat("b", 256<<10+1), Group: "g"}, false},
		"BodyTooLongInBytes":    {standard, queue.Message{Body: strings.Repeat("é", 128<<10+1), Group: "g"}, false},
		"NoBody":                {standard, queue.Message{Group: "g"}, false},
		"EveryWhitespace":       {standard, queue.Message{Body: " \t\r\n", Group: "g"}, true},
		"EveryRange":            {standard, queue.Message{Body: "~\x7f\u0085\ud7ff\ue000\ufffd\U00010000\U0010ffff", Group: "g"}, true},
		"NUL":                   {standard, queue.Message{Body: "a\x00", Group: "g"}, false},
		"Escape":                {standard, queue.Message{Body: "a\x1b", Group: "g"}, false},
		"NoCharacter":           {standard, queue.Message{Body: "a\uffff", Group: "g"}, false},
		"NoUTF8":                {standard, queue.Message{Body: "a\xff", Group: "g"}, false},
		"NoGroup":               {standard, queue.Message{Body: "b"}, false},
		"LongestGroup":          {standard, queue.Message{Body: "b", Group: token}, true},
		"GroupTooLong":          {standard, queue.Message{Body: "b", Group: token + "x"}, false},
		"GroupWithSpace":        {standard, queue.Message{Body: "b", Group: "a b"}, false},
		"GroupBeyondASCII":      {standard, queue.Message{Body: "b", Group: "é"}, false},
		"GreatestDelay":         {standard, queue.Message{Body: "b", Group: "g", Delay: 15 * time.Minute}, true},
		"DelayTooLong":          {standard, queue.Message{Body: "b", Group: "g", Delay: 15*time.Minute + 1}, false},
		"NegativeDelay":         {standard, queue.Message{Body: "b", Group: "g", Delay: -1}, false},
		"FIFO":                  {fifo, queue.Message{Body: "b", Group: "g", Dedup: token}, true},
		"FIFOWithoutDedup":      {fifo, queue.Message{Body: "b", Group: "g"}, false},
		"FIFOWithDedupTooLong":  {fifo, queue.Message{Body: "b", Group: "g", Dedup: token + "x"}, false},
		"FIFOWithDedupOfSpaces": {fifo, queue.Message{Body: "b", Group: "g", Dedup: "a b"}, false},
		"FIFOWithDelay":         {fifo, queue.Message{Body: "b", Group: "g", Dedup: "d", Delay: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := queue.Message{Body: "b", Group: "g", Dedup: "d"}
			err, called := check(t, func(qs *queue.Queues) error { return qs.Send(t.Context(), c.q, good, c.m) })
			if called != c.ok || errors.Is(err, queue.ErrLimit) == c.ok {
				t.Errorf("Send gave %v, the engine was called: %t", err, called)
			}
		})
	}
}

func TestReceiveAndHideCheckTheirLimits(t *testing.T) {
	t.Parallel()
	receive := func(q queue.Spec, max int, wait time.Duration) func(*queue.Queues) error {
		return func(qs *queue.Queues) error {
			_, err := qs.Receive(t.Context(), q, max, wait)
			return err
		}
	}
	hide := func(d time.Duration) func(*queue.Queues) error {
		return func(qs *queue.Queues) error { return qs.Hide(t.Context(), standard, queue.Message{}, d) }
	}
	for name, c := range map[string]struct {
		call func(*queue.Queues) error
		ok   bool
	}{
		"ReceiveOne":                 {receive(standard, 1, 0), true},
		"ReceiveMost":                {receive(standard, queue.MaxBatch, queue.MaxWait), true},
		"ReceiveNone":                {receive(standard, 0, 0), false},
		"ReceiveTooMany":             {receive(standard, queue.MaxBatch+1, 0), false},
		"ReceiveBeforeNow":           {receive(standard, 1, -1), false},
		"ReceiveTooLong":             {receive(standard, 1, queue.MaxWait+1), false},
		"ReceiveWithoutVisibility":   {receive(queue.Spec{Name: "q"}, 1, 0), false},
		"ReceiveWithLongVisibility":  {receive(queue.Spec{Name: "q", Visibility: 12 * time.Hour}, 1, 0), true},
		"ReceiveVisibilityIsTooLong": {receive(queue.Spec{Name: "q", Visibility: 12*time.Hour + 1}, 1, 0), false},
		"HideZero":                   {hide(0), true},
		"HideLong":                   {hide(queue.MaxVisible), true},
		"HideTooLong":                {hide(queue.MaxVisible + 1), false},
		"HideBeforeNow":              {hide(-1), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err, called := check(t, c.call)
			if called != c.ok || errors.Is(err, queue.ErrLimit) == c.ok {
				t.Errorf("the call gave %v, the engine was called: %t", err, called)
			}
		})
	}
}

func TestNothingIsNoCall(t *testing.T) {
	t.Parallel()
	err, called := check(t, func(qs *queue.Queues) error {
		return errors.Join(qs.Send(t.Context(), standard), qs.Delete(t.Context(), standard))
	})
	if err != nil || called {
		t.Errorf("sending and deleting nothing gave %v, the engine was called: %t", err, called)
	}
}

func TestDeadLettersHaveNoDeadLetters(t *testing.T) {
	t.Parallel()
	q := queue.Spec{Name: "jobs", FIFO: true, Visibility: time.Minute, MaxReceives: 5}
	want := queue.Spec{Name: "jobs-dead", FIFO: true, Visibility: time.Minute}
	if got := q.Dead(); got != want {
		t.Errorf("Dead is %+v, want %+v", got, want)
	}
}
