// Package events has the endpoint by which other systems say what happened. The
// queue of events (package consume) leads to the same handling.
package events

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/event"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint { return []frame.Endpoint{receive(l)} }

func receive(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/events", Operation: "receiveEvent", Function: "take-events",
		Integrations: true, Body: frame.JSON, Success: []int{http.StatusAccepted},
		Read: func(in *frame.Input) frame.Plan {
			e := event.Read(in.Body, instant.Of(l.Now()))
			return frame.Plan{
				Want: l.WantEvent(in.Workspace, e),
				Done: func(ctx context.Context, call *frame.Call) (frame.Response, bool, error) {
					if e.ID == "" {
						return frame.Response{}, false, nil
					}
					a, done, err := l.Repeated(ctx, call.Scope, e.ID)
					if !done {
						return frame.Response{}, false, err
					}
					resp, err := frame.Answered(a, err)
					return resp, true, err
				},
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Receive(ctx, call.Scope, e))
				},
			}
		},
	}
}
