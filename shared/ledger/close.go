package ledger

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// CloseWorkspace deletes a workspace and all that it holds, audit log included,
// and returns how many rows that were. For the operator. First the settings
// become a tombstone without a key, which nobody gets past and which keeps the
// name from being used again; then, after the given time for calls and messages
// that began before, both tables are scanned until nothing is left. Begun again
// after a crash it goes on. problem.NotFound if there never was one.
func (l *Ledger) CloseWorkspace(ctx context.Context, ws tenant.Workspace, actor audit.Actor, requestID string, inFlight time.Duration) (int, error) {
	ctx = tenant.Bind(ctx, ws)
	s := &Scope{Workspace: ws, Actor: actor, RequestID: requestID}
	_, err := l.retry(ctx, s, func() (Answer, error) { return Answer{}, l.bury(ctx, s) })
	if err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, unavailable("waiting for what is running", ctx.Err())
	case <-time.After(inFlight):
	}
	total := 0
	for {
		rows, err := eraseAll(ctx, l.table.Scan, func(ctx context.Context, keys []table.Key) error { return l.table.Batch(ctx, nil, keys) }, SettingsKey(ws))
		if err != nil {
			return total, err
		}
		entries, err := eraseAll(ctx, l.log.Scan, l.log.Erase, SettingsKey(ws))
		if err != nil {
			return total, err
		}
		if rows+entries == 0 {
			return total, nil
		}
		total += rows + entries
	}
}

// bury makes the settings of a workspace a tombstone, unless they are one.
func (l *Ledger) bury(ctx context.Context, s *Scope) error {
	row, err := l.table.GetOne(ctx, SettingsKey(s.Workspace))
	if err != nil {
		return unavailable("reading the workspace", err)
	}
	if !row.Exists() {
		return problem.New(problem.NotFound, "There is no workspace of this name.")
	}
	if err := decode(row, settingsSchema, &s.Settings); err != nil {
		return err
	}
	if s.Settings.Status == workspace.Closed {
		return nil
	}
	stone := workspace.Settings{
		ID: s.Settings.ID, Version: s.Settings.Version + 1, Status: workspace.Closed, CreatedAt: s.Settings.CreatedAt,
	}
	_, err = l.commitSubject(ctx, s, subjectChange{
		subject: workspaceSubject, version: stone.Version, action: audit.WorkspaceClosed,
		changes: []contact.Change{{Field: "status", From: string(s.Settings.Status), To: string(stone.Status)}},
		actions: []table.Action{table.Put(settingsRow(s.Workspace, &stone), table.Unchanged(row))},
	})
	return err
}

// eraseAll removes the workspace's rows of one table, except one, and returns
// how many there were.
func eraseAll(ctx context.Context, scan func(context.Context, table.Segment) (table.Page, error),
	erase func(context.Context, []table.Key) error, except table.Key,
) (int, error) {
	var erased atomic.Int64
	all, ctx := errgroup.WithContext(ctx)
	for i := range segments {
		all.Go(func() error {
			at := table.Segment{Index: i, Of: segments, Limit: scanPage}
			for {
				page, err := scan(ctx, at)
				if err != nil {
					return unavailable("scanning", err)
				}
				keys := make([]table.Key, 0, len(page.Rows))
				for _, row := range page.Rows {
					if row.Key != except {
						keys = append(keys, row.Key)
					}
				}
				if err := erase(ctx, keys); err != nil {
					return unavailable("removing rows", err)
				}
				erased.Add(int64(len(keys)))
				if page.Next == "" {
					return nil
				}
				at.After = page.Next
			}
		})
	}
	err := all.Wait()
	return int(erased.Load()), err
}
