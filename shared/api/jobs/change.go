package jobs

import (
	"context"
	"math"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/ledger"
)

func confirm(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/jobs/{job}/confirm", Operation: "confirmJob", Function: function, Roles: managers(),
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("job")
			n, given := in.Body.Int("confirm", 0, math.MaxInt32)
			in.Body.Require("confirm", given || in.Body.Refused("confirm"))
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.ConfirmJob(ctx, call.Scope, id, int64(n), may(call), answer(http.StatusOK)))
				},
			}
		},
	}
}

func cancel(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/jobs/{job}/cancel", Operation: "cancelJob", Function: function, Roles: managers(),
		Body: frame.OptionalJSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("job")
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.CancelJob(ctx, call.Scope, id, answer(http.StatusOK)))
				},
			}
		},
	}
}

func retry(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/jobs/{job}/retry", Operation: "retryJob", Function: function, Roles: managers(),
		Body: frame.OptionalJSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("job")
			return frame.Plan{
				Want: ledger.WantJob(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.RetryJob(ctx, call.Scope, id, may(call), answer(http.StatusOK)))
				},
			}
		},
	}
}
