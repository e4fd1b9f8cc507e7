package ledger

import (
	"context"

	"rubrica/shared/job"
	"rubrica/shared/table"
)

// JobErrors returns a page of those who could not be worked on, by shard and id;
// at is where it goes on, and the zero JobErrorsAt is the beginning and the end.
func (l *Ledger) JobErrors(ctx context.Context, s *Scope, id string, at JobErrorsAt, limit int) (found []job.Failure, next JobErrorsAt, err error) {
	j, _, err := l.readJob(ctx, s, id)
	if err != nil {
		return nil, next, err
	}
	for i, shard := range j.Lanes {
		if shard < at.Shard {
			continue
		}
		of := table.Range{Of: laneIn(s.Workspace, id, shard), Prefix: errorPrefix, Limit: limit - len(found)}
		if shard == at.Shard {
			of.After = at.After
		}
		page, err := l.table.Query(ctx, of)
		if err != nil {
			return nil, next, unavailable("reading a job's errors", err)
		}
		for _, row := range page.Rows {
			var f job.Failure
			if err := decode(row, errorSchema, &f); err != nil {
				return nil, next, err
			}
			found = append(found, f)
		}
		switch {
		case page.Next != "":
			return found, JobErrorsAt{shard, page.Next}, nil
		case len(found) == limit && i+1 < len(j.Lanes):
			return found, JobErrorsAt{Shard: j.Lanes[i+1]}, nil
		}
	}
	return found, next, nil
}

// JobErrorsAt is a place in the list of a job's errors.
type JobErrorsAt struct {
	Shard int    `json:"s"`
	After string `json:"a"`
}
