package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Merge is one that was made.
type Merge struct {
	ID       string
	Survivor string
	// Merged are the contacts that it absorbed, in the order in which they were given.
	Merged []string
	At     instant.Instant
	By     audit.Actor
	// Undone is when it was taken back; zero if it was not.
	Undone instant.Instant
}

// mergeRow is what is kept of a merge for good. It holds nothing of a person but
// what is sealed with the survivor's key, and that only until it is undone.
type mergeRow struct {
	Survivor string          `json:"survivor"`
	Merged   []string        `json:"merged"`
	At       instant.Instant `json:"at"`
	By       audit.Actor     `json:"by"`
	Undone   instant.Instant `json:"undone,omitzero"`
	Sealed   string          `json:"sealed,omitzero"`
}

const mergeSchema = 1

// mergeNotes are what an undo has to know.
type mergeNotes struct {
	Wrote merge.Wrote `json:"wrote"`
	// Writers are the merges that had written the same members before.
	Writers map[string]string `json:"writers,omitempty"`
}

// storedMerge is a merge with the row it was read from.
type storedMerge struct {
	mergeRow
	id    string
	notes mergeNotes
	row   table.Row
}

func (m *storedMerge) shown() Merge {
	return Merge{ID: m.id, Survivor: m.Survivor, Merged: m.Merged, At: m.At, By: m.By, Undone: m.Undone}
}

func mergePurpose(id string) string { return "merge/" + id }

func decodeMerge(row table.Row) (*storedMerge, error) {
	m := &storedMerge{id: row.Key.SK(), row: row}
	return m, decode(row, mergeSchema, &m.mergeRow)
}

// open reads the notes, with the key of the survivor, or of who absorbed it.
// errRaced if the merge was taken back, or root does not stand for its survivor: the
// two were not read at one moment.
func (m *storedMerge) open(root *record) error {
	if m.Undone != 0 || root.keyOf(m.Survivor).IsZero() {
		return errRaced
	}
	doc, err := root.keyOf(m.Survivor).Open(m.Sealed, mergePurpose(m.id))
	if err != nil {
		return err
	}
	return decode(table.Row{Key: m.row.Key, Schema: mergeSchema, Doc: doc}, mergeSchema, &m.notes)
}

// seal keeps the notes.
func (m *storedMerge) seal(root *record) {
	m.Sealed = root.keyOf(m.Survivor).Seal(encode(m.notes), mergePurpose(m.id))
}

func (m *storedMerge) toRow(ws tenant.Workspace) table.Row {
	return table.Row{Key: mergeKey(ws, m.id), Schema: mergeSchema, Doc: encode(m.mergeRow)}
}

// Merging says which contacts are to become one.
type Merging struct {
	Survivor string
	// Others are in order: where the survivor has no value, the first that has one
	// gives it. There is at least one, none twice, none the survivor.
	Others []string
	// Choose names whose value a member takes, by the member's name as contact.Value
	// takes it.
	Choose  map[string]string
	IfMatch IfMatch
	// Dry makes nothing of it.
	Dry bool
	// Answer is what the caller is told.
	Answer func(Merged) Answer
}

// Merged is what came of a merge.
type Merged struct {
	ID       string // "" of a dry one
	Survivor *contact.Contact
	// Origin says of each member with one value whose it is.
	Origin map[string]string
}

// WantMerge asks for all contacts of a merge.
func WantMerge(ws tenant.Workspace, survivor string, others []string) (w Want) {
	for _, id := range append([]string{survivor}, others...) {
		if ulid.Valid(id) {
			w.Keys = appendNew(w.Keys, ContactKey(ws, id))
		}
	}
	return w
}

// Merge makes one contact of several, in one transaction whatever their histories:
// these stay where they are, and are read through the survivor from then on. Three
// round trips; 20 units for two contacts with an address and a number each, and
// later what it takes to have their tags found with the survivor.
//
// Ids are not followed: problem.NotFound, problem.Gone, or already_merged.
func (l *Ledger) Merge(ctx context.Context, s *Scope, m Merging) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		survivor, others, err := l.toMerge(ctx, s, m)
		if err != nil {
			return Answer{}, err
		}
		c, result, err := l.unite(ctx, s, survivor, others, m)
		if err != nil {
			return Answer{}, err
		}
		if m.Dry {
			return l.keepOnly(ctx, s, m.Answer(Merged{Survivor: &c.after.Contact, Origin: result.Origin}), survivor.ID, survivor.Key)
		}
		return l.commitMerge(ctx, s, c, others, result, m)
	})
}

// toMerge reads the contacts of a merge and refuses those that cannot be.
func (l *Ledger) toMerge(ctx context.Context, s *Scope, m Merging) (survivor stored, others []stored, err error) {
	if err := l.readAhead(ctx, s, WantMerge(s.Workspace, m.Survivor, m.Others).Keys...); err != nil {
		return stored{}, nil, err
	}
	var refused error
	for i, id := range append([]string{m.Survivor}, m.Others...) {
		if !ulid.Valid(id) {
			return stored{}, nil, contact.NotFound()
		}
		c, err := l.find(ctx, s, contact.ByID(id))
		if err != nil {
			return stored{}, nil, err
		}
		switch {
		case !s.sees(&c.Contact):
			return stored{}, nil, contact.NotFound()
		case c.ID != id:
			refused = firstOf(refused, problem.Conflicting("already_merged", "The contact %s has been merged into %s.", id, c.ID).With("contactId", c.ID))
		case c.IsBlocked():
			refused = firstOf(refused, problem.Conflicting("blocked_contact", "The contact %s is blocked; unblock it before it is merged.", id).With("contactId", id))
		}
		if i == 0 {
			survivor = c
		} else {
			others = append(others, c)
		}
	}
	if survivor.ID == m.Survivor && !m.IfMatch.Allows(survivor.Version) {
		return stored{}, nil, stale()
	}
	return survivor, others, refused
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// unite makes of the contacts what the survivor shall be.
func (l *Ledger) unite(ctx context.Context, s *Scope, survivor stored, others []stored, m Merging) (c *change, result merge.Result, err error) {
	now := instant.Of(l.now())
	all := []contact.Contact{survivor.Contact}
	for i := range others {
		all = append(all, others[i].Contact)
	}
	terms, err := l.Terms(ctx, s, all...)
	if err != nil {
		return nil, result, err
	}
	plan := merge.Plan{Survivor: survivor.WithoutDeleted(terms), Choose: m.Choose, Leased: map[string]bool{}}
	locks := alive(survivor.Locks, now)
	plan.Leased[survivor.ID] = len(locks) > 0
	inUse := slices.Clone(locks)
	for i := range others {
		plan.Others = append(plan.Others, others[i].WithoutDeleted(terms))
		theirs := alive(others[i].Locks, now)
		plan.Leased[others[i].ID] = len(theirs) > 0
		inUse = append(inUse, theirs...)
	}
	result, err = merge.Unite(plan)
	if errors.Is(err, merge.ErrLeases) {
		err = phoneLocked(inUse)
	}
	if err != nil {
		return nil, result, err
	}
	c = &change{before: survivor, after: survivor.record, action: audit.ContactMerged}
	c.after.Contact = result.Contact
	c.after.Version, c.after.UpdatedAt = survivor.Version+1, max(now, survivor.UpdatedAt)
	for _, lock := range inUse[len(locks):] {
		if !slices.ContainsFunc(locks, func(l Lock) bool { return l.Campaign == lock.Campaign }) {
			locks = append(locks, lock)
			result.Wrote.Leases = append(result.Wrote.Leases, lock.Campaign)
		}
	}
	if c.after.Locks = locks; len(locks) > MaxLocks {
		return nil, result, problem.Conflicting("too_many_merged", "The contacts have more locks together than one contact can have.").With("field", "locks")
	}
	c.members = contact.Compare(&survivor.Contact, &c.after.Contact, terms)
	return c, result, managedChoice(s, terms.Fields, m.Choose, c.members)
}

// managedChoice refuses to choose the value of a member that another integration
// manages; a blank one may be filled.
func managedChoice(s *Scope, fields *field.Set, choose map[string]string, changes []contact.Change) error {
	chosen := slices.DeleteFunc(slices.Clone(changes), func(c contact.Change) bool {
		name := c.Field
		if key, custom := strings.CutPrefix(name, contact.FieldPrefix); custom {
			if d, ok := fields.CustomField(key); ok {
				name = contact.FieldPrefix + d.ID
			}
		}
		_, ok := choose[name]
		return !ok
	})
	return managed(s, fields, chosen)
}

// commitMerge writes a merge.
func (l *Ledger) commitMerge(ctx context.Context, s *Scope, c *change, others []stored, result merge.Result, m Merging) (Answer, error) {
	id := l.ids.New()
	survivor := c.before
	made := &storedMerge{id: id, mergeRow: mergeRow{Survivor: survivor.ID, Merged: m.Others, At: c.after.UpdatedAt, By: s.Actor}}
	made.notes.Wrote = result.Wrote
	c.after.Writers, made.notes.Writers = writing(survivor.Writers, result.Wrote, id)
	made.seal(&c.after)
	c.after.Keys = maps.Clone(survivor.Keys)
	if c.after.Keys == nil {
		c.after.Keys = map[string]seal.Key{}
	}
	added, removed := difference(Rows(&survivor.Contact), Rows(&c.after.Contact))
	c.index(added, removed)
	c.refresh = true
	// Tags are found with the survivor soon: a hint for each would make a merge as
	// large as they are many.
	tagged := func(h Hint) bool { return h.Index == IndexTag }
	c.after.Late = slices.Clone(c.after.Late)
	for _, h := range c.put {
		if tagged(h) {
			c.after.Late = append(c.after.Late, h)
		}
	}
	c.put = slices.DeleteFunc(c.put, tagged)
	given := c.after.inherit(others)
	again := returns{}
	rests := make([][]Hint, len(others))
	var moved []string // by an earlier merge, and again by this one
	for i := range others {
		o := others[i].record
		rests[i] = o.own(hintsWithout(o.derived(), given[i]), again)
		c.after.Keys[others[i].ID] = others[i].Key
		maps.Copy(c.after.Keys, others[i].Keys)
		for _, d := range others[i].Freed {
			c.after.Freed = appendDigest(c.after.Freed, d)
		}
		moved = append(moved, others[i].MergedIDs...)
	}
	redirects, err := l.repoint(ctx, s, moved, survivor.ID, again)
	if err != nil {
		return Answer{}, err
	}
	c.detail = map[string]any{"merge": id, "merged": m.Others, "origin": originNames(result.Origin, s.Shown())}
	if n := reserved + 3*len(others) + len(redirects); n+actionsOf(c.put) > table.MaxActions {
		return Answer{}, l.makeRoom(ctx, s, survivor, survivor.ID, &tagging{}, c.put, n)
	}
	answer := m.Answer(Merged{ID: id, Survivor: &c.after.Contact, Origin: result.Origin})
	w := newTransaction(s)
	w.keep(answer, survivor.ID, survivor.Key, l.now())
	w.add(table.Put(made.toRow(s.Workspace), table.Absent()))
	w.add(redirects...)
	formers := make([]int, len(others))
	for i := range others {
		formers[i] = w.reserve()
		w.add(table.Delete(others[i].row.Key, table.Unchanged(others[i].row)))
		record, err := l.changeOf(s, &others[i].record, others[i].Version+1, made.At, audit.ContactMerged,
			audit.Values{Detail: map[string]any{"merge": id, "survivor": survivor.ID}})
		if err != nil {
			return Answer{}, err
		}
		w.add(record)
	}
	if err := l.addChange(w, c); err != nil {
		return Answer{}, err
	}
	for i := range others {
		rest := w.dropFound(rests[i], others[i].ID)
		f := absorb(&others[i].record, survivor.ID, id, rest)
		w.actions[formers[i]] = table.Put(f.absorbedRow(s.Workspace, others[i].ID), table.Absent())
	}
	return answer, l.write(ctx, w)
}

// dropFound adds what removes those of the hints that are identities, or a company,
// which counts its contacts, while there is room, and returns the others.
func (w *transaction) dropFound(hints []Hint, contactID string) (rest []Hint) {
	for _, h := range hints {
		if _, ok := h.identity(); (ok || h.Index == IndexCompany) && w.room() >= h.actions() {
			w.dropHint(h, seatOf(contactID))
		} else {
			rest = append(rest, h)
		}
	}
	return rest
}

// changeOf makes the change record of something that happens to a contact beside
// the one that an operation is about.
func (l *Ledger) changeOf(s *Scope, c *record, version int64, at instant.Instant, action audit.Action, values audit.Values) (table.Action, error) {
	e := l.entry(s, c.ID, version, max(at, c.UpdatedAt))
	e.Action = action
	if err := e.Seal(values, c.Key); err != nil {
		return table.Action{}, err
	}
	return table.Put(changeRow(s.Workspace, &e), table.Absent()), nil
}

// repoint makes what leads absorbed contacts to another one, with hints that are
// theirs again.
func (l *Ledger) repoint(ctx context.Context, s *Scope, ids []string, into string, again returns) ([]table.Action, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = formerKey(s.Workspace, id)
	}
	rows, err := l.read(ctx, keys...)
	if err != nil {
		return nil, err
	}
	actions := make([]table.Action, len(ids))
	for i, row := range rows {
		if !row.Exists() {
			return nil, errRaced
		}
		var f former
		if err := decode(row, formerSchema, &f); err != nil {
			return nil, err
		}
		f.Into = into
		f.take(again[ids[i]], ids[i])
		actions[i] = table.Put(f.absorbedRow(s.Workspace, ids[i]), table.Unchanged(row))
	}
	return actions, nil
}

// writing notes a merge as who wrote members last, and returns who had before.
func writing(writers map[string]string, w merge.Wrote, id string) (after, before map[string]string) {
	after = maps.Clone(writers)
	for name := range w.Values {
		if was, ok := writers[name]; ok {
			if before == nil {
				before = map[string]string{}
			}
			before[name] = was
		}
		if after == nil {
			after = map[string]string{}
		}
		after[name] = id
	}
	return after, before
}

// originNames are members by the names that the wire has for them.
func originNames(origin map[string]string, terms *contact.Terms) map[string]string {
	named := make(map[string]string, len(origin))
	for name, id := range origin {
		if shown := terms.MemberName(name); shown != "" {
			named[shown] = id
		}
	}
	return named
}

// FindMerge returns a merge, if the caller sees its survivor.
func (l *Ledger) FindMerge(ctx context.Context, s *Scope, id string) (Merge, error) {
	m, err := l.findMerge(ctx, s, id)
	if err != nil {
		return Merge{}, err
	}
	if s.Sees != nil {
		if _, err := l.Find(ctx, s, contact.ByID(m.Survivor)); err != nil {
			return Merge{}, noMerge()
		}
	}
	return m.shown(), nil
}

// WantOneMerge asks for a merge.
func WantOneMerge(ws tenant.Workspace, id string) (w Want) {
	if ulid.Valid(id) {
		w.Keys = append(w.Keys, mergeKey(ws, id))
	}
	return w
}

func (l *Ledger) findMerge(ctx context.Context, s *Scope, id string) (*storedMerge, error) {
	if !ulid.Valid(id) {
		return nil, noMerge()
	}
	rows, err := l.get(ctx, s, mergeKey(s.Workspace, id))
	if err != nil {
		return nil, err
	}
	if !rows[0].Exists() {
		return nil, noMerge()
	}
	return decodeMerge(rows[0])
}

func noMerge() error { return problem.New(problem.NotFound, "There is no such merge.") }

// Merges returns a page of the workspace's merges behind the one with the id after,
// newest first, and the After of the next page, "" at the end. A page may be short
// for callers who do not see all survivors.
func (l *Ledger) Merges(ctx context.Context, s *Scope, after string, limit int) (page []Merge, next string, err error) {
	pages, err := l.pages(ctx, s, WantMerges(s.Workspace, after, limit).Ranges)
	if err != nil {
		return nil, "", err
	}
	for _, row := range pages[0].Rows {
		m, err := decodeMerge(row)
		if err != nil {
			return nil, "", err
		}
		if s.Sees != nil {
			switch _, err := l.Find(ctx, s, contact.ByID(m.Survivor)); {
			case problem.Is(err, problem.NotFound), problem.Is(err, problem.Gone):
				continue
			case err != nil:
				return nil, "", err
			}
		}
		page = append(page, m.shown())
	}
	return page, pages[0].Next, nil
}

// WantMerges asks for a page of merges.
func WantMerges(ws tenant.Workspace, after string, limit int) Want {
	return Want{Ranges: []table.Range{{Of: mergesIn(ws), After: after, Limit: limit, Descending: true}}}
}
