// Package audits has the endpoints that read the audit log: a contact's entries,
// and the workspace's.
package audits

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
)

// OfContact is GET /v1/contacts/{contact}/audit.
func OfContact(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/audit", Operation: "listContactAudit", Function: "read-audit",
		Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(after ledger.Places) (views []audit.View, next ledger.Places, err error) {
						history, err := l.History(ctx, call.Scope, call.Ref, after, limit)
						if err != nil {
							return nil, next, err
						}
						if gaps := audit.Gaps(history.Entries); gaps > 0 {
							call.Alert(ctx, audit.GapFound, slog.String("contact", history.Entries[0].Subject), slog.Int("auditGaps", gaps))
						}
						for i := range history.Entries {
							e := &history.Entries[i]
							views = append(views, e.View(history.Keys))
						}
						return views, history.Next, nil
					})
				},
			}
		},
	}
}

// position is where a page of the workspace's log ended.
type position struct {
	ID string `json:"i"`
}

// OfWorkspace is GET /v1/audit.
func OfWorkspace(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/audit", Operation: "listAudit", Function: "read-audit",
		Roles: []caller.Role{caller.Owner, caller.Manager},
		Query: []string{"limit", "cursor", "actor", "action", "from", "to"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			var f audit.Filter
			var given bool
			if f.Actor, given = in.Query("actor"); given && f.Actor == "" {
				in.RefuseQuery("actor", "invalid_value", "Must be an actor's id, or be left out.")
			}
			action, given := in.Query("action")
			if f.Action = audit.Action(action); given && !f.Action.Known() {
				in.RefuseQuery("action", "invalid_choice", "Must be an action, such as contact.updated.")
			}
			f.From, f.To = moment(in, "from", 0), moment(in, "to", 24*time.Hour-time.Millisecond)
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Paged(call, func(after position) (views []audit.View, next position, err error) {
					log, err := l.WorkspaceLog(ctx, call.Scope, f, after.ID, limit)
					for i := range log.Entries {
						e := &log.Entries[i]
						views = append(views, e.View(log.Keys))
					}
					return views, position{log.Next}, err
				})
			}}
		},
	}
}

// moment is a query parameter that is a time, or a day, which stands for its
// beginning (UTC) and the given duration more.
func moment(in *frame.Input, name string, ofDay time.Duration) time.Time {
	s, given := in.Query(name)
	if !given {
		return time.Time{}
	}
	if stored, err := format.DateTime(s); err == nil {
		t, _ := time.Parse(time.RFC3339Nano, stored) // it was just written
		return t
	}
	if _, err := format.Date(s); err != nil {
		in.RefuseQuery(name, format.CodeInvalidDateTime, "Must be an RFC 3339 time, such as 2026-11-20T09:30:00Z, or a day, such as 2026-11-20.")
		return time.Time{}
	}
	t, _ := time.Parse(time.DateOnly, s)
	return t.Add(ofDay)
}

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{OfContact(l), OfWorkspace(l)}
}
