package ledger

import (
	"context"
	"time"

	"rubrica/shared/channel"
	"rubrica/shared/table"
)

// checkAccounts checks the row of all accounts, and their history.
func (v *verification) checkAccounts(ctx context.Context, _ *trail, rows []table.Row) error {
	return v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var set channel.Set
		if d := v.decode(row, accountsSchema, &set, ""); d != nil {
			return nil, d
		}
		switch {
		case row.Key != accountsKey(v.ws):
			return nil, v.unknown(row)
		case set.Version < 1 || !row.Expires.IsZero():
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version, or it expires")}
		}
		return &timeline{subject: accountsSubject, keys: v.keysOf(accountsSubject), version: set.Version, since: v.scope.Settings.CreatedAt}, nil
	})
}

// checkEvents checks what says that events were handled.
func (v *verification) checkEvents(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		err := v.checkRow(ctx, row, func(row table.Row) []defect {
			switch {
			case row.Key.SK() != alone:
				return []defect{v.finding(MisplacedRow, row.Key, "", "no event")}
			case row.Expires.IsZero() || row.Expires.After(v.ledger.now().Add(eventFor+time.Minute)) || len(row.Doc) > 0:
				return []defect{v.finding(MalformedRow, row.Key, "", "it has a document, or does not expire in time")}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
