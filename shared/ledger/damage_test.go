package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/seal"
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

func newScene(t *testing.T, wrap ...func(table.Driver) table.Driver) *scene {
	t.Helper()
	s := &scene{system: newSystem(t, wrap...)}
	stop := s.start()
	defer stop()
	s.policy(t, workspace.Reject) // so that there are heads
	s.maria = s.create(t, `{"firstName":"Maria","email":"maria@example.it","phone":"+393514117320",
		"externalIds":{"sap":"K-17"},"owner":"olga","followers":["fritz"],"vip":true}`)
	s.change(t, s.maria, `{"city":"Roma"}`)
	s.change(t, s.maria, `{"city":"Milano"}`)
	s.gone = s.create(t, `{"email":"gone@example.it"}`)
	s.delete(t, s.gone)
	s.token = s.NewID()
	now := instant.Of(s.Now())
	row := table.Row{Key: table.In(s.ws, "tokens").Row(s.token), Schema: 1, Doc: encode(t, map[string]any{"id": s.token, "createdAt": now})}
	if _, err := s.CreateToken(s.ctx, s.scope(t), ledger.Token{ID: s.token, Row: row}, ledger.Answer{}); err != nil {
		t.Fatal(err)
	}
	keyed := s.scope(t)
	keyed.Idempotency = ledger.NewIdempotency("user:1", "key", []byte("request"))
	if _, err := s.Update(s.ctx, keyed, contact.ByID(s.maria), ledger.Operation{Apply: patch(t, `{}`).Apply, Answer: answerID}); err != nil {
		t.Fatal(err)
	}
	s.idle(t)
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
				s := newScene(t)
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
			})
		}
	}
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
		for _, value := range []string{"maria", "Maria", "example", "3514117320", "K-17", "olga", "fritz", "stranger"} {
			if strings.Contains(f.Key, value) || strings.Contains(f.Detail, value) {
				t.Errorf("a finding shows %q: %+v", value, f)
			}
		}
	}
}

var rowDamages = []damage{
	{"ARowOfNoKind", func(t *testing.T, s *scene) {
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "maria@example.it", "x").Row("Maria")})
		s.put(t, s.main, table.Row{Key: table.In(s.ws).Row("x")})
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "settings", "x").Row("-")})
	}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
	{"AHistoryRowOfNoKind", func(t *testing.T, s *scene) {
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "of", s.maria).Row("secret/maria")})
	}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
	{"AnAuditRowOfNoKind", func(t *testing.T, s *scene) {
		s.put(t, s.audit, table.Row{Key: table.In(s.ws, "stranger").Row("x"), Doc: []byte(`{}`)})
		s.put(t, s.audit, table.Row{Key: table.In(s.ws, "of", s.maria).Row("x"), Doc: []byte(`{}`)})
	}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
	{"AContactThatCannotBeRead", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.contactRow(t), map[string]any{"version": "maria"})
	}, kinds(ledger.UnreadableRow), kinds(ledger.UnreadableRow)},
	{"AContactOfANewerSchema", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		row.Schema = 99
		s.put(t, s.main, row)
	}, kinds(ledger.UnreadableRow), kinds(ledger.UnreadableRow)},
	{"AContactInAnotherShard", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		row.Key = table.In(s.ws, "contacts", other(s.maria)).Row(s.maria)
		s.put(t, s.main, row)
	}, kinds(ledger.MisplacedRow), kinds(ledger.MisplacedRow)},
	{"AContactUnderAnothersID", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		row.Key = ledger.ContactKey(s.ws, ulid.InShard(s.NewID(), 3))
		s.put(t, s.main, row)
	}, kinds(ledger.MisplacedRow), kinds(ledger.MisplacedRow)},
	{"AContactThatExpires", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		row.Expires = s.Now().Add(time.Hour)
		s.put(t, s.main, row)
	}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
	{"AContactWithAnAddressTwice", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.contactRow(t), map[string]any{"otherEmails": []string{"MARIA@example.it"}})
	}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
	{"SettingsWithoutShards", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.row(t, s.main, "settings"), map[string]any{"shards": 0})
	}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
	{"ATokenUnderAnothersID", func(t *testing.T, s *scene) {
		row := s.row(t, s.main, "tokens")
		row.Key = table.In(s.ws, "tokens").Row(s.NewID())
		s.put(t, s.main, row)
	}, kinds(ledger.MisplacedRow), kinds(ledger.MisplacedRow)},
	{"ATokenWithoutAChange", func(t *testing.T, s *scene) {
		id := s.NewID()
		doc := encode(t, map[string]any{"id": id, "createdAt": instant.Of(s.Now())})
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "tokens").Row(id), Doc: doc})
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"ATokenThatVanished", func(t *testing.T, s *scene) {
		s.remove(t, s.main, s.row(t, s.main, "tokens").Key)
	}, kinds(ledger.Vanished), kinds(ledger.Vanished)},
	{"AKeptAnswerThatCannotBeRead", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.row(t, s.main, "idempotency"), map[string]any{"answer": "maria"})
	}, kinds(ledger.UnreadableRow), kinds(ledger.UnreadableRow)},
	{"AKeptAnswerUnderAnotherKey", func(t *testing.T, s *scene) {
		row := s.row(t, s.main, "idempotency")
		row.Key = table.In(s.ws, "idempotency", "stranger").Row("-")
		s.put(t, s.main, row)
	}, kinds(ledger.Sealed), kinds(ledger.Sealed)},
	{"AKeptAnswerThatStays", func(t *testing.T, s *scene) {
		row := s.row(t, s.main, "idempotency")
		row.Expires = time.Time{}
		s.put(t, s.main, row)
	}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
}

// places are the partitions of the scene's contact in every index.
func (s *scene) places() map[string]table.Partition {
	shard := shardOf(s.maria)
	return map[string]table.Partition{
		"email":    table.In(s.ws, "identity", "email", "maria@example.it"),
		"phone":    table.In(s.ws, "identity", "phone", "+393514117320"),
		"ext":      table.In(s.ws, "identity", "ext", "sap:K-17"),
		"owner":    table.In(s.ws, "owner", "olga", shard),
		"follower": table.In(s.ws, "follower", "fritz", shard),
		"vip":      table.In(s.ws, "vip", shard),
	}
}

// stranger is where a contact would be that carried another value.
func (s *scene) stranger(index, id string) table.Key {
	switch index {
	case "email", "phone", "ext":
		return table.In(s.ws, "identity", index, "stranger").Row(id)
	case "vip":
		return table.In(s.ws, "vip", shardOf(id)).Row(id)
	}
	return table.In(s.ws, index, "stranger", shardOf(id)).Row(id)
}

func hintDamages() (all []damage) {
	for _, index := range []string{"email", "phone", "ext", "owner", "follower", "vip"} {
		all = append(all,
			damage{"AMissingHint/" + index, func(t *testing.T, s *scene) {
				s.remove(t, s.main, s.places()[index].Row(s.maria))
			}, kinds(ledger.HintMissing), nil},
			damage{"AHintOfNobody/" + index, func(t *testing.T, s *scene) {
				s.put(t, s.main, table.Row{Key: s.stranger(index, ulid.InShard(s.NewID(), 5))})
			}, kinds(ledger.HintOrphaned), nil},
			damage{"AHintOfOneWhoIsGone/" + index, func(t *testing.T, s *scene) {
				s.put(t, s.main, table.Row{Key: s.stranger(index, s.gone)})
			}, kinds(ledger.HintOrphaned), nil},
			damage{"AHintWithADocument/" + index, func(t *testing.T, s *scene) {
				s.put(t, s.main, table.Row{Key: s.places()[index].Row(s.maria), Doc: []byte(`{"maria":1}`)})
			}, kinds(ledger.MalformedRow), nil},
			damage{"AHintThatExpires/" + index, func(t *testing.T, s *scene) {
				s.put(t, s.main, table.Row{Key: s.places()[index].Row(s.maria), Expires: s.Now().Add(time.Hour)})
			}, kinds(ledger.MalformedRow), nil},
		)
		if index == "vip" {
			continue
		}
		all = append(all,
			damage{"AHintThatIsNotCarried/" + index, func(t *testing.T, s *scene) {
				s.put(t, s.main, table.Row{Key: s.stranger(index, s.maria)})
			}, kinds(ledger.HintOrphaned), nil},
			damage{"AMarkThatNobodyReindexes/" + index, func(t *testing.T, s *scene) {
				s.edit(t, s.main, s.contactRow(t), map[string]any{"stale": []map[string]string{{"i": index, "v": "stranger"}}})
				s.put(t, s.main, table.Row{Key: s.stranger(index, s.maria)})
			}, kinds(ledger.StaleLeft), nil},
		)
	}
	return append(all,
		damage{"AMarkWithoutItsHint", func(t *testing.T, s *scene) {
			s.edit(t, s.main, s.contactRow(t), map[string]any{"stale": []map[string]string{{"i": "email", "v": "stranger"}}})
		}, kinds(ledger.StaleLeft, ledger.HintMissing), nil},
		damage{"AMarkOfAHintThatIsTrue", func(t *testing.T, s *scene) {
			s.edit(t, s.main, s.contactRow(t), map[string]any{"stale": []map[string]string{{"i": "email", "v": "maria@example.it"}}})
		}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
		damage{"AMarkOfNoIndex", func(t *testing.T, s *scene) {
			s.edit(t, s.main, s.contactRow(t), map[string]any{"stale": []map[string]string{{"i": "stranger", "v": "x"}}})
		}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
		damage{"AHintInAnotherShard", func(t *testing.T, s *scene) {
			s.put(t, s.main, table.Row{Key: table.In(s.ws, "owner", "olga", other(s.maria)).Row(s.maria)})
		}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
		damage{"AHintOfNoContact", func(t *testing.T, s *scene) {
			s.put(t, s.main, table.Row{Key: table.In(s.ws, "identity", "email", "maria@example.it").Row("maria")})
		}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
		damage{"AHeadThatStays", func(t *testing.T, s *scene) {
			s.put(t, s.main, table.Row{Key: table.In(s.ws, "identity", "email", "maria@example.it").Row("-")})
		}, kinds(ledger.MalformedRow), nil},
		damage{"AHeadWithADocument", func(t *testing.T, s *scene) {
			s.put(t, s.main, table.Row{
				Key: table.In(s.ws, "identity", "email", "maria@example.it").Row("-"), Doc: []byte(`{"n":1}`), Expires: s.Now().Add(time.Minute),
			})
		}, kinds(ledger.MalformedRow), nil},
	)
}

var historyDamages = []damage{
	{"AChangeThatIsNotInTheLog", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.maria, 2)
		s.remove(t, s.audit, own.Key, log.Key)
	}, kinds(ledger.EntryMissing), nil},
	{"AnEntryMissingWithItsSubject", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 2)
		s.remove(t, s.audit, own.Key)
	}, kinds(ledger.EntryMissing), nil},
	{"AnEntryMissingInTheWorkspacesLog", func(t *testing.T, s *scene) {
		_, log := s.entry(t, s.maria, 2)
		s.remove(t, s.audit, log.Key)
	}, kinds(ledger.EntryMissing), nil},
	{"AnEntryOfWhichOnlyTheWorkspacesLogTells", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 2)
		s.remove(t, s.audit, own.Key)
		s.remove(t, s.main, s.record(t, s.maria, 2).Key)
	}, kinds(ledger.EntryMissing, ledger.VersionMissing), kinds(ledger.EntryMissing, ledger.VersionMissing)},
	{"AChangeThatNothingTellsOf", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.maria, 2)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, s.maria, 2).Key)
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"TheFirstChangeLost", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.maria, 1)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, s.maria, 1).Key)
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"TheLastChangeLost", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.maria, 3)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, s.maria, 3).Key)
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"AChangeOfTheSettingsLost", func(t *testing.T, s *scene) {
		own, log := s.entry(t, "workspace", 2)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, "workspace", 2).Key)
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"AChangeOfATokenThatIsNotInTheLog", func(t *testing.T, s *scene) {
		own, log := s.entry(t, "token:"+s.token, 1)
		s.remove(t, s.audit, own.Key, log.Key)
	}, kinds(ledger.EntryMissing), nil},
	{"AnEntryThatWasAltered", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 2)
		s.edit(t, s.audit, own, map[string]any{"action": "contact.assigned"})
	}, kinds(ledger.EntryAltered), kinds(ledger.EntryAltered)},
	{"ACopyThatWasAltered", func(t *testing.T, s *scene) {
		_, log := s.entry(t, s.maria, 2)
		s.edit(t, s.audit, log, map[string]any{"requestId": "stranger"})
	}, kinds(ledger.EntryAltered), kinds(ledger.EntryAltered)},
	{"TwoEntriesOfOneVersion", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 2)
		e := s.decoded(t, own)
		e.ID, e.Sealed, e.Members = s.NewID(), "", nil
		s.forge(t, e)
	}, kinds(ledger.VersionTwice), kinds(ledger.VersionTwice)},
	{"AnEntryOfAVersionThatNeverWas", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 3)
		e := s.decoded(t, own)
		e.ID, e.Version, e.Sealed, e.Members = s.NewID(), 4, "", nil
		s.forge(t, e)
	}, kinds(ledger.VersionUnknown), kinds(ledger.VersionUnknown)},
	{"AnEntryInAnotherShard", func(t *testing.T, s *scene) {
		_, log := s.entry(t, s.maria, 2)
		log.Key = table.In(s.ws, "log", other(s.maria)).Row(log.Key.SK())
		s.put(t, s.audit, log)
	}, kinds(ledger.MisplacedRow), kinds(ledger.MisplacedRow)},
	{"AnEntryWithAnotherSubject", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.maria, 3)
		own.Key = table.In(s.ws, "of", "workspace").Row(own.Key.SK())
		s.put(t, s.audit, own)
	}, kinds(ledger.MisplacedRow, ledger.VersionUnknown), kinds(ledger.MisplacedRow, ledger.VersionUnknown)},
	{"AnEntryThatCannotBeRead", func(t *testing.T, s *scene) {
		_, log := s.entry(t, s.maria, 2)
		s.edit(t, s.audit, log, map[string]any{"version": "maria"})
	}, kinds(ledger.UnreadableRow, ledger.EntryAltered), kinds(ledger.UnreadableRow, ledger.EntryAltered)},
	{"AChangeRecordThatCannotBeRead", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.record(t, s.maria, 2), map[string]any{"version": "maria"})
	}, kinds(ledger.UnreadableRow), kinds(ledger.UnreadableRow)},
	{"AChangeRecordUnderAnotherVersion", func(t *testing.T, s *scene) {
		row := s.record(t, s.maria, 2)
		row.Key = table.In(s.ws, "of", s.maria).Row("change/" + audit.VersionText(9))
		s.put(t, s.main, row)
	}, kinds(ledger.MisplacedRow, ledger.VersionUnknown, ledger.VersionMissing), kinds(ledger.MisplacedRow, ledger.VersionUnknown, ledger.VersionMissing)},
	{"AContactWithAnotherKey", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.contactRow(t), map[string]any{"key": seal.NewKey()})
	}, kinds(ledger.Sealed), kinds(ledger.Sealed)},
	{"AWorkspaceWithAnotherKey", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.row(t, s.main, "settings"), map[string]any{"key": seal.NewKey()})
	}, kinds(ledger.Sealed), kinds(ledger.Sealed)},
}

var goneDamages = []damage{
	{"ADeletionThatNobodyPurged", func(t *testing.T, s *scene) {
		s.delete(t, s.maria)
	}, kinds(ledger.NotPurged, ledger.EntryMissing), nil},
	{"AHintThatAPurgeLeft", func(t *testing.T, s *scene) {
		s.delete(t, s.maria)
		s.put(t, s.main, table.Row{Key: s.places()["email"].Row(s.maria)})
	}, kinds(ledger.NotPurged, ledger.EntryMissing, ledger.HintOrphaned), nil},
	{"ADeletionThatIsNotInTheLog", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.gone, 2)
		s.remove(t, s.audit, own.Key, log.Key)
	}, kinds(ledger.EntryMissing), nil},
	{"AChangeBeforeADeletionLost", func(t *testing.T, s *scene) {
		own, log := s.entry(t, s.gone, 1)
		s.remove(t, s.audit, own.Key, log.Key)
	}, kinds(ledger.VersionMissing), kinds(ledger.VersionMissing)},
	{"HistoryAfterAPurge", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.gone, 1)
		s.put(t, s.main, table.Row{
			Key: table.In(s.ws, "of", s.gone).Row("change/" + audit.VersionText(1)), Schema: 1, Doc: own.Doc, Expires: s.Now().Add(time.Hour),
		})
	}, kinds(ledger.HistoryLeft), nil},
	{"HistoryOfOneWhoIsLongGone", func(t *testing.T, s *scene) {
		own, _ := s.entry(t, s.gone, 1)
		s.put(t, s.main, table.Row{
			Key: table.In(s.ws, "of", s.gone).Row("change/" + audit.VersionText(1)), Schema: 1, Doc: own.Doc, Expires: s.Now().Add(time.Hour),
		})
		s.remove(t, s.main, s.row(t, s.main, "former").Key)
	}, kinds(ledger.HistoryLeft), nil},
	{"AContactThatVanished", func(t *testing.T, s *scene) {
		s.remove(t, s.main, s.contactRow(t).Key)
	}, kinds(ledger.Vanished, ledger.HistoryLeft, ledger.HintOrphaned), kinds(ledger.Vanished, ledger.HistoryLeft)},
	{"AContactThatVanishedFromTheMainTable", func(t *testing.T, s *scene) {
		s.remove(t, s.main, s.contactRow(t).Key)
		for _, p := range s.places() {
			s.remove(t, s.main, p.Row(s.maria))
		}
		for v := range int64(3) {
			s.remove(t, s.main, s.record(t, s.maria, v+1).Key)
		}
	}, kinds(ledger.Vanished), kinds(ledger.Vanished)},
	{"AContactBesideItsDeletion", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		s.delete(t, s.maria)
		if _, err := s.Repair(context.Background(), s.ws); err != nil {
			t.Fatal(err)
		}
		s.put(t, s.main, row)
	}, kinds(ledger.Returned, ledger.HintMissing, ledger.VersionUnknown), kinds(ledger.Returned, ledger.HintMissing, ledger.VersionUnknown)},
	{"AContactRestoredAfterItsDeletion", func(t *testing.T, s *scene) {
		row := s.contactRow(t)
		hints := s.places()
		s.delete(t, s.maria)
		if _, err := s.Repair(context.Background(), s.ws); err != nil {
			t.Fatal(err)
		}
		s.put(t, s.main, row)
		for _, p := range hints {
			s.put(t, s.main, table.Row{Key: p.Row(s.maria)})
		}
		s.remove(t, s.main, table.In(s.ws, "former", s.maria).Row("-"))
	}, kinds(ledger.Returned, ledger.VersionUnknown), kinds(ledger.Returned, ledger.VersionUnknown)},
	{"AFormerContactOfAnother", func(t *testing.T, s *scene) {
		row := s.row(t, s.main, "former")
		row.Key = table.In(s.ws, "former", ulid.InShard(s.NewID(), 1)).Row("-")
		s.put(t, s.main, row)
	}, kinds(ledger.MisplacedRow), kinds(ledger.MisplacedRow)},
	{"AFormerContactThatStays", func(t *testing.T, s *scene) {
		row := s.row(t, s.main, "former")
		row.Expires = time.Time{}
		s.put(t, s.main, row)
	}, kinds(ledger.MalformedRow), kinds(ledger.MalformedRow)},
	{"AFormerContactOfNobody", func(t *testing.T, s *scene) {
		s.put(t, s.main, table.Row{Key: table.In(s.ws, "former", "maria").Row("-"), Doc: []byte(`{}`)})
	}, kinds(ledger.UnknownRow), kinds(ledger.UnknownRow)},
}
