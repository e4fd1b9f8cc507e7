package jobs

import (
	"context"
	"math"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/ledger"
)

func confirm(l *ledger.Ledger) frame.Endpoint {
	return change("confirm", "confirmJob", frame.JSON, func(in *frame.Input) work {
		n, given := in.Body.Int("confirm", 0, math.MaxInt32)
		in.Body.Require("confirm", given || in.Body.Refused("confirm"))
		return func(ctx context.Context, call *frame.Call, id string) (ledger.Answer, error) {
			return l.ConfirmJob(ctx, call.Scope, id, int64(n), may(call), answer(http.StatusOK))
		}
	})
}

func cancel(l *ledger.Ledger) frame.Endpoint {
	return change("cancel", "cancelJob", frame.OptionalJSON, func(*frame.Input) work {
		return func(ctx context.Context, call *frame.Call, id string) (ledger.Answer, error) {
			return l.CancelJob(ctx, call.Scope, id, answer(http.StatusOK))
		}
	})
}

func retry(l *ledger.Ledger) frame.Endpoint {
	return change("retry", "retryJob", frame.OptionalJSON, func(*frame.Input) work {
		return func(ctx context.Context, call *frame.Call, id string) (ledger.Answer, error) {
			return l.RetryJob(ctx, call.Scope, id, may(call), answer(http.StatusOK))
		}
	})
}

// work is what is done with a job.
type work func(ctx context.Context, call *frame.Call, id string) (ledger.Answer, error)

// change is an endpoint that does something with a job that is there, and answers
// with the job.
func change(verb, operation string, body frame.Content, read func(*frame.Input) work) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/jobs/{job}/" + verb, Operation: operation, Function: function, Roles: managers(),
		Body: body, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id, do := in.Param("job"), read(in)
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(do(ctx, call, id))
				},
			}
		},
	}
}
