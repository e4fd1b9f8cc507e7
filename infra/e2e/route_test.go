package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/api"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	owner := service.Workspace(t).As(t, "owner")
	contact := "/v1/contacts/" + owner.Create(t, Object{}).ID()

	t.Run("ThatAreNoneAre404WithoutAToken", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{
			"/", "/v1", "/v1/", "/v2/contacts", "/v1/contact", "/v1/contacts/", contact + "/", contact + "/nothing", contact + "/followers",
			contact + "/followers/a/b", contact + "/identities", "/v1/Contacts", "/V1/contacts", "/v1//contacts", "//v1/contacts",
			"/v1/contacts/../contacts", "/v1/./contacts", "/contacts", "/v1/openapi", "/v1/openapi.yaml", "/v1/tokens/", "/v1/health/",
			"/local", "/favicon.ico", "/v1/contacts%2F", "/v1%2Fcontacts",
		} {
			service.Anonymous().Get(t, path).Refused(404, "")
			owner.Get(t, path).Refused(404, "")
		}
	})

	t.Run("ThatTakeOtherMethodsAre405WithAllow", func(t *testing.T) {
		t.Parallel()
		allowed := map[string][]string{}
		for _, e := range api.All(service.Ledger, nil) {
			allowed[e.Pattern] = append(allowed[e.Pattern], e.Method)
		}
		if len(allowed) < 12 {
			t.Fatalf("only %d patterns", len(allowed))
		}
		for pattern, methods := range allowed {
			slices.Sort(methods)
			path := fill(pattern, "x", "t")
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
				if slices.Contains(methods, method) {
					continue
				}
				a := service.Anonymous().Do(t, method, path, nil).HasHeader("Allow", strings.Join(methods, ", "))
				if method == http.MethodHead {
					a.Is(405)
				} else {
					a.Refused(405, "")
				}
			}
		}
	})

	t.Run("WantATokenBeforeAllElse", func(t *testing.T) {
		t.Parallel()
		for _, e := range api.All(service.Ledger, nil) {
			if e.Public != nil {
				continue
			}
			path := fill(e.Pattern, "x", "t")
			for _, token := range []string{"", "x", "rub_demo_x_y", "a.b.c"} {
				a := service.Anonymous().With(token).Do(t, e.Method, path+"?zz=1", strings.Repeat("x", 300<<10), "Content-Type", "text/plain")
				a.HasHeader("WWW-Authenticate", "Bearer").Refused(401, "")
			}
			service.Anonymous().Do(t, e.Method, path, nil, "Authorization", "Basic dXNlcjpwYXNz").Refused(401, "")
			service.Anonymous().Do(t, e.Method, path, nil, "Authorization", "Bearer").Refused(401, "")
		}
	})

	t.Run("SayTheRequestsID", func(t *testing.T) {
		t.Parallel()
		seen := map[string]bool{}
		for range 20 {
			id := owner.Get(t, "/v1/nothing").Refused(404, "").Text("instance")
			if seen[id] {
				t.Errorf("the request id %s stands twice", id)
			}
			seen[id] = true
		}
	})
}
