package openapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/infra/local/server"
	"rubrica/infra/openapi"
	"rubrica/shared/audit"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// TestEveryAnswerIsDocumented makes real calls of every operation, good ones and
// every sort of bad one. The checker finds answers that are not documented; what
// is documented and not answered is found in the end.
func TestEveryAnswerIsDocumented(t *testing.T) {
	t.Parallel()
	seen := newCoverage(t)
	store := &brokenStore{}
	s := serve(t, func(o *server.Options) {
		o.WrapTable = func(d table.Driver) table.Driver { return brokenTable{d, store} }
		o.Jobs.AtOnce = 1 // so that there are jobs to confirm
	})
	t.Run("calls", func(t *testing.T) {
		for _, op := range document(t).Operations {
			for _, p := range provocations {
				t.Run(op.ID+"/"+p.name, func(t *testing.T) {
					t.Parallel()
					provoke(sit(t, s, seen.seen), op, p)
				})
			}
		}
		t.Run("success", func(t *testing.T) {
			t.Parallel()
			succeed(sit(t, s, seen.seen))
		})
		t.Run("noRoute", func(t *testing.T) {
			t.Parallel()
			d := sit(t, s, seen.seen)
			for _, path := range []string{"/v1", "/v1/", "/v1/nothing", "/v1/contacts/", "/v1/contacts//audit", "/v1/contacts/a/b/c/d", "/v1/tokens/../me", "/v1/./me"} {
				d.must(http.StatusNotFound, call{method: "GET", path: path})
			}
			for _, op := range document(t).Operations {
				for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "QUERY", "get"} {
					d.must(http.StatusMethodNotAllowed, call{method: method, path: request(op, "x").path})
				}
			}
		})
	})
	d := sit(t, s, seen.seen)
	for _, op := range document(t).Operations {
		for status, err := range map[int]error{503: table.ErrUnavailable, 500: errors.New("out of order")} {
			store.fails.Store(&err)
			if got := d.do(request(op, unknownID)).status; got != status && !op.Public {
				t.Errorf("%s: answered %d while the store fails with %v", op.ID, got, err)
			}
		}
	}
	store.fails.Store(nil)

	statuses, members := seen.unseen()
	for _, status := range statuses {
		if !gatewayOnly(t, status) {
			t.Errorf("%s is documented, but never answered here", status)
		}
	}
	if diff := cmp.Diff(neverYet, slices.DeleteFunc(members, isFleeting)); diff != "" {
		t.Errorf("documented members that are never answered (-expected +found):\n%s", diff)
	}
}

// gatewayOnly tells whether only API Gateway gives an answer: throttling, and
// whatever goes wrong with operations that depend on nothing.
func gatewayOnly(t testing.TB, status string) bool {
	id, code, _ := strings.Cut(status, " ")
	return code == "429" || operation(t, id).Public && (code == "500" || code == "503")
}

// neverYet are members that the code has a place for and nothing to put there.
var neverYet = []string{
	"#/components/schemas/GatewayMessage message",
}

// isFleeting tells whether a member is there for moments, which a test may miss.
func isFleeting(member string) bool { return member == "#/components/schemas/Job estimatedAt" }

const unknownID = "01ARZ3NDEKTSV4RRFFQ69G5FA0"

// request is a good request for an operation; contact stands in its path.
func request(op *openapi.Operation, contact string) call {
	bodies := map[string]string{
		"updateContact": `{"city": "Torino"}`, "upsertContact": `{"city": "Torino"}`,
		"updateWorkspace": `{"timezone": "Europe/Rome"}`, "createToken": `{"name": "import", "role": "agent"}`,
		"createField": `{"key": "score", "type": "number"}`, "createFolder": `{"name": "Contract"}`,
		"createCompany": `{"name": "Rossi srl"}`, "updateCompany": `{"name": "Bianchi spa"}`,
		"addNote": `{"text": "Likes cats"}`, "editNote": `{"pinned": true}`, "lockContact": `{"expiresAt": "2099-01-01T00:00:00Z"}`,
		"setValidation": `{"state": "validated"}`, "setDND": `{"email": true}`,
		"createChannel": `{"channel": "email"}`, "updateChannel": `{"name": "Sales"}`,
		"receiveEvent": `{"id": "e", "type": "message.received", "at": "2026-11-20T09:30:00Z", "contact": "` + contact + `", "data": {"channel": "email", "text": "Hello"}}`,
		"addTags":      `{"tags": ["VIP"]}`, "createTag": `{"name": "VIP"}`, "updateTag": `{"name": "VIP"}`,
		"mergeContacts": mergeBody(unknownID, unknownID[1:]+"1"),
		"startJob":      `{"type": "unblock", "select": {"all": true}}`, "confirmJob": `{"confirm": 1}`,
	}
	c := call{method: op.Method, path: strings.NewReplacer(
		"{contact}", contact, "{user}", "user_9", "{identity}", "email:other@example.com",
		"{token}", unknownID, "{field}", "phone", "{folder}", "contact", "{tag}", "lead", "{company}", unknownID, "{id}", unknownID,
		"{campaign}", "spring", "{channelId}", "email", "{merge}", unknownID, "{job}", unknownID).Replace(op.Path)}
	if op.Body != nil {
		c.body = "{}"
		if b, ok := bodies[op.ID]; ok {
			c.body = b
		}
	}
	return c
}

// provocation is a way to be refused.
type provocation struct {
	name   string
	status int
	// do returns what to send; nothing, if it makes no sense for the operation.
	do func(d *desk, op *openapi.Operation, c call) (call, bool)
}

// provoke wants the refusal wherever it is documented; elsewhere the checker
// does not let it pass.
func provoke(d *desk, op *openapi.Operation, p provocation) {
	contact := "email:maria@example.it"
	if op.ID != "upsertContact" && namesContact(op) {
		contact = d.contact(`{"email": "maria@example.it"}`)
	}
	if op.Integrations || op.ID == "unlockContact" {
		d.token = d.sign(issuer.Claims{Role: "owner", Integration: "sap-sync"})
	}
	good := request(op, contact)
	good.path = strings.Replace(good.path, unknownID, d.stand(op, contact), 1)
	if op.ID == "mergeContacts" {
		good.body = mergeBody(d.twins())
	}
	c, sensible := p.do(d, op, good)
	if !sensible {
		return
	}
	r := d.do(c)
	if _, documented := op.Responses[p.status]; documented && r.status != p.status {
		d.t.Errorf("%s %s answered %d %s, want %d", c.method, c.path, r.status, r.body, p.status)
	}
}

// namesContact tells whether an operation is on a contact, in its path or its body.
func namesContact(op *openapi.Operation) bool {
	return strings.Contains(op.Path, "{contact}") || op.ID == "receiveEvent"
}

// stand makes what an operation is on besides a contact, and returns its id.
func (d *desk) stand(op *openapi.Operation, contact string) string {
	d.t.Helper()
	switch {
	case strings.Contains(op.Path, "{company}"):
		return d.must(201, call{method: "POST", path: "/v1/companies", body: `{"name": "Rossi srl"}`}).text(d.t, "id")
	case strings.Contains(op.Path, "{merge}"):
		return d.merge(d.twins())
	case op.ID == "dismissMergeSuggestion":
		return d.suggestion(d.doubles())
	case strings.HasSuffix(op.Path, "/notes/{id}"):
		return d.must(201, call{method: "POST", path: "/v1/contacts/" + contact + "/notes", body: `{"text": "Likes cats"}`}).text(d.t, "id")
	case op.ID == "removeContactChannel":
		d.event("e", "channel.connected", contact, `{"channel": "email"}`)
	case op.ID == "unlockContact":
		d.must(200, call{method: "PUT", path: "/v1/contacts/" + contact + "/locks/spring", body: `{"expiresAt": "2099-01-01T00:00:00Z"}`})
	}
	return unknownID
}

func withHeader(name, value string) func(*desk, *openapi.Operation, call) (call, bool) {
	return func(_ *desk, _ *openapi.Operation, c call) (call, bool) {
		c.header = map[string]string{name: value}
		return c, true
	}
}

// takesKey tells whether an operation takes an Idempotency-Key.
func takesKey(op *openapi.Operation) bool {
	return slices.Contains(parameters(op, "header"), "Idempotency-Key")
}

var provocations = []provocation{
	{"unknownParameter", 400, func(_ *desk, _ *openapi.Operation, c call) (call, bool) {
		c.query = "surprise=1"
		return c, true
	}},
	{"noToken", 401, withHeader("Authorization", "")},
	{"badToken", 401, withHeader("Authorization", "Bearer rub_demo")},
	{"suspended", 403, func(d *desk, _ *openapi.Operation, c call) (call, bool) {
		d.suspend()
		return c, true
	}},
	{"role", 403, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		d.token = d.sign(issuer.Claims{Role: "agent"})
		return c, !slices.Contains(op.Roles, "agent") || op.Integrations
	}},
	{"tooLarge", 413, func(_ *desk, _ *openapi.Operation, c call) (call, bool) {
		c.body = `{"description": "` + strings.Repeat("x", 256<<10) + `"}`
		return c, true
	}},
	{"contentType", 415, withHeader("Content-Type", "text/plain")},
	{"usedKey", 422, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		c.header = map[string]string{"Idempotency-Key": "k"}
		d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"lastName": "Rossi"}`, header: c.header})
		return c, takesKey(op)
	}},
	{"badKey", 400, func(_ *desk, op *openapi.Operation, c call) (call, bool) {
		c.header = map[string]string{"Idempotency-Key": "a b"}
		return c, takesKey(op)
	}},
	{"badIfMatch", 400, func(_ *desk, op *openapi.Operation, c call) (call, bool) {
		c.header = map[string]string{"If-Match": "3"}
		return c, slices.Contains(parameters(op, "header"), "If-Match")
	}},
	{"otherVersion", 412, withHeader("If-Match", `"999"`)},
	{"tagWithComma", 412, withHeader("If-Match", `W/"1,1", "a,b"`)},
	{"notFound", 404, func(_ *desk, op *openapi.Operation, _ call) (call, bool) {
		if op.ID == "upsertContact" {
			return request(op, "fax:123456"), true
		}
		c := request(op, unknownID)
		c.path = strings.NewReplacer("/fields/phone", "/fields/none", "/folders/contact", "/folders/none").Replace(c.path)
		return c, strings.Contains(op.Path, "{") || namesContact(op)
	}},
	{"badAddress", 400, func(_ *desk, op *openapi.Operation, _ call) (call, bool) {
		return request(op, "email:nobody"), namesContact(op)
	}},
	{"gone", 410, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		switch op.ID {
		case "createContact", "upsertContact": // the kept answer is the deleted contact's
			c.header = map[string]string{"Idempotency-Key": "k"}
			d.must(204, call{method: "DELETE", path: "/v1/contacts/" + d.must(201, c).text(d.t, "id")})
			return c, true
		}
		if !namesContact(op) {
			return c, false
		}
		d.must(204, call{method: "DELETE", path: "/v1/contacts/email:maria@example.it"})
		return c, true
	}},
	{"ambiguous", 409, func(d *desk, op *openapi.Operation, _ call) (call, bool) {
		d.contact(`{"email": "MARIA@example.it"}`)
		return request(op, "email:maria@example.it"), namesContact(op) && op.ID != "upsertContact"
	}},
	{"duplicate", 409, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		d.contact(`{"externalIds": {"sap": "K-17"}, "otherEmails": ["other@example.com"]}`)
		if op.ID == "addIdentity" {
			d.must(200, call{method: "PATCH", path: "/v1/workspace", body: `{"duplicates": "reject"}`})
			return c, true
		}
		c.body = `{"externalIds": {"sap": "K-17"}}`
		return c, slices.Contains([]string{"createContact", "updateContact", "upsertContact"}, op.ID)
	}},
	{"standard", 409, func(_ *desk, op *openapi.Operation, c call) (call, bool) {
		body, ok := map[string]string{
			"createField": `{"key": "phone", "type": "text"}`, "updateField": `{"label": "Telephone"}`, "deleteField": "",
			"createFolder": `{"name": "contact"}`, "updateFolder": `{"name": "Person"}`, "deleteFolder": "",
		}[op.ID]
		c.body = body
		return c, ok
	}},
	{"takenName", 409, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		for _, name := range []string{"VIP", "lead"} {
			d.must(201, call{method: "POST", path: "/v1/tags", body: `{"name": "` + name + `"}`})
		}
		return c, op.ID == "createTag" || op.ID == "updateTag"
	}},
	{"shownOnce", 409, func(d *desk, op *openapi.Operation, c call) (call, bool) {
		if op.ID != "createToken" {
			return c, false
		}
		c.header = map[string]string{"Idempotency-Key": "k"}
		d.must(201, c)
		return c, true
	}},
}

// suspend is what the operator does.
func (d *desk) suspend() {
	d.t.Helper()
	ws, err := tenant.Parse(d.name)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx := tenant.Bind(d.t.Context(), ws)
	scope, err := d.server.Ledger.Enter(ctx, ws, audit.Actor{Type: audit.System, ID: "test"}, "test")
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = d.server.Ledger.ChangeSettings(ctx, scope, audit.WorkspaceSuspended, ledger.IfMatch{},
		func(s workspace.Settings) (workspace.Settings, error) {
			s.Status = workspace.Suspended
			return s, nil
		}, func(*workspace.Settings) ledger.Answer { return ledger.Answer{} })
	if err != nil {
		d.t.Fatal(err)
	}
}

// brokenStore says with which error a store fails; nil is none.
type brokenStore struct{ fails atomic.Pointer[error] }

type brokenTable struct {
	table.Driver
	store *brokenStore
}

func (b brokenTable) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	if err := b.store.fails.Load(); err != nil {
		return nil, nil, fmt.Errorf("reading: %w", *err)
	}
	return b.Driver.Read(ctx, keys, ranges)
}
