package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Repairs is what Repair did.
type Repairs struct {
	// Mended counts findings that are mended, by kind.
	Mended map[FindingKind]int
	// Left is what only a person can put right, with what was looked at.
	Left Report
}

// Repair walks a workspace as Verify does and mends what it finds, as far as
// what is stored says beyond doubt how it must be:
//
//   - changes that are not in the audit log, or in half of it, are copied to it
//     from their records (EntryMissing)
//   - contacts that were deleted and not purged are purged (NotPurged), also
//     where there is nothing but their history left (HistoryLeft)
//   - hints marked as stale are removed (StaleLeft), missing ones written again
//     (HintMissing), those of nobody removed (HintOrphaned), and hints and heads
//     that are more than empty rows made such (MalformedRow)
//   - values that several contacts share are listed, others are not
//     (SuggestionWrong)
//   - counts are counted again (CountWrong), and deleted tags and companies are
//     taken from those who carry them (CarriedOn)
//
// With EraseReturned it deletes once more who is back though a change says that
// they were deleted (Returned).
//
// It invents nothing: a change that is recorded nowhere stays lost. All of it is
// idempotent and safe beside writers: each mend is a transaction on the revision
// of the contact that it was derived from, or what a consumer does as well.
func (l *Ledger) Repair(ctx context.Context, ws tenant.Workspace, options ...RepairOption) (Repairs, error) {
	ctx = tenant.Bind(ctx, ws)
	v, err := l.newVerification(ctx, ws)
	if err != nil {
		return Repairs{}, err
	}
	if v.closed() {
		return Repairs{}, problem.New(problem.NotFound, "The workspace is closed; closing it again removes what is left of it.")
	}
	v.scope.Actor = audit.Actor{Type: audit.System, ID: "repair"}
	v.idle, v.mending = true, true
	for _, set := range options {
		set(v)
	}
	err = v.walk(ctx)
	return Repairs{Mended: v.mended, Left: v.sorted()}, err
}

// dropHistory removes what is left of the history of a contact that is gone;
// change records only once they are in the audit log.
func (v *verification) dropHistory(ctx context.Context, id string) error {
	const rows = table.MaxActions - 1
	for {
		page, err := v.ledger.table.Query(ctx, table.Range{Of: historyOf(v.ws, id), Limit: rows})
		if err != nil {
			return unavailable("reading a history", err)
		}
		var entries []audit.Entry
		actions := []table.Action{table.Check(ContactKey(v.ws, id), table.Absent())}
		for _, row := range page.Rows {
			actions = append(actions, table.Delete(row.Key))
			if !isChange(row.Key) {
				continue
			}
			e, err := EntryIn(row)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		if len(page.Rows) > 0 {
			if err := v.ledger.Log(ctx, v.own(), entries...); err != nil {
				return err
			}
			if err := v.write(ctx, actions...); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
	}
}
