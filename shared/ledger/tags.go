package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// Contacts carry the ids of tags. A tag is two rows: itself, by its id, and the
// claim of its name. A third kind counts its contacts, see counts.go.

const (
	tagSchema      = 1
	tagClaimSchema = 1
)

// tagKind begins the subjects that are tags.
const tagKind = "tag"

func tagSubject(id string) string { return tagKind + ":" + id }

func tagKey(ws tenant.Workspace, id string) table.Key { return table.In(ws, "tags").Row(id) }

func tagNamesIn(ws tenant.Workspace) table.Partition { return table.In(ws, "tagnames") }

// maxNameKey is how long a folded name may be to stand in a key as it is. Folding
// can triple a name; of a longer one the beginning stands there with a digest.
const maxNameKey = 900

func tagNameKey(ws tenant.Workspace, name string) table.Key {
	folded := tag.Fold(name)
	if len(folded) > maxNameKey {
		sum := sha256.Sum256([]byte(folded))
		folded = cutText(folded, maxNameKey) + "#" + hex.EncodeToString(sum[:16])
	}
	return tagNamesIn(ws).Row(folded)
}

// cutText returns the first n bytes of a text, or a little less: whole characters.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// tagRecord is a tag's row. It is the change record of the tag's creation too:
// a new tag costs a contact's transaction no third row. Once deleted it stays as
// long as the change record of that does, for readers who meet it on a contact.
type tagRecord struct {
	tag.Tag
	CreatedAt instant.Instant `json:"createdAt"`
	Created   audit.Entry     `json:"created"`
	Deleted   bool            `json:"deleted,omitzero"`

	row table.Row
}

// exists tells a tag from one that is no more, or never was.
func (t *tagRecord) exists() bool { return t.ID != "" && !t.Deleted }

// shown is the name that contacts show, "" of a tag that is no more.
func (t *tagRecord) shown() string {
	if !t.exists() {
		return ""
	}
	return t.Name
}

func (t *tagRecord) toRow(ws tenant.Workspace) table.Row {
	row := table.Row{Key: tagKey(ws, t.ID), Schema: tagSchema, Doc: encode(t)}
	if t.Version == 1 {
		row.Out = TopicAudit
	}
	return row
}

// tagClaim is the row of a name: which tag has it, and how it is spelled.
type tagClaim struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func claimRow(ws tenant.Workspace, t *tag.Tag) table.Row {
	return table.Row{Key: tagNameKey(ws, t.Name), Schema: tagClaimSchema, Doc: encode(tagClaim{t.ID, t.Name})}
}

// newTag makes a tag that nobody has yet, and the rows that it takes.
func (l *Ledger) newTag(s *Scope, t tag.Tag) (made tagRecord, actions []table.Action, err error) {
	t.ID, t.Version = l.ids.New(), 1
	made = tagRecord{Tag: t, CreatedAt: instant.Of(ulid.Time(t.ID))}
	made.Created = l.entry(s, tagSubject(t.ID), 1, instant.Of(l.now()))
	made.Created.Action = audit.TagCreated
	values := audit.Values{Changes: tagChanges(tag.Tag{}, t), Detail: tagDetail(t.ID)}
	if err := made.Created.Seal(values, s.Settings.Key); err != nil {
		return made, nil, err
	}
	return made, []table.Action{
		table.Put(made.toRow(s.Workspace), table.Absent()),
		table.Put(claimRow(s.Workspace, &t), table.Absent()),
	}, nil
}

// tagChanges lists what differs between two states of a tag; a new one is
// compared with the zero Tag.
func tagChanges(before, after tag.Tag) []contact.Change {
	var changes []contact.Change
	for _, m := range []struct{ name, from, to string }{
		{"name", before.Name, after.Name}, {"color", before.Color, after.Color}, {"description", before.Description, after.Description},
	} {
		if m.from != m.to {
			changes = append(changes, contact.Change{Field: m.name, From: orNil(m.from), To: orNil(m.to)})
		}
	}
	return changes
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// tagDetail says in the log which tag it was.
func tagDetail(id string) map[string]any { return map[string]any{"tag": id} }

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

// tagging is what the tags that an operation names come to, at one attempt.
type tagging struct {
	ids  []string
	made []tag.Tag      // those that are to be made
	rows []table.Action // and what makes them
	done func(error)    // to be called with what came of them
}

// tagged finds the tags that an operation gives a contact, and makes those that
// are not there.
func (l *Ledger) tagged(ctx context.Context, s *Scope, names []string) (t tagging, err error) {
	t.done = func(error) {}
	if len(names) == 0 {
		return t, nil
	}
	tags, err := l.findTags(ctx, s, names...)
	if err != nil {
		return t, err
	}
	made := map[string]bool{} // by folded name
	for i, name := range names {
		found := tags[i]
		if found.ID == "" {
			if made[tag.Fold(name)] {
				continue
			}
			made[tag.Fold(name)] = true
			made, actions, err := l.newTag(s, tag.Tag{Name: name})
			if err != nil {
				return t, err
			}
			t.made, t.rows = append(t.made, made.Tag), append(t.rows, actions...)
			found = tagClaim{made.ID, made.Name}
		}
		s.name(found.ID, found.Name)
		t.ids = append(t.ids, found.ID)
	}
	if len(t.made) > 0 {
		t.done, err = l.roomForTags(ctx, s, len(t.made))
	}
	return t, err
}

// untagged finds the tag that an operation takes from a contact; "" names none.
func (l *Ledger) untagged(ctx context.Context, s *Scope, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	id, err := l.FindTag(ctx, s, name)
	if err == nil && id == "" {
		err = NoTag()
	}
	return id, err
}

// NoTag is the refusal of a name or id that no tag has.
func NoTag() error { return problem.New(problem.NotFound, "There is no such tag.") }

// CreateTag makes a tag. 409 tag_exists if its name is taken, without case.
func (l *Ledger) CreateTag(ctx context.Context, s *Scope, t tag.Tag, answer func(tag.Tag) Answer) (Answer, error) {
	return l.retry(ctx, s, func() (a Answer, err error) {
		rows, err := l.get(ctx, s, tagNameKey(s.Workspace, t.Name))
		if err != nil {
			return Answer{}, err
		}
		if rows[0].Exists() {
			return Answer{}, tagExists(t.Name)
		}
		done, err := l.roomForTags(ctx, s, 1)
		if err != nil {
			return Answer{}, err
		}
		defer func() { done(err) }()
		made, actions, err := l.newTag(s, t)
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		w.add(actions...)
		a = answer(made.Tag)
		w.keep(a, "", s.Settings.Key, l.now())
		return a, l.write(ctx, w)
	})
}

func tagExists(name string) error {
	return problem.Conflicting("tag_exists", "There is a tag named %q already; letter case does not tell tags apart.", name)
}

// UpdateTag changes a tag; apply is pure. A new name shows on every contact from
// the moment that this returns, at a cost that does not depend on how many there
// are.
func (l *Ledger) UpdateTag(ctx context.Context, s *Scope, name string, apply func(tag.Tag) tag.Tag, answer func(tag.Tag, int64) Answer) (Answer, error) {
	return l.changeTag(ctx, s, name, func(before tagRecord, contacts int64) (Answer, error) {
		after := before
		after.Tag = apply(before.Tag)
		changes := tagChanges(before.Tag, after.Tag)
		if len(changes) == 0 {
			return l.keepOnly(ctx, s, answer(before.Tag, contacts), "", s.Settings.Key)
		}
		after.Version++
		actions := []table.Action{table.Put(after.toRow(s.Workspace), table.Unchanged(before.row))}
		if before.Name != after.Name {
			from, to := tagNameKey(s.Workspace, before.Name), claimRow(s.Workspace, &after.Tag)
			if from == to.Key { // another spelling of it
				actions = append(actions, table.Put(to, table.Exists()))
			} else {
				rows, err := l.get(ctx, s, to.Key)
				if err != nil {
					return Answer{}, err
				}
				if rows[0].Exists() {
					return Answer{}, tagExists(after.Name)
				}
				actions = append(actions, table.Delete(from, table.Exists()), table.Put(to, table.Absent()))
			}
			actions = append(actions, s.nextEpoch())
		}
		return l.commitSubject(ctx, s, subjectChange{
			subject: tagSubject(before.ID), version: after.Version, action: audit.TagUpdated, changes: changes, detail: tagDetail(before.ID),
			actions: actions, answer: answer(after.Tag, contacts),
		})
	})
}

// DeleteTag deletes a tag. From the moment that this returns no answer shows it
// and no filter finds it, whatever carries it; the contacts are rid of it in the
// background.
func (l *Ledger) DeleteTag(ctx context.Context, s *Scope, name string, answer Answer) (Answer, error) {
	return l.changeTag(ctx, s, name, func(before tagRecord, _ int64) (Answer, error) {
		after := before
		after.Version, after.Deleted = before.Version+1, true
		row := after.toRow(s.Workspace)
		row.Expires = l.now().Add(Retention) // long after the last contact is rid of it
		return l.commitSubject(ctx, s, subjectChange{
			subject: tagSubject(before.ID), version: after.Version, action: audit.TagDeleted, detail: tagDetail(before.ID),
			changes: tagChanges(before.Tag, tag.Tag{}), out: TopicDetach,
			actions: []table.Action{
				table.Put(row, table.Unchanged(before.row)),
				table.Delete(tagNameKey(s.Workspace, before.Name), table.Exists()),
				s.nextEpoch(),
			},
			answer: answer,
		})
	})
}

// changeTag finds a tag by id or name and changes it, again after a race.
func (l *Ledger) changeTag(ctx context.Context, s *Scope, name string, change func(t tagRecord, contacts int64) (Answer, error)) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		t, contacts, err := l.namedTag(ctx, s, name)
		if err != nil {
			return Answer{}, err
		}
		return change(t, contacts)
	})
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

// nextEpoch raises the workspace's epoch: what processes keep of names ends.
func (s *Scope) nextEpoch() table.Action {
	settings := s.Settings
	settings.Epoch++
	return table.Put(settingsRow(s.Workspace, &settings), table.Unchanged(s.settingsRow))
}

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
