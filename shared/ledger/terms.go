package ledger

import (
	"context"
	"sync"

	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
)

// Terms returns the workspace's words for all that the given contacts carry:
// fields, and the names of their tags. Both are at least as new as the settings
// of the scope and as the contacts. They are kept in the process, fields by their
// version and names by the epoch, so that this costs a round trip only for what
// the process has not met since it changed.
func (l *Ledger) Terms(ctx context.Context, s *Scope, of ...contact.Contact) (*contact.Terms, error) {
	fields, err := l.Fields(ctx, s, of...)
	if err != nil {
		return nil, err
	}
	s.terms.Fields = fields
	var unknown []string
	for i := range of {
		for _, id := range of[i].Tags {
			if _, ok := s.terms.Tags[id]; !ok {
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) == 0 {
		return &s.terms, nil
	}
	kept := l.labelsOf(s.Workspace)
	for i, name := range kept.lookup(s.Settings.Epoch, unknown) {
		if name.known {
			s.name(unknown[i], name.text)
			unknown[i] = ""
		}
	}
	return &s.terms, l.readNames(ctx, s, unknown)
}

// Shown are the terms as Terms last returned them: to answer with a contact in
// those that it was committed in.
func (s *Scope) Shown() *contact.Terms { return &s.terms }

// name notes the name of a tag; "" says that there is none, and never will be.
func (s *Scope) name(id, name string) {
	if s.terms.Tags == nil {
		s.terms.Tags = map[string]string{}
	}
	s.terms.Tags[id] = name
}

// readNames reads the names of tags, "" among the ids passed over.
func (l *Ledger) readNames(ctx context.Context, s *Scope, ids []string) error {
	var missing []string
	for _, id := range ids {
		if _, ok := s.terms.Tags[id]; id != "" && !ok {
			missing = append(missing, id)
			s.name(id, "") // once is enough
		}
	}
	keys := make([]table.Key, len(missing))
	for i, id := range missing {
		keys[i] = tagKey(s.Workspace, id)
	}
	rows, err := l.read(ctx, keys...) // not what was read ahead: that may be older than the settings
	if err != nil {
		return err
	}
	kept := l.labelsOf(s.Workspace)
	for i, id := range missing {
		t, err := decodeTag(rows[i])
		if err != nil {
			return err
		}
		s.name(id, t.shown())
		kept.learn(s.Settings.Epoch, tag.Tag{ID: id, Name: t.shown()})
	}
	return nil
}

// labels are the names of a workspace's tags that a process has met. They hold
// for one epoch: whatever renames or deletes a tag raises it.
type labels struct {
	mu    sync.Mutex
	epoch int64
	names map[string]string // by id, "" of tags that are no more
	ids   map[string]string // by folded name, of whatever epoch
	count tagCount
}

type label struct {
	text  string
	known bool
}

// maxLabels is how many names are kept of one workspace: all that it may have,
// and as many that were deleted.
const maxLabels = 2 * tag.MaxPerWorkspace

func (l *Ledger) labelsOf(ws tenant.Workspace) *labels {
	if kept, ok := l.labels.Load(ws); ok {
		return kept.(*labels)
	}
	kept, _ := l.labels.LoadOrStore(ws, &labels{})
	return kept.(*labels)
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
