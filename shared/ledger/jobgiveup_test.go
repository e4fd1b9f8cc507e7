package ledger_test

import (
	"fmt"
	"testing"

	"rubrica/shared/job"
	"rubrica/shared/ledger"
)

// A chunk that never works, because a process dies over it each time say, fails at
// last; the others do not, the job ends, and what failed can be retried.
func TestAChunkThatNeverWorksHasFailed(t *testing.T) {
	t.Parallel()
	const many = 480 // more in a shard than one transaction can give up
	s := newSystem(t)
	ids := make([]string, many)
	for i := range ids {
		ids[i] = s.create(t, fmt.Sprintf(`{"firstName":"P%d"}`, i))
	}
	s.drain(t)
	var id string
	_, err := s.StartJob(s.ctx, s.scope(t), ledger.JobOrder{Type: job.Assign, Spec: job.Spec{Named: true, Owner: "u"}, IDs: ids}, func(v job.View) ledger.Answer {
		id = v.ID
		return ledger.Answer{}
	})
	if err != nil {
		t.Fatal(err)
	}
	s.work(t, "run-job", 9)
	view := func() job.View {
		t.Helper()
		v, err := s.Job(s.ctx, s.scope(t), id)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := view()
	if v.Status != job.Completed || v.Failed == 0 || v.Failed == many || v.Done != many-v.Failed {
		t.Fatalf("%+v", v)
	}
	failed, _, err := s.JobErrors(s.ctx, s.scope(t), id, ledger.JobErrorsAt{}, many)
	if err != nil || int64(len(failed)) != v.Failed || failed[0].Code != "unavailable" {
		t.Errorf("%d failed, told of %d: %v, %v", v.Failed, len(failed), failed, err)
	}
	for _, f := range failed {
		if s.find(t, f.ContactID).Owner != "" {
			t.Errorf("%s was given up and worked on", f.ContactID)
		}
	}
	if _, err := s.RetryJob(s.ctx, s.scope(t), id, func(job.Type) error { return nil }, func(job.View) ledger.Answer { return ledger.Answer{} }); err != nil {
		t.Fatal(err)
	}
	stop := s.start()
	s.idle(t)
	stop()
	if v := view(); v.Status != job.Completed || v.Failed != 0 || v.Done != many {
		t.Errorf("%+v", v)
	}
	s.mustBeClean(t)
}
