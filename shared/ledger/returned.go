package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/table"
)

// RepairOption says what Repair does beside what it always does.
type RepairOption func(*verification)

// EraseReturned lets Repair delete once more every contact that is there though
// a change, in its history or in the audit log, says that it was deleted. That is
// what restoring the main table from a point in time brings back: the row, the
// key that opens the values in the log, all by which it is found, its history.
//
// It is the deletion of DELETE, with a change record and an entry of its own, by
// the actor, at the version behind the newest that is told of; and the purge,
// without waiting for the queue. No deletion is taken back in any other way, so
// one that is told of is reason enough. Idempotent: those erased are not there.
//
// A deletion that the log no longer holds, since its retention ended, is not seen.
func EraseReturned(actor audit.Actor, requestID string) RepairOption {
	return func(v *verification) {
		v.erasing = true
		v.scope.Actor, v.scope.RequestID = actor, requestID
	}
}

// returned says that a contact is there that was deleted; was is the row of its
// deletion, if there is one. Nothing else of it is mended: who was erased must not
// be found again.
func (v *verification) returned(row table.Row, c *record, told *timeline, was table.Row, found []defect) []defect {
	for i := range found {
		found[i].mend = nil
	}
	d := v.finding(Returned, row.Key, c.ID, "the contact was deleted, and is there")
	if v.erasing {
		d.mend = func(ctx context.Context) error { return v.erase(ctx, stored{*c, row}, told, was) }
	}
	return append(found, d)
}

// erase deletes a contact that had been deleted. errRaced if somebody was faster.
func (v *verification) erase(ctx context.Context, c stored, told *timeline, was table.Row) error {
	s := v.own()
	earlier := grave{row: was, version: told.last.Version}
	deleted := told.deleted
	if was.Exists() {
		var f former
		if err := f.decode(was); err != nil {
			return err
		}
		// The row is the only record of the earlier deletion, and written over.
		if err := v.ledger.Log(ctx, s, f.Change); err != nil {
			return err
		}
		earlier.rest, earlier.seats, earlier.version = f.Rest, f.Seats, max(earlier.version, f.Change.Version)
		deleted = deleted || f.Deleted
	}
	if !deleted {
		return nil // it was no deletion: for a person to look at
	}
	if _, err := v.ledger.remove(ctx, s, c, earlier); err != nil {
		return err
	}
	if err := v.logDeletion(ctx, c.ID); err != nil {
		return err
	}
	return v.ledger.Purge(ctx, s, c.ID)
}

// logDeletion copies a deletion to the log at once: on one machine no relay runs
// beside the operator's commands.
func (v *verification) logDeletion(ctx context.Context, id string) error {
	row, err := v.ledger.table.GetOne(ctx, formerKey(v.ws, id))
	if err != nil {
		return unavailable("reading a deletion", err)
	}
	e, err := EntryIn(row)
	if err != nil {
		return err
	}
	return v.ledger.Log(ctx, v.own(), e)
}
