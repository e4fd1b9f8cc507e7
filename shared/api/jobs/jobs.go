// Package jobs has the endpoints of bulk jobs: starting one, seeing how far it
// is, confirming, cancelling and retrying it.
package jobs

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/job"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// function is the Lambda that serves all of them.
const function = "start-job"

// managers may use jobs; agents may not.
func managers() []caller.Role { return []caller.Role{caller.Owner, caller.Manager} }

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{start(l), list(l), get(l), confirm(l), cancel(l), retry(l), failures(l)}
}

// answer makes what the ledger answers with.
func answer(status int) func(job.View) ledger.Answer {
	return func(v job.View) ledger.Answer { return frame.Shown(status, "/v1/jobs/"+v.ID, v) }
}

// may refuses deletions to callers that may not delete.
func may(call *frame.Call) ledger.May {
	return func(t job.Type) error {
		if t == job.Delete && call.Caller.Restrictions.Has(caller.NoDelete) {
			return problem.New(problem.Forbidden, "The caller is restricted by no-delete.")
		}
		return nil
	}
}

// position is where a page of jobs ended.
type position struct {
	ID string `json:"i"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/jobs", Operation: "listJobs", Function: function, Roles: managers(),
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantJobs(in.Workspace, guess.ID, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (views []job.View, next position, err error) {
						views, behind, err := l.Jobs(ctx, call.Scope, at.ID, limit)
						return views, position{behind}, err
					})
				},
			}
		},
	}
}

func get(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/jobs/{job}", Operation: "getJob", Function: function, Roles: managers(),
		Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("job")
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					v, err := l.Job(ctx, call.Scope, id)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.OK(v)
				},
			}
		},
	}
}

func failures(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/jobs/{job}/errors", Operation: "listJobErrors", Function: function, Roles: managers(),
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id, limit := in.Param("job"), in.Limit()
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at ledger.JobErrorsAt) ([]job.Failure, ledger.JobErrorsAt, error) {
						return l.JobErrors(ctx, call.Scope, id, at, limit)
					})
				},
			}
		},
	}
}
