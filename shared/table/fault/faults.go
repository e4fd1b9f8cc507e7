package fault

// Fault is what happens to one call. The zero Fault passes it.
type Fault struct {
	is      effect
	times   int
	seed    uint64
	between func(int)
}

type effect uint8

const (
	pass effect = iota
	failBefore
	failHalfway
	failAfter
	throttle
	conflict
	hang
	killBefore
	killAfter
	torn
	short
	repeat
	shuffle
)

// Pass lets the call through.
func Pass() Fault { return Fault{} }

// FailBefore fails the call before the engine hears of it.
func FailBefore() Fault { return Fault{is: failBefore} }

// FailHalfway does half of a Batch and fails, as when a process ends between two
// requests to the engine. Calls that are one request fail before.
func FailHalfway() Fault { return Fault{is: failHalfway} }

// FailAfter makes the call and loses the answer, whatever it was: a Write was
// applied, or refused because of a condition, and nobody knows.
func FailAfter() Fault { return Fault{is: failAfter} }

// Throttle is a driver that gave up because the engine had no capacity for the
// call until the deadline. To its caller that is FailBefore; the error differs.
func Throttle() Fault { return Fault{is: throttle} }

// Conflict is an engine that refuses the call because of somebody else's
// transaction, times times, and a driver that tries again until it gets
// through. After every refusal between (if not nil) is called with the count of
// those before it: it may be the somebody else. Negative times never get
// through: the driver gives up at its deadline, which is now.
func Conflict(times int, between func(refusal int)) Fault {
	return Fault{is: conflict, times: times, between: orNothing(between)}
}

// Hang does nothing until the call's context is done, and fails then. The
// engine hears nothing of it. The context must have a deadline or be cancelled.
func Hang() Fault { return Fault{is: hang} }

// Kill is the end of the process before the call: kill (if not nil) is called,
// which may end it in earnest or note the moment, and if it returns then this
// call and all calls after it fail until the driver is armed again.
func Kill(kill func()) Fault { return Fault{is: killBefore, between: once(kill)} }

// KillAfter is Kill after the engine did what the call asked.
func KillAfter(kill func()) Fault { return Fault{is: killAfter, between: once(kill)} }

// Torn makes a Read of several rows and ranges one row and one range after
// another, as over a network, where they come from as many machines. Between
// them between is called with how many are read: 1 after the first. What it
// writes is seen by those that follow. Other calls pass.
func Torn(between func(read int)) Fault { return Fault{is: torn, between: orNothing(between)} }

// Short cuts the pages of a Read, of a Scan or of Changes after one row. Other
// calls pass.
func Short() Fault { return Fault{is: short} }

// Repeat hands out everything of a page of Changes twice, as a stream does whose
// reader did not confirm it. The page is half as long, so that it stays within
// its limit; a page of one row, and other calls, pass.
func Repeat() Fault { return Fault{is: repeat} }

// Shuffle mixes the partitions of a page of Changes by a seed, and keeps the
// order within each, which is all that a stream promises. Other calls pass.
func Shuffle(seed uint64) Fault { return Fault{is: shuffle, seed: seed} }

func orNothing(f func(int)) func(int) {
	if f == nil {
		return func(int) {}
	}
	return f
}

func once(f func()) func(int) {
	return func(int) {
		if f != nil {
			f()
		}
	}
}

func (f Fault) String() string {
	return [...]string{"pass", "fail before", "fail halfway", "fail after", "throttle", "conflict", "hang", "kill before", "kill after",
		"torn", "short", "repeat", "shuffle"}[f.is]
}
