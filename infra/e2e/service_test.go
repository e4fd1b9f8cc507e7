package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/infra/local/server"
)

func TestService(t *testing.T) {
	t.Parallel()
	service := Serve(t, func(o *server.Options) { o.Origins = []string{"https://app.example"} })
	w := service.Workspace(t)

	t.Run("IsHealthyWithoutAToken", func(t *testing.T) {
		t.Parallel()
		for _, token := range []string{"", "nonsense"} {
			a := service.Anonymous().With(token).Get(t, "/v1/health").Is(200)
			if diff := cmp.Diff(Object{"status": "ok"}, a.JSON()); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		}
	})

	t.Run("DescribesItself", func(t *testing.T) {
		t.Parallel()
		document := service.Anonymous().Get(t, "/v1/openapi.json").Is(200).JSON()
		if version := document.Text("openapi"); !strings.HasPrefix(version, "3.1.") {
			t.Errorf("the document's version is %q, want 3.1", version)
		}
		for _, member := range []string{"info", "paths"} {
			if _, ok := document[member].(map[string]any); !ok {
				t.Errorf("the document has no %s", member)
			}
		}
	})

	t.Run("SaysWhoIsCalling", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			client *Client
			want   Object
		}{
			{w.As(t, "agent"), Object{"sub": "user_1", "workspace": w.Name, "role": "agent", "restrictions": []any{}}},
			{
				w.As(t, "manager", Sub("auth0|7"), Integration("crm"), Restricted("only-assigned", "no-delete")),
				Object{"sub": "auth0|7", "workspace": w.Name, "role": "manager", "restrictions": []any{"no-delete", "only-assigned"}, "integration": "crm"},
			},
		} {
			if diff := cmp.Diff(c.want, c.client.Get(t, "/v1/me").Is(200).JSON()); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		}
	})

	t.Run("AnswersBrowsersOfAllowedOrigins", func(t *testing.T) {
		t.Parallel()
		preflight := []string{"Origin", "https://app.example", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "if-match"}
		a := service.Anonymous().Do(t, "OPTIONS", "/v1/contacts/x", nil, preflight...).Is(204)
		a.HasHeader("Access-Control-Allow-Origin", "https://app.example")
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if !strings.Contains(a.Header.Get("Access-Control-Allow-Methods"), method) {
				t.Errorf("%s is not allowed: %v", method, a.Header)
			}
		}
		for _, name := range []string{"Authorization", "Content-Type", "If-Match", "Idempotency-Key"} {
			if !strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), name) {
				t.Errorf("%s is not allowed: %v", name, a.Header)
			}
		}
		b := w.As(t, "owner").Get(t, "/v1/me", "Origin", "https://app.example").Is(200).HasHeader("Access-Control-Allow-Origin", "https://app.example")
		for _, name := range []string{"ETag", "Location", "Content-Location", "Retry-After", "Idempotency-Replayed", "RateLimit"} {
			if !strings.Contains(b.Header.Get("Access-Control-Expose-Headers"), name) {
				t.Errorf("%s is not exposed: %v", name, b.Header)
			}
		}
		for _, origin := range []string{"https://evil.example", "null", "https://app.example.evil.example", "http://app.example"} {
			w.As(t, "owner").Get(t, "/v1/me", "Origin", origin).Is(200).HasHeader("Access-Control-Allow-Origin", "")
		}
	})

	t.Run("MakesTokensForTrying", func(t *testing.T) {
		t.Parallel()
		anonymous := service.Anonymous()
		anonymous.Get(t, "/local/ready").Is(200)
		name := randomName("fresh")
		token := anonymous.Post(t, "/local/token", Object{
			"workspace": name, "role": "agent", "sub": "user_3", "restrictions": []any{"no-delete"}, "integration": "crm", "ttlSeconds": 60,
		}).Is(200).JSON().Text("token")
		anonymous.With(token).Get(t, "/v1/me").Is(200).
			Has(Object{"sub": "user_3", "workspace": name, "role": "agent", "restrictions": []any{"no-delete"}, "integration": "crm"})
		again := anonymous.Post(t, "/local/token", Object{"workspace": name}).Is(200).JSON().Text("token")
		anonymous.With(again).Get(t, "/v1/me").Is(200).Has(Object{"workspace": name})
		demo := anonymous.Post(t, "/local/token", Object{}).Is(200).JSON().Text("token")
		anonymous.With(demo).Get(t, "/v1/me").Is(200).Has(Object{"workspace": "demo"})
		expired := anonymous.Post(t, "/local/token", Object{"workspace": name, "ttlSeconds": -1}).Is(200).JSON().Text("token")
		anonymous.With(expired).Get(t, "/v1/me").Refused(401, "")
		for _, bad := range []any{Object{"workspace": "A"}, Object{"role": "admin"}, Object{"restrictions": []any{"x"}}, Object{"zz": 1}, Object{"sub": "a b"}, Object{"sub": strings.Repeat("ü", 200)}, Object{"integration": "a\u200bb"}, `{`} {
			anonymous.Post(t, "/local/token", bad).Is(400)
		}
	})
}
