package sweep

import (
	queuefault "rubrica/shared/queue/fault"
	tablefault "rubrica/shared/table/fault"
)

// fault is one way in which a call goes wrong.
type fault struct {
	name string
	// fits tells for which calls of an operation it is worth a run.
	fits func(o *operation, c call) bool
	// effect is what happens to the call.
	effect func(s *system, o *operation, c call) effect
	// rival says that somebody else changes the contact meanwhile.
	rival bool
	// twin says that the same request is served by another process meanwhile.
	twin bool
}

// faults is everything that can go wrong with one call.
func faults() []fault {
	plain := func(t tablefault.Fault, q queuefault.Fault) func(*system, *operation, call) effect {
		return func(*system, *operation, call) effect { return effect{table: t, queue: q} }
	}
	killing := func(t tablefault.Fault, q queuefault.Fault) func(*system, *operation, call) effect {
		return func(*system, *operation, call) effect { return effect{table: t, queue: q, kill: true} }
	}
	return []fault{
		{name: "fails before", fits: always, effect: plain(tablefault.FailBefore(), queuefault.FailBefore)},
		{name: "fails after it was done", fits: changing, effect: plain(tablefault.FailAfter(), queuefault.FailAfter)},
		{name: "fails halfway", fits: batch, effect: plain(tablefault.FailHalfway(), queuefault.Pass)},
		{name: "killed before", fits: always, effect: killing(tablefault.FailBefore(), queuefault.FailBefore)},
		{name: "killed after it was done", fits: changing, effect: killing(tablefault.FailAfter(), queuefault.FailAfter)},
		{name: "killed halfway", fits: batch, effect: killing(tablefault.FailHalfway(), queuefault.Pass)},
		{name: "throttled", fits: requested, effect: plain(tablefault.Throttle(), queuefault.Pass)},
		{name: "conflicts for good", fits: writing, effect: plain(tablefault.Conflict(-1, nil), queuefault.Pass)},
		{name: "conflicts with a rival", fits: both(writing, withRival), effect: conflict(rivalChange), rival: true},
		{name: "conflicts with a twin", fits: both(writing, withTwin), effect: conflict(twinRequest), twin: true},
		{name: "torn by a rival", fits: both(several, withRival), effect: torn(first, rivalChange), rival: true},
		{name: "torn by a rival at its end", fits: both(many, withRival), effect: torn(last, rivalChange), rival: true},
		{name: "torn by a twin", fits: both(several, withTwin), effect: torn(first, twinRequest), twin: true},
		{name: "torn by a twin at its end", fits: both(many, withTwin), effect: torn(last, twinRequest), twin: true},
		{name: "cut short", fits: paged, effect: plain(tablefault.Short(), queuefault.Pass)},
		{name: "repeated", fits: stream, effect: plain(tablefault.Repeat(), queuefault.Pass)},
		{name: "shuffled", fits: stream, effect: plain(tablefault.Shuffle(1), queuefault.Pass)},
		{name: "delivered twice", fits: receiving, effect: plain(tablefault.Pass(), queuefault.Duplicate)},
		{name: "delivered in another order", fits: receiving, effect: plain(tablefault.Pass(), queuefault.Shuffle)},
	}
}

func both(a, b func(*operation, call) bool) func(*operation, call) bool {
	return func(o *operation, c call) bool { return a(o, c) && b(o, c) }
}

func always(*operation, call) bool { return true }

func changing(_ *operation, c call) bool {
	if c.seam == queues {
		return true
	}
	return c.table.Kind == tablefault.Write || c.table.Kind == tablefault.Batch
}

func batch(_ *operation, c call) bool {
	return c.seam != queues && c.table.Kind == tablefault.Batch && len(c.table.Keys) > 1
}

func writing(_ *operation, c call) bool { return c.seam != queues && c.table.Kind == tablefault.Write }

func requested(_ *operation, c call) bool { return c.seam != queues && !c.afterwards }

// pieces is how many rows and ranges a read has.
func pieces(c call) int {
	if c.seam == queues || c.table.Kind != tablefault.Read {
		return 0
	}
	return len(c.table.Keys) + len(c.table.Ranges)
}

func several(_ *operation, c call) bool { return pieces(c) > 1 }

func many(_ *operation, c call) bool { return pieces(c) > 2 }

func paged(_ *operation, c call) bool {
	return c.seam != queues && (len(c.table.Ranges) > 0 || c.table.Kind == tablefault.Changes)
}

func stream(_ *operation, c call) bool {
	return c.seam == mainTable && c.table.Kind == tablefault.Changes
}

func receiving(_ *operation, c call) bool {
	return c.seam == queues && c.queue.Kind == queuefault.Receive
}

func withRival(o *operation, _ call) bool { return o.rival.method != "" }

func withTwin(o *operation, c call) bool { return o.request.changes() && !c.afterwards }

// rivalChange is somebody else's change of the same thing.
func rivalChange(s *system, o *operation) {
	r := o.rival
	r.token = "$rival"
	s.ask(s.well, r, "")
}

// twinRequest is the same request, sent twice by an impatient client, and served
// by another process.
func twinRequest(s *system, o *operation) { s.ask(s.well, o.request, keyUnderTest) }

// conflict lets somebody else's transaction be the one that is preferred.
func conflict(do func(*system, *operation)) func(*system, *operation, call) effect {
	return func(s *system, o *operation, _ call) effect {
		return effect{table: tablefault.Conflict(1, func(int) { do(s, o) })}
	}
}

// torn lets somebody do something in the middle of a read.
func torn(when func(call) int, do func(*system, *operation)) func(*system, *operation, call) effect {
	return func(s *system, o *operation, c call) effect {
		return effect{table: tablefault.Torn(func(read int) {
			if read == when(c) {
				do(s, o)
			}
		})}
	}
}

func first(call) int { return 1 }

func last(c call) int { return pieces(c) - 1 }
