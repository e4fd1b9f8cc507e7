package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/api"
	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
)

// parameter is a part of a pattern.
var parameter = regexp.MustCompile(`\{[^}]*\}`)

// fill puts values into a pattern's parameters.
func fill(pattern, contact, token string) string {
	return parameter.ReplaceAllStringFunc(pattern, func(p string) string {
		switch p {
		case "{contact}":
			return contact
		case "{token}", "{merge}":
			return token
		case "{user}":
			return "user_5"
		case "{identity}":
			return "email:walk@example.com"
		}
		return "01JD3QZZZZZZZZZZZZZZZZZZZ0"
	})
}

// goodBody is a body that the endpoint takes if it is one of the core's, nil
// where it takes none.
func goodBody(e frame.Endpoint) any {
	switch {
	case e.Operation == "createToken":
		return Object{"name": "walk", "role": "agent", "restrictions": []any{"no-delete", "no-export", "only-assigned"}}
	case e.Operation == "lockContact":
		return Object{"expiresAt": "2999-01-01T00:00:00Z"}
	case e.Operation == "setValidation":
		return Object{"state": "validated"}
	case e.Operation == "setProfile":
		return Object{"displayName": "Walker"}
	case e.Operation == "createCompany":
		return Object{"name": "Walk srl"}
	case e.Operation == "createChannel":
		return Object{"channel": "sms"}
	case e.Operation == "addNote":
		return Object{"text": "walked by"}
	case e.Body != frame.NoContent:
		return Object{}
	}
	return nil
}

// twins are two contacts of the walker's, to be merged; where the pattern names a
// merge, the walker makes it.
func twins(t *testing.T, walker *Client, pattern string) (body any, id string) {
	t.Helper()
	var ids []string
	for range 2 {
		ids = append(ids, walker.Create(t, Object{"owner": "walker"}).ID())
	}
	if strings.Contains(pattern, "{merge}") {
		id, _ = merge(t, walker, ids[0], ids[1])
		return nil, id
	}
	return Object{"survivor": ids[0], "contacts": ids[1:]}, ""
}

// narrowed are the routes that not all roles may use, as the contract says it: a
// mistake in an endpoint's own Roles must not hide. Parameters have no names.
var narrowed = map[string][]string{
	"DELETE /v1/contacts/{}": {"owner", "manager"}, "GET /v1/audit": {"owner", "manager"}, "PATCH /v1/workspace": {"owner"},
	"GET /v1/tokens": {"owner"}, "POST /v1/tokens": {"owner"}, "DELETE /v1/tokens/{}": {"owner"},
	"POST /v1/tags": {"owner", "manager"}, "PATCH /v1/tags/{}": {"owner", "manager"}, "DELETE /v1/tags/{}": {"owner", "manager"},
	"DELETE /v1/contacts/{}/channels/{}": {"owner", "manager"}, "POST /v1/channels": {"owner"}, "PATCH /v1/channels/{}": {"owner"},
	"DELETE /v1/channels/{}": {"owner"}, "GET /v1/merges": {"owner", "manager"}, "GET /v1/merges/{}": {"owner", "manager"},
	"POST /v1/folders": {"owner", "manager"}, "PATCH /v1/folders/{}": {"owner", "manager"}, "DELETE /v1/folders/{}": {"owner", "manager"},
	"POST /v1/fields": {"owner", "manager"}, "PATCH /v1/fields/{}": {"owner", "manager"}, "DELETE /v1/fields/{}": {"owner", "manager"},
	"DELETE /v1/companies/{}": {"owner", "manager"}, "POST /v1/jobs": {"owner", "manager"}, "GET /v1/jobs": {"owner", "manager"},
	"GET /v1/jobs/{}": {"owner", "manager"}, "POST /v1/jobs/{}/cancel": {"owner", "manager"}, "POST /v1/jobs/{}/confirm": {"owner", "manager"},
	"POST /v1/jobs/{}/retry": {"owner", "manager"}, "GET /v1/jobs/{}/errors": {"owner", "manager"},
}

// integrationsOnly are the routes that only integrations may use, as the contract
// says it. Who may end another's lease depends on the lease.
var integrationsOnly = []string{
	"PUT /v1/contacts/{}/locks/{}", "PUT /v1/contacts/{}/profile", "PUT /v1/contacts/{}/validation", "POST /v1/events",
}

// core are the operations that succeed with what fill and goodBody give them.
var core = []string{
	"createContact", "getContact", "listContacts", "searchContacts", "updateContact", "upsertContact", "deleteContact", "addFollower", "removeFollower",
	"addIdentity", "removeIdentity", "listContactAudit", "listAudit", "getWorkspace", "updateWorkspace", "getMe", "createToken", "listTokens",
	"deleteToken", "getNeighbors", "listNotes", "addNote", "lockContact", "setProfile", "setValidation", "listCompanies", "createCompany",
	"blockContact", "getDND", "setDND", "getReachability",
	"listChannels", "createChannel", "listContactChannels", "listMessages", "receiveEvent",
	"mergeContacts", "listMerges", "getMerge", "undoMerge",
}

// TestRoles walks every endpoint with every role and every set of restrictions:
// who may not use it is told so, whoever may is not.
func TestRoles(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	restrictions := []string{"no-delete", "no-export", "only-assigned"}
	for _, e := range api.All(service.Ledger, nil) {
		if e.Public != nil {
			continue
		}
		route := e.Method + " " + parameter.ReplaceAllString(e.Pattern, "{}")
		roles, ok := narrowed[route]
		if !ok {
			roles = []string{"owner", "manager", "agent"}
		}
		t.Run(strings.ReplaceAll(route, "/", "_"), func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			if reserved := slices.Contains(integrationsOnly, route); e.Integrations != reserved {
				t.Errorf("for integrations alone: the endpoint says %t, the contract %t", e.Integrations, reserved)
			}
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
					contact, token := "", ""
					if strings.Contains(e.Pattern, "{contact}") || e.Operation == "receiveEvent" {
						contact = owner.Create(t, Object{"owner": "walker"}).ID()
					}
					if strings.Contains(e.Pattern, "{token}") {
						token = owner.Post(t, "/v1/tokens", Object{"name": "x", "role": "agent"}).Is(201).JSON().ID()
					}
					body := goodBody(e)
					if strings.HasPrefix(e.Pattern, "/v1/merges") {
						body, token = twins(t, w.As(t, "agent", Sub("walker"), Integration("walker")), e.Pattern)
					}
					reference := contact
					if e.Operation == "upsertContact" {
						reference = "ext:walk:" + strings.ToLower(contact)
					}
					// An integration may use what only integrations may, and all else.
					client := w.As(t, string(role), Sub("walker"), Restricted(named...), Integration("walker"))
					path := fill(e.Pattern, reference, token)
					if e.Operation == "receiveEvent" {
						body = message(contact, contact, "sms", "walked by", 1)
					}
					if e.Integrations {
						person := w.As(t, string(role), Sub("walker"), Restricted(named...))
						person.Do(t, e.Method, path, body).Refused(http.StatusForbidden, "")
						person.Do(t, e.Method, path+"?zz=1", `{`, "Content-Type", "text/plain", "Idempotency-Key", "a b").Refused(http.StatusForbidden, "")
						owner.Get(t, "/v1/contacts/"+contact).Is(200).Has(Object{"version": 1})
					}
					if !admitted {
						client.Do(t, e.Method, path, body).Refused(http.StatusForbidden, "")
						// What else is wrong is not told to whom may not do it at all.
						client.Do(t, e.Method, path+"?zz=1", `{`, "Content-Type", "text/plain", "Idempotency-Key", "a b").Refused(http.StatusForbidden, "")
						if contact != "" {
							owner.Get(t, "/v1/contacts/"+contact).Is(200).Has(Object{"version": 1})
						}
						continue
					}
					a := client.Do(t, e.Method, path, body)
					switch {
					case slices.Contains(e.Success, a.Status):
					case slices.Contains(core, e.Operation), a.Status == 401, a.Status == 403, a.Status >= 500:
						t.Errorf("%s, restricted by %v: %v\nwant %v", role, named, a, e.Success)
					}
				}
			}
		})
	}
}
