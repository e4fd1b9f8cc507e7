package e2e

import (
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/audit"
	"rubrica/shared/tenant"
)

// shut closes a workspace as its operator does.
func shut(t *testing.T, s *server.Server, name string) {
	t.Helper()
	ws, err := tenant.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ledger.CloseWorkspace(t.Context(), ws, audit.Actor{Type: audit.System, ID: "operator"}, "", 0); err != nil {
		t.Fatal(err)
	}
}

// TestNoTokenIsMadeForAClosedWorkspace: nobody could do anything with it.
func TestNoTokenIsMadeForAClosedWorkspace(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	anonymous := service.Anonymous()
	name := randomName("closed")
	token := anonymous.Post(t, "/local/token", Object{"workspace": name}).Is(200).JSON().Text("token")
	anonymous.With(token).Get(t, "/v1/me").Is(200)
	shut(t, service.Server, name)
	anonymous.With(token).Get(t, "/v1/me").Refused(401, "")
	refused := anonymous.Post(t, "/local/token", Object{"workspace": name})
	refused.Invalid("workspace invalid_value")
	if detail := refused.JSON().Text("detail"); !strings.Contains(detail, "closed") {
		t.Errorf("it does not say that the workspace is closed: %s", detail)
	}
	anonymous.Post(t, "/local/token", Object{"workspace": name + "-2"}).Is(200)
}

// TestTheServerStartsWhereDemoIsClosed, and says how to go on: with the token of
// another workspace.
func TestTheServerStartsWhereDemoIsClosed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := server.Start(t.Context(), server.Options{Addr: "127.0.0.1:0", Data: data, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.EnsureWorkspace(t.Context(), "demo")
	if err == nil {
		shut(t, s, "demo")
	}
	if closing := s.Close(t.Context()); err != nil || closing != nil {
		t.Fatal(err, closing)
	}

	p := launch(t, build(t), "-data", data)
	if p.Token != "" {
		t.Errorf("it prints the token %s of a closed workspace", p.Token)
	}
	NewClient(t, p.URL, "").Get(t, "/local/ready").Is(200)
	if _, err := exec.LookPath("curl"); err == nil {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", p.Curl).Output()
		if err != nil || !strings.HasPrefix(string(out), `{"token":"`) {
			t.Errorf("%s\n%v\n%s", p.Curl, err, out)
		}
	}
}
