package ledger_test

import (
	"context"
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

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
	{"AChangeOfTheFieldsLost", func(t *testing.T, s *scene) {
		own, log := s.entry(t, "fields", 1)
		s.remove(t, s.audit, own.Key, log.Key)
		s.remove(t, s.main, s.record(t, "fields", 1).Key)
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
