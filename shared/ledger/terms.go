package ledger

import (
	"context"
	"slices"
	"sync"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
)

// Terms returns the workspace's words for all that the given contacts carry:
// fields, and the names of their tags and companies. They are at least as new as
// the settings of the scope, and give no two tags of a contact one name. They are
// kept in the process, fields by their version and names by the epoch, so that
// this costs a round trip only for what the process has not met since it changed.
func (l *Ledger) Terms(ctx context.Context, s *Scope, of ...contact.Contact) (*contact.Terms, error) {
	terms, err := l.termsOf(ctx, s, of)
	if err != nil || !slices.ContainsFunc(of, func(c contact.Contact) bool { return c.TagsClash(terms) }) {
		return terms, err
	}
	// The contact is newer than the settings: a tag was renamed or deleted between
	// two reads, and its name taken by another one.
	names, epoch := s.terms.Names, s.Settings.Epoch
	if err := l.refresh(ctx, s); err != nil {
		return nil, err
	}
	if s.Settings.Epoch == epoch {
		s.terms.Names = names
	}
	return l.termsOf(ctx, s, of)
}

func (l *Ledger) termsOf(ctx context.Context, s *Scope, of []contact.Contact) (*contact.Terms, error) {
	fields, err := l.Fields(ctx, s, of...)
	if err != nil {
		return nil, err
	}
	s.terms.Fields = fields
	var unknown []string
	var keys []table.Key
	want := func(id string, key table.Key) {
		if _, ok := s.terms.Names[id]; !ok {
			unknown, keys = append(unknown, id), append(keys, key)
			s.name(id, "") // asked for once is enough
		}
	}
	for i := range of {
		for _, id := range of[i].Tags {
			want(id, tagKey(s.Workspace, id))
		}
		if id := of[i].CompanyID; id != "" {
			want(id, companyKey(s.Workspace, id))
		}
	}
	if len(unknown) == 0 {
		return &s.terms, nil
	}
	missing, missingKeys := unknown[:0:0], keys[:0:0]
	for i, name := range l.labelsOf(s.Workspace).lookup(s.Settings.Epoch, unknown) {
		if name.known {
			s.name(unknown[i], name.text)
		} else {
			missing, missingKeys = append(missing, unknown[i]), append(missingKeys, keys[i])
		}
	}
	return &s.terms, l.readNames(ctx, s, missing, missingKeys)
}

// Shown are the terms as Terms last returned them: to answer with a contact in
// those that it was committed in.
func (s *Scope) Shown() *contact.Terms { return &s.terms }

// name notes the name of a tag or company; "" says that there is none.
func (s *Scope) name(id, name string) {
	if s.terms.Names == nil {
		s.terms.Names = map[string]string{}
	}
	s.terms.Names[id] = name
}

// readNames reads the names of tags and companies by their rows.
func (l *Ledger) readNames(ctx context.Context, s *Scope, ids []string, keys []table.Key) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := l.read(ctx, keys...) // not what was read ahead: that may be older than the settings
	if err != nil {
		return err
	}
	read := make([]tag.Tag, 0, len(ids))
	for i, id := range ids {
		name := ""
		switch {
		case keys[i] != tagKey(s.Workspace, id):
			c, err := decodeCompany(rows[i])
			if err != nil {
				return err
			}
			name = c.Name
		case !rows[i].Exists():
			// A deleted tag leaves a row. One that is not there yet was made with the
			// contact's own transaction, whose rows DynamoDB shows one by one: it is
			// not shown, but not taken from the contact either, and asked for again.
			delete(s.terms.Names, id)
			continue
		default:
			t, err := decodeTag(rows[i])
			if err != nil {
				return err
			}
			name = t.shown()
		}
		s.name(id, name)
		read = append(read, tag.Tag{ID: id, Name: name})
	}
	l.labelsOf(s.Workspace).learn(s.Settings.Epoch, read...)
	return nil
}

// labels are the names of tags and companies that a process has met, of one
// workspace. They hold for one epoch: whatever renames or deletes one raises it.
type labels struct {
	mu    sync.Mutex
	epoch int64
	names map[string]string // by id, "" of tags that are no more
	ids   map[string]string // by folded name, of whatever epoch
	room  tagRoom
}

type label struct {
	text  string
	known bool
}

// maxLabels is how many names are kept of one workspace: all that it may have,
// and as many that were deleted.
const maxLabels = 2 * tag.MaxPerWorkspace

func (l *Ledger) labelsOf(ws tenant.Workspace) *labels {
	if kept, ok := l.labels.load(ws); ok {
		return kept
	}
	return l.labels.loadOrStore(ws, &labels{})
}

// lookup returns what is known of ids to somebody who has read settings of the
// given epoch.
func (k *labels) lookup(epoch int64, ids []string) []label {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := make([]label, len(ids))
	if k.epoch < epoch {
		return found
	}
	for i, id := range ids {
		found[i].text, found[i].known = k.names[id]
	}
	return found
}

// learn keeps names that were read, or given, after settings of the given epoch
// were read. Those of a former epoch are not kept: they may have been read before
// what ended that.
func (k *labels) learn(epoch int64, tags ...tag.Tag) {
	if len(tags) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if epoch < k.epoch {
		return
	}
	if k.names == nil || epoch > k.epoch || len(k.names) >= maxLabels {
		k.epoch, k.names = epoch, map[string]string{}
	}
	for _, t := range tags {
		k.names[t.ID] = t.Name
	}
}

// meet notes the id of a name, for guess.
func (k *labels) meet(name, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ids == nil || len(k.ids) >= maxLabels {
		k.ids = map[string]string{}
	}
	k.ids[tag.Fold(name)] = id
}

// guess returns the id of a name as far as the process has met it, or "".
func (k *labels) guess(name string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ids[tag.Fold(name)]
}
