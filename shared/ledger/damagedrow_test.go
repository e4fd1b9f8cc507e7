package ledger_test

import (
	"testing"
	"time"

	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

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
	{"FieldsThatCannotBeRead", func(t *testing.T, s *scene) {
		s.edit(t, s.main, s.row(t, s.main, "fields"), map[string]any{"version": "maria"})
	}, kinds(ledger.UnreadableRow), kinds(ledger.UnreadableRow)},
	{"FieldsThatVanished", func(t *testing.T, s *scene) {
		s.remove(t, s.main, s.row(t, s.main, "fields").Key)
	}, kinds(ledger.Vanished), kinds(ledger.Vanished)},
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
