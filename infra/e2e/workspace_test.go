package e2e

import (
	"testing"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/ledger"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

func TestWorkspaceSettings(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("HaveDefaults", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		got := w.As(t, "agent").Get(t, "/v1/workspace").Is(200).
			Has(Object{"id": w.Name, "duplicates": "allow", "timezone": "UTC", "status": "active"})
		if days, ok := got["auditRetentionDays"].(float64); !ok || days < 365 {
			t.Errorf("auditRetentionDays is %v", got["auditRetentionDays"])
		}
		if _, ok := got["limits"].(map[string]any); !ok {
			t.Errorf("limits are %v", got["limits"])
		}
	})

	t.Run("AreChangedByAMergePatch", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		first := owner.Get(t, "/v1/workspace").Is(200).Header.Get("ETag")
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}, "If-Match", first).Is(200).Has(Object{"duplicates": "reject", "timezone": "UTC"})
		owner.Patch(t, "/v1/workspace", Object{"timezone": "Europe/Rome", "auditRetentionDays": 400}).Is(200).
			Has(Object{"duplicates": "reject", "timezone": "Europe/Rome", "auditRetentionDays": 400})
		owner.Patch(t, "/v1/workspace", Object{"duplicates": nil, "timezone": nil}).Is(200).Has(Object{"duplicates": "allow", "timezone": "UTC"})
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "", "timezone": "", "auditRetentionDays": ""}).Is(200).
			Has(Object{"duplicates": "allow", "timezone": "UTC"})
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}, "If-Match", first).Refused(412, "")
		w.As(t, "agent").Get(t, "/v1/workspace").Is(200).Has(Object{"duplicates": "allow"})
	})

	t.Run("RefuseWhatIsWrong", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		before := owner.Get(t, "/v1/workspace").Is(200)
		owner.Patch(t, "/v1/workspace", Object{
			"duplicates": "maybe", "timezone": "Rome", "auditRetentionDays": 1, "id": "x", "status": "closed", "limits": Object{}, "zz": 1,
		}).Invalid("duplicates invalid_choice", "timezone invalid_timezone", "auditRetentionDays invalid_value", "id read_only",
			"status read_only", "limits read_only", "zz unknown_member")
		for _, body := range []Object{{"auditRetentionDays": 1.5}, {"auditRetentionDays": "400"}, {"auditRetentionDays": 1e9}, {"auditRetentionDays": -1}, {"timezone": 1}} {
			owner.Patch(t, "/v1/workspace", body).Refused(400, "")
		}
		if after := owner.Get(t, "/v1/workspace").Is(200); string(after.Body) != string(before.Body) {
			t.Errorf("%v\nwant %s", after, before.Body)
		}
	})

	t.Run("ThatChangeNothingWriteNothing", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		etag := owner.Get(t, "/v1/workspace").Header.Get("ETag")
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "allow", "timezone": "UTC"}).Is(200).HasHeader("ETag", etag)
		owner.Patch(t, "/v1/workspace", Object{}).Is(200).HasHeader("ETag", etag)
	})
}

func TestWorkspacesThatMayNot(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	contact := "/v1/contacts/" + owner.Create(t, Object{}).ID()
	token := owner.With(owner.Post(t, "/v1/tokens", Object{"name": "t", "role": "owner"}).Is(201).JSON().Text("token"))

	t.Run("AreUnknown", func(t *testing.T) {
		unknown := &Workspace{Name: "no-such-workspace", service: service}
		for _, path := range []string{"/v1/me", "/v1/contacts", contact, "/v1/workspace"} {
			unknown.As(t, "owner").Get(t, path).Refused(401, "")
		}
		unknown.As(t, "agent").Delete(t, contact).Refused(401, "")
		for _, name := range []string{"", "X", "a", "-a", "a_b", "_system", "*", "ws/../" + w.Name} {
			(&Workspace{Name: name, service: service}).As(t, "owner").Get(t, "/v1/me").Refused(401, "")
		}
	})

	t.Run("AreSuspended", func(t *testing.T) {
		set := func(status workspace.Status, action audit.Action) {
			t.Helper()
			ctx := tenant.Bind(t.Context(), w.Tenant)
			scope, err := service.Ledger.Enter(ctx, w.Tenant, audit.Actor{Type: audit.System, ID: "operator"}, "test")
			if err != nil {
				t.Fatal(err)
			}
			_, err = service.Ledger.ChangeSettings(ctx, scope, action, ledger.IfMatch{},
				func(s workspace.Settings) (workspace.Settings, error) { s.Status = status; return s, nil },
				func(*workspace.Settings) ledger.Answer { return ledger.Answer{} })
			if err != nil {
				t.Fatal(err)
			}
		}
		set(workspace.Suspended, audit.WorkspaceSuspended)
		for _, c := range []*Client{owner, token, w.As(t, "agent", Restricted("only-assigned"))} {
			for _, a := range []*Answer{
				c.Get(t, contact), c.Get(t, "/v1/me"), c.Get(t, "/v1/contacts?zz=1"), c.Post(t, "/v1/contacts", `{`), c.Delete(t, contact),
				c.Get(t, "/v1/workspace"), c.Get(t, "/v1/audit"),
			} {
				a.Refused(403, "workspace_suspended")
			}
		}
		service.Anonymous().Get(t, "/v1/health").Is(200)
		owner.Get(t, "/v1/nothing").Refused(404, "")
		owner.With("").Get(t, contact).Refused(401, "")
		set(workspace.Active, audit.WorkspaceResumed)
		owner.Get(t, contact).Is(200)
		token.Get(t, contact).Is(200)
	})

	t.Run("AreClosed", func(t *testing.T) {
		closed := service.Workspace(t)
		ctx := tenant.Bind(t.Context(), closed.Tenant)
		scope, err := service.Ledger.Enter(ctx, closed.Tenant, audit.Actor{Type: audit.System, ID: "operator"}, "test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Ledger.ChangeSettings(ctx, scope, audit.WorkspaceUpdated, ledger.IfMatch{},
			func(s workspace.Settings) (workspace.Settings, error) { s.Status = workspace.Closed; return s, nil },
			func(*workspace.Settings) ledger.Answer { return ledger.Answer{} }); err != nil {
			t.Fatal(err)
		}
		closed.As(t, "owner").Get(t, "/v1/me").Refused(401, "")
	})
}

func TestTokensOfTheProvider(t *testing.T) {
	t.Parallel()
	clock := &Clock{}
	service := Serve(t, clock.Set)
	w := service.Workspace(t)
	old := w.As(t, "owner")
	old.Get(t, "/v1/me").Is(200)
	clock.Advance(61 * time.Minute)
	old.Get(t, "/v1/me").Refused(401, "")
	for _, claims := range [][]Claim{{Sub("")}, {Sub("a b")}, {Restricted("no-such")}, {Integration(" x")}} {
		w.As(t, "owner", claims...).Get(t, "/v1/me").Refused(401, "")
	}
	w.As(t, "admin").Get(t, "/v1/me").Refused(401, "")
	w.As(t, "").Get(t, "/v1/me").Refused(401, "")
	good := w.As(t, "owner").Token
	for _, bad := range []string{good + "x", good[:len(good)-1], good[1:], good + "." + good, "eyJhbGciOiJub25lIn0.e30."} {
		old.With(bad).Get(t, "/v1/me").Refused(401, "")
	}
	old.Get(t, "/v1/me", "Authorization", "bearer "+good).Is(200)
}
