package ledger

import (
	"context"
	"strings"

	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// WantTags asks for the tags that a request names: by id, where one can be, and
// by name. "" names none.
func WantTags(ws tenant.Workspace, names ...string) Want {
	var w Want
	for _, name := range names {
		if name == "" {
			continue
		}
		for _, k := range tagKeys(ws, name) {
			w.Keys = appendNew(w.Keys, k)
		}
	}
	return w
}

// tagKeys are the rows that say what tag a text means.
func tagKeys(ws tenant.Workspace, name string) []table.Key {
	keys := []table.Key{tagNameKey(ws, name)}
	if ulid.Valid(name) {
		keys = append(keys, tagKey(ws, name))
	}
	return keys
}

// FindTag returns the id of the tag that a text names, by id or name, "" if there
// is none. Strongly consistent; no round trip after WantTags.
func (l *Ledger) FindTag(ctx context.Context, s *Scope, name string) (string, error) {
	found, err := l.findTags(ctx, s, name)
	if err != nil {
		return "", err
	}
	return found[0].ID, nil
}

// findTags finds the tags that texts name, by id or name: their ids and names, the
// zero claim of what is no tag. One round trip at most.
func (l *Ledger) findTags(ctx context.Context, s *Scope, names ...string) ([]tagClaim, error) {
	want := WantTags(s.Workspace, names...)
	rows, err := l.get(ctx, s, want.Keys...)
	if err != nil {
		return nil, err
	}
	byKey := make(map[table.Key]table.Row, len(rows))
	for i, k := range want.Keys {
		byKey[k] = rows[i]
	}
	found := make([]tagClaim, len(names))
	for i, name := range names {
		if ulid.Valid(name) {
			t, err := decodeTag(byKey[tagKey(s.Workspace, name)])
			if err != nil {
				return nil, err
			}
			if t.exists() {
				found[i] = tagClaim{t.ID, t.Name}
				continue
			}
		}
		row := byKey[tagNameKey(s.Workspace, name)]
		if !row.Exists() {
			continue
		}
		if err := decode(row, tagClaimSchema, &found[i]); err != nil {
			return nil, err
		}
		l.labelsOf(s.Workspace).meet(name, found[i].ID)
	}
	return found, nil
}

// WantTag asks for a tag that is to be changed, with its count and the name that
// it shall have ("" keeps its own), as far as this process knows which one is
// meant.
func (l *Ledger) WantTag(ws tenant.Workspace, name, newName string) Want {
	w := WantTags(ws, name, newName)
	id := l.GuessTag(ws, name)
	if ulid.Valid(name) {
		id = name
	}
	if id != "" {
		w = w.Plus(Want{Keys: append(countKeys(ws, l.Guess(ws).Shards, Hint{IndexTag, id}), tagKey(ws, id))})
	}
	return w
}

// GuessTag returns the id of the tag that a text names as far as this process
// knows: to read ahead, and for nothing else.
func (l *Ledger) GuessTag(ws tenant.Workspace, name string) string {
	return l.labelsOf(ws).guess(name)
}

// decodeTag reads a tag's row; that of an absent one is zero.
func decodeTag(row table.Row) (tagRecord, error) {
	t := tagRecord{row: row}
	if !row.Exists() {
		return t, nil
	}
	err := decode(row, tagSchema, &t)
	return t, err
}

// countedTags reads tags and how many contacts carry each, in one round trip;
// those that never were are zero.
func (l *Ledger) countedTags(ctx context.Context, s *Scope, ids ...string) ([]tagRecord, []int64, error) {
	keys := make([]table.Key, 0, len(ids)*(1+s.Settings.Shards))
	for _, id := range ids {
		keys = append(append(keys, tagKey(s.Workspace, id)), countKeys(s.Workspace, s.Settings.Shards, Hint{IndexTag, id})...)
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return nil, nil, err
	}
	tags, counts := make([]tagRecord, len(ids)), make([]int64, len(ids))
	for i := range ids {
		own := rows[i*(1+s.Settings.Shards):][:1+s.Settings.Shards]
		if tags[i], err = decodeTag(own[0]); err != nil {
			return nil, nil, err
		}
		counts[i] = sum(own[1:])
	}
	if s.Sees != nil && len(ids) > 0 {
		seen, err := l.seen(ctx, s, IndexTag)
		if err != nil {
			return nil, nil, err
		}
		for i, id := range ids {
			counts[i] = seen[id]
		}
	}
	return tags, counts, nil
}

// namedTag reads the tag that a text names, by id or name, and how many contacts
// carry it; NoTag if there is none. After WantTag it costs no round trip, but for
// a name that this process has not met.
func (l *Ledger) namedTag(ctx context.Context, s *Scope, name string) (t tagRecord, contacts int64, err error) {
	if ulid.Valid(name) { // the id itself, or the name of another
		if t, contacts, err = l.countedTag(ctx, s, name); err != nil || t.exists() {
			return t, contacts, err
		}
	}
	id, err := l.FindTag(ctx, s, name)
	if err == nil && id != "" {
		t, contacts, err = l.countedTag(ctx, s, id)
	}
	if err == nil && !t.exists() { // never was, or was deleted in between
		err = NoTag()
	}
	return t, contacts, err
}

func (l *Ledger) countedTag(ctx context.Context, s *Scope, id string) (tagRecord, int64, error) {
	tags, counts, err := l.countedTags(ctx, s, id)
	if err != nil {
		return tagRecord{}, 0, err
	}
	return tags[0], counts[0], nil
}

// NoTag is the refusal of a name or id that no tag has.
func NoTag() error { return problem.New(problem.NotFound, "There is no such tag.") }

// TagCount is a tag with how many contacts carry it.
type TagCount struct {
	tag.Tag
	Contacts int64
}

// Tags returns a page of the workspace's tags whose names begin with a prefix,
// without case, in the order of their folded names; next is the After of the next
// page, "" at the end. Two round trips.
func (l *Ledger) Tags(ctx context.Context, s *Scope, prefix, after string, limit int) (page []TagCount, next string, err error) {
	names, err := l.pages(ctx, s, []table.Range{tagNames(s.Workspace, prefix, after, limit)})
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, row := range names[0].Rows {
		var c tagClaim
		if err := decode(row, tagClaimSchema, &c); err != nil {
			return nil, "", err
		}
		ids = append(ids, c.ID)
	}
	tags, counts, err := l.countedTags(ctx, s, ids...)
	if err != nil {
		return nil, "", err
	}
	for i := range tags {
		// Else it was deleted in between, or a prefix too long for keys left it in.
		if tags[i].exists() && strings.HasPrefix(tag.Fold(tags[i].Name), tag.Fold(prefix)) {
			page = append(page, TagCount{tags[i].Tag, counts[i]})
		}
	}
	return page, names[0].Next, nil
}

// WantTagNames asks for a page of Tags.
func WantTagNames(ws tenant.Workspace, prefix, after string, limit int) Want {
	return Want{Ranges: []table.Range{tagNames(ws, prefix, after, limit)}}
}

// tagNames is the range of a page of Tags.
func tagNames(ws tenant.Workspace, prefix, after string, limit int) table.Range {
	prefix = tag.Fold(prefix)
	if len(prefix) > maxNameKey {
		prefix = cutText(prefix, maxNameKey)
	}
	return table.Range{Of: tagNamesIn(ws), Prefix: prefix, After: after, Limit: limit}
}
