package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/table"
)

// checkLogPage checks rows of the audit table, which are never changed. Entries
// of subjects that are there, or that left a former row, are checked with these;
// here are the others, and whether what stands in the workspace's log stands
// with its subject too.
func (v *verification) checkLogPage(ctx context.Context, t *trail, rows []table.Row) error {
	if v.closed() {
		return v.checkClosed(ctx, rows)
	}
	var subjects []string
	var entries, asides []logged
	for _, row := range rows {
		switch parts := row.Key.Partition().Parts(); {
		case len(parts) == 2 && parts[0] == "log":
			e, err := audit.Decode(row)
			if d := v.judgeLogged(row, &e, err); d != nil {
				v.add(d)
				continue
			}
			entries = append(entries, logged{contact: e.Subject, row: row, entry: e})
		case len(parts) == 2 && parts[0] == "of" && audit.AsideIn(row.Key):
			e, err := audit.Decode(row)
			if place, _ := audit.Places(v.ws, &e); err != nil || place != row.Key {
				v.add([]defect{v.finding(MisplacedRow, row.Key, parts[1], "an entry under another's id, or that cannot be read")})
				continue
			}
			asides = append(asides, logged{contact: e.Subject, row: row, entry: e})
			v.tally(func(r *Report) { r.Entries++ })
		case len(parts) == 2 && parts[0] == "of" && isSubject(parts[1]):
			if _, ok := audit.VersionIn(row.Key); !ok {
				v.add(v.unknown(row))
				continue
			}
			subjects = t.follow(subjects, parts[1])
			v.tally(func(r *Report) { r.Entries++ })
		default:
			v.add(v.unknown(row))
		}
	}
	if err := v.checkGone(ctx, subjects, true); err != nil {
		return err
	}
	if err := v.checkAsides(ctx, asides); err != nil {
		return err
	}
	return v.checkLogged(ctx, entries)
}

// judgeLogged looks at a row of the workspace's log by itself.
func (v *verification) judgeLogged(row table.Row, e *audit.Entry, unreadable error) []defect {
	if unreadable != nil {
		return []defect{v.finding(UnreadableRow, row.Key, "", "an entry that cannot be read")}
	}
	if _, place := audit.Places(v.ws, e); place != row.Key || !isSubject(e.Subject) {
		return []defect{v.finding(MisplacedRow, row.Key, e.Subject, "an entry under another's id, or in another shard")}
	}
	return nil
}

// checkLogged looks for entries of the workspace's log with their subjects.
func (v *verification) checkLogged(ctx context.Context, entries []logged) error {
	keys := make([]table.Key, len(entries))
	for i := range entries {
		keys[i], _ = audit.Places(v.ws, &entries[i].entry)
	}
	judge := func(e logged, stored map[table.Key]table.Row) []defect {
		key, _ := audit.Places(v.ws, &e.entry)
		if stored[key].Exists() || !v.lingers(e.row) {
			return nil
		}
		// The two are written side by side: the other one may be on its way. What
		// is in the workspace's log has no values to make it of.
		d := v.finding(EntryMissing, key, e.contact, "the entry stands only in the workspace's log")
		d.pending = true
		return []defect{d}
	}
	stored, err := getAll(ctx, v.ledger.log.Get, keys)
	if err != nil {
		return err
	}
	for i, e := range entries {
		err := v.confirm(ctx, judge(e, stored), SettingsKey(v.ws), func(ctx context.Context) ([]defect, error) {
			stored, err := getAll(ctx, v.ledger.log.Get, keys[i:i+1])
			if err != nil {
				return nil, err
			}
			return judge(e, stored), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
