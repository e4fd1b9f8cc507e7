package e2e

import (
	"fmt"
	"testing"
	"time"

	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/tenant"
)

// patience is for engines that do one transaction at a time, beside other tests on two
// starved cores: what takes a second elsewhere has taken forty there. How long things
// take is for infra/bench to say.
const patience = 3 * time.Minute

// Eventually tries until try returns nil; the test ends if that never comes.
func Eventually(t testing.TB, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v still: %v", patience, err)
		}
		time.Sleep(pause)
	}
}

// Log reads the workspace's whole audit log, newest first.
func (w *Workspace) Log(t testing.TB) []Object {
	t.Helper()
	return w.As(t, "owner", Sub("auditor")).All(t, "/v1/audit?limit=100")
}

// Complete waits until the workspace's audit log has exactly one entry for each
// version of each of the given contacts, and no others of contacts. versions
// are by contact id; a deletion counts as one version more.
func (w *Workspace) Complete(t testing.TB, versions map[string]int) {
	t.Helper()
	Eventually(t, func() error { return complete(w.Log(t), versions) })
}

func complete(log []Object, versions map[string]int) error {
	seen := map[string]map[int]bool{}
	ids := map[string]bool{}
	for _, e := range log {
		if ids[e.ID()] {
			return fmt.Errorf("the entry %s stands twice in the workspace's log", e.ID())
		}
		ids[e.ID()] = true
		contact := e.Text("contactId")
		if contact == "" {
			continue
		}
		if seen[contact] == nil {
			seen[contact] = map[int]bool{}
		}
		if v := e.Version(); seen[contact][v] {
			return fmt.Errorf("two entries of version %d of %s", v, contact)
		} else {
			seen[contact][v] = true
		}
	}
	for contact, n := range versions {
		for v := 1; v <= n; v++ {
			if !seen[contact][v] {
				return fmt.Errorf("no entry of version %d of %s, of %d", v, contact, n)
			}
		}
		if len(seen[contact]) != n {
			return fmt.Errorf("%d entries of %s, which is at version %d", len(seen[contact]), contact, n)
		}
	}
	for contact := range seen {
		if _, known := versions[contact]; !known {
			return fmt.Errorf("entries of %s, which nobody made", contact)
		}
	}
	return nil
}

// Verified waits until the workspace's work is done, and ends the test unless
// what is stored is then exactly what must be: no hint too many or too few, no
// change that is not in the log.
func (w *Workspace) Verified(t testing.TB) {
	t.Helper()
	Eventually(t, func() error {
		report, err := w.service.Ledger.Verify(t.Context(), w.Tenant, ledger.Idle())
		switch {
		case err != nil:
			return err
		case !report.Clean():
			return fmt.Errorf("verify finds %v: %+v", report.Found, report.Findings[:min(len(report.Findings), 5)])
		case report.Rows == 0:
			return fmt.Errorf("verify has looked at nothing")
		}
		return nil
	})
}

// Versions are the versions that contacts are at, by id, as Complete wants them:
// of deleted ones that of the deletion.
func (w *Workspace) Versions(t testing.TB, ids ...string) map[string]int {
	t.Helper()
	owner := w.As(t, "owner", Sub("auditor"))
	versions := make(map[string]int, len(ids))
	for _, id := range ids {
		versions[id] = owner.Page(t, "/v1/contacts/"+id+"/audit?limit=1").Items[0].Version()
	}
	return versions
}

// WorkedOff waits until the consumers have nothing left to do, of whatever came
// before: for tests that count calls. Changes that are not forwarded yet are not seen.
func (s *Service) WorkedOff(t testing.TB) {
	t.Helper()
	ctx := tenant.BindOperator(t.Context())
	Eventually(t, func() error {
		for _, c := range consume.All(s.Ledger, s.Queues) {
			visible, hidden, err := s.Queues.Depth(ctx, c.Queue)
			if err != nil {
				return err
			}
			if visible+hidden > 0 {
				return fmt.Errorf("%d messages in %s", visible+hidden, c.Queue.Name)
			}
		}
		return nil
	})
}
