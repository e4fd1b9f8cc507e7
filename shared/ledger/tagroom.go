package ledger

import (
	"context"
	"sync"
	"time"

	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tag"
)

// tagRoom is how many tags a workspace has, as far as a process knows: those that
// it counted, and those that it has made since or is about to make.
type tagRoom struct {
	// making is held by whoever makes tags until that is written, and alone by who
	// counts them: so that no tag is on the way while it is counted.
	making sync.RWMutex

	mu sync.Mutex
	n  int
	at time.Time // when it was counted
}

// countFor is how long a process relies on its count of tags.
const countFor = time.Minute

// roomForTags takes room for tags that are about to be made, and refuses what
// would be more than a workspace may have. Who got it must call done with what
// came of it. A process counts once a minute, and whenever it would refuse; so
// that processes that race at the limit may pass it by what each makes in that
// time, and the callers of one process never.
func (l *Ledger) roomForTags(ctx context.Context, s *Scope, more int) (done func(error), err error) {
	r := &l.labelsOf(s.Workspace).room
	asked := l.now()
	for {
		r.making.RLock()
		enough, sure := r.take(more, asked, l.now())
		if enough {
			return func(err error) { r.done(more, err) }, nil
		}
		r.making.RUnlock()
		if sure {
			return nil, problem.Conflicting("too_many_tags", "A workspace has at most %d tags.", tag.MaxPerWorkspace)
		}
		if err := l.countTags(ctx, s, r, asked); err != nil {
			return nil, err
		}
	}
}

// take takes room if there is enough; sure says that it was counted since it was
// asked for.
func (r *tagRoom) take(more int, asked, now time.Time) (enough, sure bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sure = !r.at.Before(asked)
	enough = (sure || now.Sub(r.at) < countFor) && r.n+more <= tag.MaxPerWorkspace
	if enough {
		r.n += more
	}
	return enough, sure
}

// done gives back the room for n tags unless they were made, or may have been.
func (r *tagRoom) done(n int, err error) {
	if err != nil && !problem.Is(err, problem.Unavailable) {
		r.mu.Lock()
		r.n -= n
		r.mu.Unlock()
	}
	r.making.RUnlock()
}

// countTags counts the names of tags, unless somebody has since it was asked for.
func (l *Ledger) countTags(ctx context.Context, s *Scope, r *tagRoom, asked time.Time) error {
	r.making.Lock()
	defer r.making.Unlock()
	if !r.at.Before(asked) {
		return nil
	}
	at, n := l.now(), 0
	err := l.table.All(ctx, table.Range{Of: tagNamesIn(s.Workspace), Limit: 1000}, func(table.Row) error { n++; return nil })
	if err != nil {
		return unavailable("counting tags", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n, r.at = n, at
	return nil
}
