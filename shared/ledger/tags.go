package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

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

// tagging is what the tags that an operation names come to, at one attempt.
type tagging struct {
	ids  []string
	made []tag.Tag      // those that are to be made
	rows []table.Action // and what makes them
	done func(error)    // to be called with what came of them
}

// settled tells what came of them. It may be called on the zero tagging.
func (t *tagging) settled(err error) {
	if t.done != nil {
		t.done(err)
	}
}

// tagged finds the tags that an operation gives a contact, and makes those that
// are not there.
func (l *Ledger) tagged(ctx context.Context, s *Scope, names []string) (t tagging, err error) {
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
		w.keep(a, s.sealers(), l.now())
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
			return l.keepOnly(ctx, s, answer(before.Tag, contacts), s.sealers())
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

// nextEpoch raises the workspace's epoch: what processes keep of names ends.
func (s *Scope) nextEpoch() table.Action {
	settings := s.Settings
	settings.Epoch++
	return table.Put(settingsRow(s.Workspace, &settings), table.Unchanged(s.settingsRow))
}
