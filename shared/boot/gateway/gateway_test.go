package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/api/frame"
	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/boot/gateway"
	"rubrica/shared/caller/issuer"
)

func open(t *testing.T, log io.Writer, function string, endpoints ...frame.Endpoint) (lambda.Handler, error) {
	t.Helper()
	env := boot.NewEnvironment(func(string) (string, bool) { return "", false }, log)
	return boot.Open(env, func(env *boot.Environment) lambda.Handler { return gateway.New(env, function, nil, nil, endpoints...) })
}

func public(function string, answer func(context.Context) (frame.Response, error)) frame.Endpoint {
	return frame.Endpoint{Method: http.MethodGet, Pattern: "/v1/thing", Function: function, Public: answer}
}

func event(method, path string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path}
	e.RequestContext.RequestID = "JKJaXmPLvHcESHA="
	e.RequestContext.HTTP.Method = method
	return e
}

func invoke(ctx context.Context, t *testing.T, h lambda.Handler, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := h.Invoke(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	var resp events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &resp); err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	h, err := open(t, io.Discard, "f", public("f", func(context.Context) (frame.Response, error) {
		return frame.Response{Status: 201, Body: []byte(`{"name":"Zoë <&> \"x\""}`), Header: map[string]string{"Location": "/v1/thing/1"}}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := invoke(t.Context(), t, h, event("GET", "/v1/thing"))
	want := events.APIGatewayV2HTTPResponse{
		StatusCode: 201, Body: `{"name":"Zoë <&> \"x\""}`,
		Headers: map[string]string{"Location": "/v1/thing/1", "Content-Type": "application/json", "Cache-Control": "no-store"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnswerWithoutBodyHasNoType(t *testing.T) {
	t.Parallel()
	h, err := open(t, io.Discard, "f", public("f", func(context.Context) (frame.Response, error) { return frame.Response{Status: 204}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	if got := invoke(t.Context(), t, h, event("GET", "/v1/thing")); got.StatusCode != 204 || got.Body != "" || got.Headers["Content-Type"] != "" {
		t.Errorf("answer %+v", got)
	}
}

func TestProblemNamesTheGatewaysRequest(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h, err := open(t, &log, "f", public("f", func(context.Context) (frame.Response, error) { return frame.Response{}, errors.New("broken") }))
	if err != nil {
		t.Fatal(err)
	}
	got := invoke(t.Context(), t, h, event("GET", "/v1/thing"))
	var problem struct{ Instance, Code string }
	if err := json.Unmarshal([]byte(got.Body), &problem); err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != 500 || problem.Instance != "JKJaXmPLvHcESHA=" || problem.Code != "internal" || got.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("answer %+v", got)
	}
	if !strings.Contains(log.String(), `"requestId":"JKJaXmPLvHcESHA="`) {
		t.Errorf("log: %s", log.String())
	}
}

// TestDeadline has a 503 get out before Lambda would end the invocation.
func TestDeadline(t *testing.T) {
	t.Parallel()
	var soon time.Time
	h, err := open(t, io.Discard, "f", public("f", func(ctx context.Context) (frame.Response, error) {
		soon, _ = ctx.Deadline()
		return frame.Response{Status: 204}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), ends)
	defer cancel()
	invoke(ctx, t, h, event("GET", "/v1/thing"))
	if !soon.Before(ends) {
		t.Errorf("work ends at %s, the invocation at %s", soon, ends)
	}
}

func TestRefusesAnotherFunctionsEndpoint(t *testing.T) {
	t.Parallel()
	_, err := open(t, io.Discard, "f", public("g", nil))
	if err == nil || !strings.Contains(err.Error(), "GET /v1/thing belongs to the function g, not to f") {
		t.Errorf("err = %v", err)
	}
}

func TestRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	h, err := open(t, io.Discard, "f", public("f", nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{``, `{}`, `[]`, `{"Records":[]}`, `{"version":"1.0","path":"/v1/thing","httpMethod":"GET"}`} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("took %q for a request", payload)
		}
	}
}

// TestBodies sends bodies as the gateway does: as text, or in base64 where it
// does not take the content type for text.
func TestBodies(t *testing.T) {
	t.Parallel()
	d := boottest.Start(t, boottest.Options{})
	ws := d.Workspace("ws-bodies")
	token := d.Token(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner"})
	limit := `{"firstName":"` + strings.Repeat(" ", frame.MaxBody-len(`{"firstName":""}`)) + `"}` // trimmed to nothing
	for name, c := range map[string]struct {
		body   string
		base64 bool
		status int
	}{
		"text":             {body: `{"firstName":"Zoë"}`, status: 201},
		"base64":           {body: `{"firstName":"Zoë"}`, base64: true, status: 201},
		"none":             {status: 400},
		"at the limit":     {body: limit, base64: true, status: 201},
		"over by one":      {body: limit + " ", base64: true, status: 413},
		"far over":         {body: strings.Repeat(limit, 2), base64: true, status: 413},
		"text over by one": {body: limit + " ", status: 413},
		"invalid UTF-8":    {body: "{\"firstName\":\"\xff\"}", base64: true, status: 400},
	} {
		e := event("POST", "/v1/contacts")
		e.Headers = map[string]string{"authorization": "Bearer " + token, "content-type": "application/json"}
		if e.Body = c.body; c.base64 {
			e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(c.body)), true
		}
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(d.Invoke("create-contact", payload), &got); err != nil {
			t.Fatal(err)
		}
		if got.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.Body)
		}
	}
}

// TestPath has the gateway decode the path, as it does: it is split as it comes,
// and not decoded again.
func TestPath(t *testing.T) {
	t.Parallel()
	d := boottest.Start(t, boottest.Options{})
	ws := d.Workspace("ws-path")
	token := d.Token(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner"})
	if made := d.Request("POST", "/v1/contacts", token, `{"externalIds":{"sap":"100%25 K 17"}}`); made.Status != 201 {
		t.Fatal(made)
	}
	if got := d.Request("GET", "/v1/contacts/ext:sap:100%25 K 17", token, ""); got.Status != 200 {
		t.Error(got)
	}
	if got := d.Request("GET", "/v1/contacts/ext:sap:100% K 17", token, ""); got.Status != 404 {
		t.Error(got)
	}
}
