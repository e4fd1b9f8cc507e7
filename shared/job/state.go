package job

import (
	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// Ended tells whether the job is over, as its callers see it.
func (j *Job) Ended() bool {
	return j.Status == Completed || j.Status == Cancelled || j.Status == Failed
}

// Stopped tells whether no further contact may be touched.
func (j *Job) Stopped() bool { return j.Status == Cancelled }

// Begin notes that the first contact is about to be worked on; false if somebody
// has noted that already.
func (j *Job) Begin(now instant.Instant) bool {
	if j.Status != Queued {
		return false
	}
	j.Status = Running
	if j.StartedAt == 0 {
		j.StartedAt = max(now, j.CreatedAt)
	}
	return true
}

// Count notes how many contacts were selected.
func (j *Job) Count(total int64) { j.Total, j.Counted = total, true }

// Confirm lets a job that was held begin. A repeat of it changes nothing; another
// number than that of the contacts is confirm_mismatch, and so is any as long as
// they are being counted.
func (j *Job) Confirm(n int64) (changed bool, err error) {
	switch {
	case j.Ended():
		return false, finished()
	case !j.Counted && j.Status == Unconfirmed:
		return false, problem.Conflicting(mismatch, "The contacts are still being counted; read the job until it has a total.")
	case n != j.Total:
		return false, Mismatch(j.Total)
	case j.Status != Unconfirmed:
		return false, nil
	}
	j.Status, j.Held = Queued, false
	j.Run++
	return true, nil
}

// Cancel stops a job. What was done stays done. Cancelling it again changes
// nothing; one that is over otherwise is job_finished.
func (j *Job) Cancel(now instant.Instant) (changed bool, err error) {
	switch {
	case j.Status == Cancelled:
		return false, nil
	case j.Ended():
		return false, finished()
	}
	j.Status, j.FinishedAt = Cancelled, max(now, j.CreatedAt)
	return true, nil
}

// Retry has the job work again on what failed, or be planned on where that had
// failed. While it runs, and where nothing failed, there is nothing_to_retry.
func (j *Job) Retry() error {
	switch {
	case j.Status == Cancelled:
		return finished()
	case j.Status != Failed && (j.Status != Completed || j.Failed == 0):
		return problem.Conflicting("nothing_to_retry", "Only contacts that failed are tried again, once the job is through.")
	}
	j.Status = Queued
	if j.Held {
		j.Status = Unconfirmed
	}
	j.Closed, j.FinishedAt, j.Counts = false, 0, Counts{}
	j.Run++
	return nil
}

// Close ends a job of which every contact was worked on.
func (j *Job) Close(now instant.Instant, c Counts) {
	j.Status, j.Counts, j.Closed = Completed, c, true
	j.Count(max(j.Total, c.Sum()))
	j.FinishedAt = max(now, j.CreatedAt)
	if j.StartedAt == 0 {
		j.StartedAt = j.FinishedAt
	}
}

// Fail ends a job that cannot be planned to its end.
func (j *Job) Fail(now instant.Instant) bool {
	if j.Ended() {
		return false
	}
	j.Status, j.FinishedAt = Failed, max(now, j.CreatedAt)
	return true
}

func finished() error {
	return problem.Conflicting("job_finished", "The job is over.")
}

const mismatch = "confirm_mismatch"

// Mismatch says that a number is not that of the contacts.
func Mismatch(total int64) error {
	return problem.Conflicting(mismatch, "Confirm with the number of contacts that the job is for.").With("total", total)
}

// Actor is whom the log names for what the job does.
func (j *Job) Actor() audit.Actor {
	return audit.Actor{Type: audit.Job, ID: j.ID, OnBehalfOf: j.By.ID}
}
