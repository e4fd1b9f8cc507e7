package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
	"rubrica/shared/workspace"
)

// scene is a workspace in which a bit of everything has happened, all worked off
// and clean, and its consumers stopped.
type scene struct {
	*system
	maria string // a contact of every index, at version 3
	gone  string // a contact that was deleted and purged
	token string // the id of an API token
}

// block has a contact blocked.
func (s *scene) block(t *testing.T, id string) {
	t.Helper()
	if _, err := s.Update(s.ctx, s.scope(t), contact.ByID(id), ledger.Operation{
		Action: audit.ContactBlocked, Answer: answerID,
		Apply: func(c contact.Contact) (contact.Contact, error) {
			return contact.Blocked(c, contact.Block{ByType: "user", By: "olga", Reason: "Spam"})
		},
	}); err != nil {
		t.Fatal(err)
	}
}

func newScene(t *testing.T, wrap ...func(table.Driver) table.Driver) *scene {
	t.Helper()
	s := &scene{system: newSystem(t, wrap...)}
	s.policy(t, workspace.Reject) // so that there are heads
	s.maria = s.create(t, `{"firstName":"Maria","email":"maria@example.it","phone":"+393514117320",
		"externalIds":{"sap":"K-17"},"owner":"olga","followers":["fritz"],"vip":true}`)
	s.change(t, s.maria, `{"city":"Roma"}`)
	s.block(t, s.maria)
	s.gone = s.create(t, `{"email":"gone@example.it"}`)
	s.delete(t, s.gone)
	s.token = s.NewID()
	now := instant.Of(s.Now())
	row := table.Row{Key: table.In(s.ws, "tokens").Row(s.token), Schema: 1, Doc: encode(t, map[string]any{"id": s.token, "createdAt": now})}
	if _, err := s.CreateToken(s.ctx, s.scope(t), ledger.Token{ID: s.token, Row: row}, ledger.Answer{}); err != nil {
		t.Fatal(err)
	}
	_, err := s.ChangeFields(s.ctx, s.scope(t), func(set field.Set) (ledger.FieldsChange, error) {
		set.Moved = map[string]int{"contact": 3}
		return ledger.FieldsChange{Set: set, Action: audit.FolderUpdated, Changes: []contact.Change{{Field: "position", To: 3}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keyed := s.scope(t)
	keyed.Idempotency = ledger.NewIdempotency("user:1", "key", []byte("request"))
	if _, err := s.Update(s.ctx, keyed, contact.ByID(s.maria), ledger.Operation{Apply: patch(t, `{}`).Apply, Answer: answerID}); err != nil {
		t.Fatal(err)
	}
	s.drain(t)
	s.mustBeClean(t)
	return s
}

func encode(t tester, doc any) []byte {
	t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// edit changes members of a row's document and puts it back.
func (s *scene) edit(t *testing.T, in *table.Table, row table.Row, members map[string]any) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(row.Doc, &doc); err != nil {
		t.Fatal(err)
	}
	maps.Copy(doc, members)
	row.Doc = encode(t, doc)
	s.put(t, in, row)
}

func (s *scene) contactRow(t *testing.T) table.Row {
	t.Helper()
	row, err := s.main.GetOne(s.ctx, ledger.ContactKey(s.ws, s.maria))
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func shardOf(id string) string { return fmt.Sprint(ulid.ShardOf(id)) }

// other is a shard that the id is not in.
func other(id string) string { return fmt.Sprint((ulid.ShardOf(id) + 1) % 32) }

func (s *scene) record(t *testing.T, subject string, version int64) table.Row {
	t.Helper()
	row, err := s.main.GetOne(s.ctx, table.In(s.ws, "of", subject).Row("change/"+audit.VersionText(version)))
	if err != nil || !row.Exists() {
		t.Fatal("no change record", err)
	}
	return row
}

// entry returns the two copies of an entry in the log.
func (s *scene) entry(t *testing.T, subject string, version int64) (own, log table.Row) {
	t.Helper()
	for _, row := range s.rows(t, s.audit, "of", subject) {
		if strings.HasPrefix(row.Key.SK(), audit.VersionText(version)) {
			own = row
		}
	}
	e, err := audit.Decode(own)
	if err != nil {
		t.Fatal(err)
	}
	_, key := audit.Places(s.ws, &e)
	log, err = s.audit.GetOne(s.ctx, key)
	if err != nil || !log.Exists() {
		t.Fatal("no entry in the log", err)
	}
	return own, log
}

// forge stores an entry as if the log had it from somewhere.
func (s *scene) forge(t *testing.T, e audit.Entry) {
	t.Helper()
	if err := audit.NewLog(s.audit).Append(s.ctx, s.ws, 100, e); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) decoded(t *testing.T, row table.Row) audit.Entry {
	t.Helper()
	e, err := audit.Decode(row)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// damage is something wrong with the store.
type damage struct {
	name string
	do   func(*testing.T, *scene)
	// found are the kinds that Verify finds, left those that Repair leaves.
	found, left []ledger.FindingKind
}

func kinds(k ...ledger.FindingKind) []ledger.FindingKind { return k }

// TestVerifyFindsDamageAndRepairMendsIt damages the store behind the ledger's
// back, one class of findings after the other.
func TestVerifyFindsDamageAndRepairMendsIt(t *testing.T) {
	t.Parallel()
	for _, group := range [][]damage{rowDamages, hintDamages(), historyDamages, goneDamages} {
		for _, d := range group {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				d.check(t, newScene(t))
			})
		}
	}
}

// check does the damage to a scene, and has it found and mended.
func (d *damage) check(t *testing.T, s *scene) {
	t.Helper()
	d.do(t, s)
	found := s.mustVerify(t, ledger.Idle())
	expectKinds(t, "Verify", found, d.found)
	repairs, err := s.Repair(context.Background(), s.ws)
	if err != nil {
		t.Fatal(err)
	}
	expectKinds(t, "Repair left", repairs.Left, d.left)
	if len(d.found) > len(d.left) && len(repairs.Mended) == 0 {
		t.Errorf("Repair says that it mended nothing")
	}
	after := s.mustVerify(t, ledger.Idle())
	expectKinds(t, "Verify after Repair", after, d.left)
	noPersonalValues(t, found)
}

func expectKinds(t *testing.T, what string, r ledger.Report, want []ledger.FindingKind) {
	t.Helper()
	have := slices.Sorted(maps.Keys(r.Found))
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(have, want) {
		t.Errorf("%s: %v, want %v\n%+v", what, have, want, r.Findings)
	}
	if r.Busy != 0 || r.Pending != 0 {
		t.Errorf("%s: %d busy, %d pending", what, r.Busy, r.Pending)
	}
}

// noPersonalValues looks for the scene's values in what a report shows.
func noPersonalValues(t *testing.T, r ledger.Report) {
	t.Helper()
	for _, f := range r.Findings {
		key := f.Key[strings.IndexAny(f.Key, "/ "):] // behind the workspace, whose name is drawn by chance
		for _, value := range []string{"maria", "Maria", "example", "3514117320", "K-17", "olga", "fritz", "stranger"} {
			if strings.Contains(key, value) || strings.Contains(f.Detail, value) {
				t.Errorf("a finding shows %q: %+v", value, f)
			}
		}
	}
}
