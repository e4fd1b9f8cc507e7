package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
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
