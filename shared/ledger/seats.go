package ledger

import (
	"maps"
	"slices"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// A tag's hint need not be in the partition of its contact's own shard: a survivor
// takes over the hints of those that it absorbs where they are. A partition's count
// is how many hints it holds, so it stays as it is while one of them passes from
// one contact to another within it: that is a put and a delete, 4 write units,
// where a hint in the survivor's own shard would change two counts as well.

// seat is where a hint is stored: in the partition of a shard, under a contact's id,
// "" for that of whoever notes the seat.
type seat struct {
	Shard int    `json:"s"`
	ID    string `json:"id,omitzero"`
}

// seatOf is where a contact's hints are that nobody had before it.
func seatOf(contactID string) seat { return seat{ulid.ShardOf(contactID), contactID} }

// in names the row of a hint that has the seat.
func (s seat) in(ws tenant.Workspace, h Hint) table.Key {
	return h.partition(ws, s.Shard).Row(s.ID)
}

// seats are those of a contact's tags that are not where its hints are else, by the
// tags' ids. A map of them is never changed, for records share it.
type seats map[string]seat

// of is where a contact's hint is.
func (s seats) of(h Hint, contactID string) seat {
	at, ok := s[h.Value]
	if !ok || h.Index != IndexTag {
		return seatOf(contactID)
	}
	if at.ID == "" {
		at.ID = contactID
	}
	return at
}

// with notes where a contact's hint is.
func (s seats) with(h Hint, at seat, contactID string) seats {
	noted := maps.Clone(s)
	if noted == nil {
		noted = seats{}
	}
	delete(noted, h.Value)
	if at != seatOf(contactID) {
		if at.ID == contactID {
			at.ID = ""
		}
		noted[h.Value] = at
	}
	return noted
}

// only are the seats of some hints.
func (s seats) only(hints []Hint) seats {
	if len(s) == 0 {
		return nil
	}
	left := seats{}
	for _, h := range hints {
		if at, ok := s[h.Value]; ok && h.Index == IndexTag {
			left[h.Value] = at
		}
	}
	return left
}

// seat is where a hint of the contact's is, or would be.
func (r *record) seat(h Hint) seat { return r.Seats.of(h, r.ID) }

// borrowed are the hints that the contact carries and that are stored under the id
// of one that it absorbed: it is not found by them yet.
func (r *record) borrowed() (hints []Hint) {
	if len(r.Seats) == 0 {
		return nil
	}
	for _, h := range countedOf(&r.Contact) {
		if !contains(r.Late, h) && r.seat(h).ID != r.ID {
			hints = append(hints, h)
		}
	}
	return hints
}

// inherit has tags be found with the survivor of a merge soon: a hint for each would
// make the merge as large as they are many. It gives the survivor the hints by which
// its late tags are found with the others, each of the first that has one, and
// returns those of each.
func (c *change) inherit(others []stored) (given [][]Hint) {
	late := slices.Clone(c.after.Late)
	for _, h := range c.put {
		if h.Index == IndexTag {
			late = append(late, h)
		}
	}
	c.put = hintsWithout(c.put, late)
	have := make([][]Hint, len(others))
	for i := range others {
		have[i] = others[i].derived()
	}
	given = make([][]Hint, len(others))
	c.after.Late = slices.DeleteFunc(late, func(h Hint) bool {
		first := slices.IndexFunc(have, func(hints []Hint) bool { return contains(hints, h) })
		if first < 0 {
			return false
		}
		c.after.Seats = c.after.Seats.with(h, others[first].seat(h), c.after.ID)
		given[first] = append(given[first], h)
		return true
	})
	return given
}

// returns are hints that are their contacts' again, by their ids.
type returns map[string][]handed

type handed struct {
	Hint
	shard int
}

// own are those of the contact's stored hints that are under its own id; the others
// are to be their contacts' again.
func (r *record) own(hints []Hint, again returns) (own []Hint) {
	for _, h := range hints {
		if at := r.seat(h); at.ID == r.ID {
			own = append(own, h)
		} else {
			again[at.ID] = append(again[at.ID], handed{h, at.Shard})
		}
	}
	return own
}

// giveBack has hints be those of contacts again that the record is not to stand for
// any more, of the hints that it had before. What it carries of them is late.
func (r *record) giveBack(before *record, leaving []string, again returns) {
	for _, h := range before.derived() {
		at := before.seat(h)
		if !slices.Contains(leaving, at.ID) {
			continue
		}
		again[at.ID] = append(again[at.ID], handed{h, at.Shard})
		if contains(r.Stale, h) {
			r.Stale = hintsWithout(r.Stale, []Hint{h})
		} else {
			r.Late = append(slices.Clone(r.Late), h)
		}
	}
}

// take notes hints that are an absorbed contact's own again, to be removed.
func (f *former) take(hints []handed, contactID string) {
	for _, h := range hints {
		f.Rest = append(slices.Clone(f.Rest), h.Hint)
		f.Seats = f.Seats.with(h.Hint, seat{h.shard, contactID}, contactID)
	}
}
