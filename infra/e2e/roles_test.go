package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
)

// fill puts values into a pattern's parameters.
func fill(pattern, contact, token string) string {
	return strings.NewReplacer("{contact}", contact, "{user}", "user_5", "{identity}", "email:walk@example.com", "{token}", token).Replace(pattern)
}

// goodBody is a body that the endpoint takes, nil where it takes none.
func goodBody(e frame.Endpoint) any {
	switch {
	case e.Operation == "createToken":
		return Object{"name": "walk", "role": "agent", "restrictions": []any{"no-delete", "no-export", "only-assigned"}}
	case e.Body != frame.NoContent:
		return Object{}
	}
	return nil
}

// TestRoles walks every endpoint with every role and every set of restrictions:
// who may not use it is told so, whoever may is not.
func TestRoles(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	restrictions := []string{"no-delete", "no-export", "only-assigned"}
	// These the contract says; a mistake in an endpoint's own Roles must not hide here.
	narrowed := map[string][]string{
		"DELETE /v1/contacts/{contact}": {"owner", "manager"}, "GET /v1/audit": {"owner", "manager"}, "PATCH /v1/workspace": {"owner"},
		"GET /v1/tokens": {"owner"}, "POST /v1/tokens": {"owner"}, "DELETE /v1/tokens/{token}": {"owner"},
	}
	for _, e := range api.All(service.Ledger, nil) {
		if e.Public != nil {
			continue
		}
		route := e.Method + " " + e.Pattern
		roles := []string{"owner", "manager", "agent"}
		if n, ok := narrowed[route]; ok {
			roles = n
		}
		delete(narrowed, route)
		t.Run(strings.ReplaceAll(route, "/", "_"), func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			for _, role := range []caller.Role{caller.Owner, caller.Manager, caller.Agent} {
				allowed := len(e.Roles) == 0 || slices.Contains(e.Roles, role)
				if allowed != slices.Contains(roles, string(role)) {
					t.Errorf("role %s: the endpoint says %v, the contract %v", role, e.Roles, roles)
				}
				for set := range 1 << len(restrictions) {
					var named []string
					for i, r := range restrictions {
						if set&(1<<i) != 0 {
							named = append(named, r)
						}
					}
					admitted := allowed && (e.Operation != "deleteContact" || !slices.Contains(named, "no-delete"))
					contact := owner.Create(t, Object{"owner": "walker"}).ID()
					token := owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent"}).Is(201).JSON().ID()
					reference := contact
					if e.Operation == "upsertContact" {
						reference = "ext:walk:" + strings.ToLower(contact)
					}
					client := w.As(t, string(role), Sub("walker"), Restricted(named...))
					path := fill(e.Pattern, reference, token)
					if !admitted {
						client.Do(t, e.Method, path, goodBody(e)).Refused(http.StatusForbidden, "")
						// What else is wrong is not told to whom may not do it at all.
						client.Do(t, e.Method, path+"?zz=1", `{`, "Content-Type", "text/plain", "Idempotency-Key", "a b").Refused(http.StatusForbidden, "")
						owner.Get(t, "/v1/contacts/"+contact).Is(200).Has(Object{"version": 1})
						continue
					}
					a := client.Do(t, e.Method, path, goodBody(e))
					if !slices.Contains(e.Success, a.Status) {
						t.Errorf("%s, restricted by %v: %v\nwant %v", role, named, a, e.Success)
					}
				}
			}
		})
	}
	if len(narrowed) > 0 {
		t.Errorf("no endpoints: %v", narrowed)
	}
}
