package template_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/api"
)

// TestRoutes has each endpoint have its route, on its function, and no route
// more.
func TestRoutes(t *testing.T) {
	t.Parallel()
	want := map[string]string{} // method and path, function
	for _, e := range api.All(nil, nil) {
		want[e.Method+" "+e.Pattern] = e.Function
	}
	got := map[string]string{}
	for folder, f := range read(t).functions(t) {
		events, _ := at(f, "Events").(map[string]any)
		for name, event := range events {
			if text(event, "Type") != "HttpApi" {
				continue
			}
			route := text(event, "Properties", "Method") + " " + text(event, "Properties", "Path")
			if other, twice := got[route]; twice {
				t.Errorf("%s is on %s and on %s", route, other, folder)
			}
			got[route] = folder
			if ref(at(event, "Properties", "ApiId")) != "Api" {
				t.Errorf("%s of %s is on another gateway", name, folder)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (- of the endpoints, + of the template):\n%s", diff)
	}
}

// TestEventsAreCalledAsOperations keeps one name for one thing: the event of a
// route is its operationId.
func TestEventsAreCalledAsOperations(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, e := range api.All(nil, nil) {
		want[e.Method+" "+e.Pattern] = string(e.Operation[0]-'a'+'A') + e.Operation[1:]
	}
	for _, f := range read(t).functions(t) {
		events, _ := at(f, "Events").(map[string]any)
		for name, event := range events {
			if operation, ok := want[text(event, "Properties", "Method")+" "+text(event, "Properties", "Path")]; ok && operation != name {
				t.Errorf("event %s, want %s", name, operation)
			}
		}
	}
}

// TestCORS holds what browsers may do to what endpoints take and answer.
func TestCORS(t *testing.T) {
	t.Parallel()
	gateway := read(t).resources("AWS::Serverless::HttpApi")["Api"]
	choice := list(gateway, "Properties", "CorsConfiguration", "Fn::If")
	if len(choice) != 3 {
		t.Fatal("CORS does not depend on there being origins")
	}
	cors := choice[1]
	methods := texts(cors, "AllowMethods")
	for _, e := range api.All(nil, nil) {
		if !slices.Contains(methods, e.Method) {
			t.Errorf("browsers may not %s", e.Method)
		}
	}
	for name, want := range map[string][]string{
		"AllowHeaders":  {"Authorization", "Content-Type", "If-Match", "Idempotency-Key"},
		"ExposeHeaders": {"ETag", "Location", "Content-Location", "Retry-After", "Idempotency-Replayed", "RateLimit"},
	} {
		if got := texts(cors, name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
