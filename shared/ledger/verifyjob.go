package ledger

import (
	"context"
	"strconv"
	"strings"

	"rubrica/shared/job"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// checkJobs checks the rows of jobs and their histories.
func (v *verification) checkJobs(ctx context.Context, _ *trail, rows []table.Row) error {
	return v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var j job.Job
		if d := v.decode(row, jobSchema, &j, ""); d != nil {
			return nil, d
		}
		switch {
		case !ulid.Valid(j.ID) || row.Key != jobKey(v.ws, j.ID):
			return nil, []defect{v.finding(MisplacedRow, row.Key, "", "it holds another job, or none")}
		case j.Version < 1 || row.Expires.IsZero() || j.Closed && j.Sum() != j.Total:
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version, or it does not expire, or it is closed with contacts left")}
		}
		found := []defect(nil)
		if _, err := j.Spec(v.scope.Settings.Key); err != nil {
			found = append(found, v.finding(Sealed, row.Key, "", "what the job is to do"))
		}
		return &timeline{subject: jobSubject(j.ID), keys: v.keysOf(jobSubject(j.ID)), version: j.Version, since: j.CreatedAt}, found
	})
}

// checkLanes checks the rows of jobs' lanes, each by itself: a lane is working
// state, which the job's counts at its end are held against.
func (v *verification) checkLanes(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		if err := v.checkRow(ctx, row, v.judgeLane); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) judgeLane(row table.Row) []defect {
	parts := row.Key.Partition().Parts()
	kind, name, _ := strings.Cut(row.Key.SK(), "/")
	shard, err := strconv.Atoi(parts[2])
	if err != nil || !ulid.Valid(parts[1]) || row.Key.Partition() != laneIn(v.ws, parts[1], shard) {
		return v.unknown(row)
	}
	if row.Expires.IsZero() {
		return []defect{v.finding(MalformedRow, row.Key, "", "it does not expire")}
	}
	n, _ := strconv.Atoi(name)
	switch {
	case row.Key == laneKey(v.ws, parts[1], shard):
		return v.decode(row, laneSchema, new(lane), "")
	case kind+"/" == planPrefix && name == digits(n):
		return v.decode(row, planSchema, new(plan), "")
	case kind+"/" == chunkPrefix && name == digits(n):
		var c chunk
		d := v.decode(row, chunkSchema, &c, "")
		if d == nil && (c.IDs == "" || len(c.IDs)%ulid.Len != 0) {
			d = []defect{v.finding(MalformedRow, row.Key, "", "a chunk is one id behind the other")}
		}
		return d
	case kind+"/" == errorPrefix && ulid.Valid(name):
		var f job.Failure
		d := v.decode(row, errorSchema, &f, name)
		if d == nil && f.ContactID != name {
			d = []defect{v.finding(MisplacedRow, row.Key, name, "it holds another contact's failure")}
		}
		return d
	}
	return v.unknown(row)
}

// isJob tells whether a subject is a job, which is gone some time after it ended.
func isJob(subject string) bool { return strings.HasPrefix(subject, jobKind+":") }
