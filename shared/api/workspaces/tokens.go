package workspaces

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/ulid"
)

// tokenView is an API token as the wire shows it; Token only when it is made.
type tokenView struct {
	ID           string              `json:"id"`
	Token        string              `json:"token,omitzero"`
	Name         string              `json:"name"`
	Role         caller.Role         `json:"role"`
	Restrictions caller.Restrictions `json:"restrictions"`
	Integration  string              `json:"integration,omitzero"`
	CreatedAt    instant.Instant     `json:"createdAt"`
	CreatedBy    string              `json:"createdBy,omitzero"`
	ExpiresAt    instant.Instant     `json:"expiresAt,omitzero"`
	LastUsedAt   string              `json:"lastUsedAt,omitzero"`
}

func viewToken(r *caller.TokenRecord) tokenView {
	return tokenView{
		ID: r.ID, Name: r.Name, Role: r.Role, Restrictions: r.Restrictions, Integration: r.Integration,
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsed,
	}
}

func createToken(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/tokens", Operation: "createToken", Function: "manage-workspace",
		Roles: []caller.Role{caller.Owner}, Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			record := readToken(in.Body)
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(makeToken(ctx, l, call, l.NewID(), record))
			}}
		},
	}
}

// readToken takes what a body says of a new token.
func readToken(f *body.Form) caller.TokenRecord {
	r := caller.TokenRecord{
		Name:        f.Text("name", 100),
		Role:        caller.Role(f.Choice("role", string(caller.Owner), string(caller.Manager), string(caller.Agent))),
		Integration: f.Text("integration", caller.MaxIntegration),
		ExpiresAt:   f.Time("expiresAt"),
	}
	f.Require("name", r.Name != "" || f.Refused("name"))
	f.Require("role", r.Role != "" || f.Refused("role"))
	if r.Integration != "" && !caller.ValidIntegration(r.Integration) {
		f.Refuse("integration", body.CodeInvalid, "Must be 1 to 64 bytes of printable characters.")
	}
	var names []string
	f.Strings("restrictions", 10, func(_, name string) { names = append(names, name) })
	set, err := caller.ParseRestrictions(names...)
	if err != nil {
		f.Refuse("restrictions", body.CodeChoice, "Must be of no-delete, no-export, only-assigned.")
	}
	r.Restrictions = set
	return r
}

// makeToken stores a new token; its text is in this answer and nowhere else.
func makeToken(ctx context.Context, l *ledger.Ledger, call *frame.Call, id string, r caller.TokenRecord) (ledger.Answer, error) {
	now := l.Now()
	if r.ExpiresAt != 0 && r.ExpiresAt <= instant.Of(now) {
		return ledger.Answer{}, problem.InvalidField("expiresAt", body.CodeInvalid, "Must be in the future.")
	}
	if missing := call.Caller.Restrictions &^ r.Restrictions; missing != 0 {
		return ledger.Answer{}, problem.New(problem.Forbidden, "You are restricted by %s yourself; the token must be as well.",
			strings.Join(missing.Names(), ", "))
	}
	text, hash := caller.NewToken(call.Caller.Workspace, id)
	r.ID, r.Hash, r.CreatedAt, r.CreatedBy = id, hash, instant.Of(now), call.Caller.Subject
	row, err := r.Row(call.Caller.Workspace)
	if err != nil {
		return ledger.Answer{}, err
	}
	view := viewToken(&r)
	view.Token = text
	body, err := json.Marshal(view)
	if err != nil {
		return ledger.Answer{}, err
	}
	return l.CreateToken(ctx, call.Scope, ledger.Token{ID: id, Row: row, Changes: tokenChanges(&r)},
		ledger.Answer{Status: http.StatusCreated, Location: "/v1/tokens/" + id, Body: body, Once: true})
}

// tokenChanges is what the audit log says of a new token.
func tokenChanges(r *caller.TokenRecord) []contact.Change {
	changes := []contact.Change{{Field: "name", To: r.Name}, {Field: "role", To: string(r.Role)}}
	if names := r.Restrictions.Names(); len(names) > 0 {
		changes = append(changes, contact.Change{Field: "restrictions", To: names})
	}
	if r.Integration != "" {
		changes = append(changes, contact.Change{Field: "integration", To: r.Integration})
	}
	if r.ExpiresAt != 0 {
		changes = append(changes, contact.Change{Field: "expiresAt", To: r.ExpiresAt.String()})
	}
	return changes
}

// position is where a page of tokens ended.
type position struct {
	ID string `json:"i"`
}

func listTokens(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/tokens", Operation: "listTokens", Function: "manage-workspace",
		Roles: []caller.Role{caller.Owner}, Query: []string{"limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Paged(call, func(after position) (views []tokenView, next position, err error) {
					rows, err := l.Tokens(ctx, caller.TokensOf(call.Caller.Workspace), after.ID, limit)
					if err != nil {
						return nil, next, err
					}
					for _, row := range rows.Rows {
						r, err := caller.ReadToken(row)
						if err != nil {
							return nil, next, err
						}
						views = append(views, viewToken(&r))
					}
					return views, position{rows.Next}, nil
				})
			}}
		},
	}
}

func deleteToken(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/tokens/{token}", Operation: "deleteToken", Function: "manage-workspace",
		Roles: []caller.Role{caller.Owner}, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("token")
			if !ulid.Valid(id) {
				in.RefusePath(problem.New(problem.NotFound, "There is no such token."))
			}
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.DeleteToken(ctx, call.Scope, caller.TokenKey(call.Caller.Workspace, id), id,
					ledger.Answer{Status: http.StatusNoContent}))
			}}
		},
	}
}
