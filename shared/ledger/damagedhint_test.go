package ledger_test

import (
	"testing"
	"time"

	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

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
		"blocked":  table.In(s.ws, "blocked", shard),
	}
}

// stranger is where a contact would be that carried another value.
func (s *scene) stranger(index, id string) table.Key {
	switch index {
	case "email", "phone", "ext":
		return table.In(s.ws, "identity", index, "stranger").Row(id)
	case "vip", "blocked":
		return table.In(s.ws, index, shardOf(id)).Row(id)
	}
	return table.In(s.ws, index, "stranger", shardOf(id)).Row(id)
}

func hintDamages() (all []damage) {
	for _, index := range []string{"email", "phone", "ext", "owner", "follower", "vip", "blocked"} {
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
		if index == "vip" || index == "blocked" {
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
