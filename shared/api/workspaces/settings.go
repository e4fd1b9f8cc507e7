// Package workspaces has the endpoints of a workspace about itself: its
// settings, its API tokens, and who is calling.
package workspaces

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/ledger"
	"rubrica/shared/workspace"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{getSettings(), changeSettings(l), me(), createToken(l), listTokens(l), deleteToken(l)}
}

func settingsAnswer(s *workspace.Settings) ledger.Answer {
	a := frame.Shown(http.StatusOK, "", s.View())
	a.ETag = frame.ETag(s.Version)
	return a
}

func getSettings() frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/workspace", Operation: "getWorkspace", Function: "manage-workspace", Success: []int{http.StatusOK},
		Read: func(*frame.Input) frame.Plan {
			return frame.Plan{Do: func(_ context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(settingsAnswer(&call.Scope.Settings), nil)
			}}
		},
	}
}

func changeSettings(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/workspace", Operation: "updateWorkspace", Function: "manage-workspace",
		Roles: []caller.Role{caller.Owner}, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			patch := workspace.ParsePatch(in.Body)
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeSettings(ctx, call.Scope, audit.WorkspaceUpdated, call.IfMatch,
					func(s workspace.Settings) (workspace.Settings, error) { return patch.Apply(s), nil }, settingsAnswer))
			}}
		},
	}
}

// meView is who is calling.
type meView struct {
	Sub          string              `json:"sub"`
	Workspace    string              `json:"workspace"`
	Role         caller.Role         `json:"role"`
	Restrictions caller.Restrictions `json:"restrictions"`
	Integration  string              `json:"integration,omitzero"`
}

func me() frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/me", Operation: "getMe", Function: "manage-workspace", Success: []int{http.StatusOK},
		Read: func(*frame.Input) frame.Plan {
			return frame.Plan{Do: func(_ context.Context, call *frame.Call) (frame.Response, error) {
				c := call.Caller
				return frame.OK(meView{c.Subject, c.Workspace.String(), c.Role, c.Restrictions, c.Integration})
			}}
		},
	}
}
