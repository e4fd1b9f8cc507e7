package openapi_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"rubrica/infra/openapi"
)

// canned answers every request with the same.
type canned struct {
	status int
	header map[string]string
	body   string
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
	}
	h := http.Header{}
	for name, value := range c.header {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: c.status, Header: h, Body: io.NopCloser(strings.NewReader(c.body)), Request: req}, nil
}

const (
	goodContact = `{"id": "01ARZ3NDEKTSV4RRFFQ69G5FA0", "version": 1, "name": "", "status": "active", "vip": false, "tags": [], "fields": {},
		"blocked": false, "createdAt": "2026-11-20T09:30:00.123Z", "updatedAt": "2026-11-20T09:30:00.123Z"}`
	goodProblem = `{"type": "/problems/not-found", "title": "x", "status": 404, "detail": "x", "instance": "x", "code": "not_found"}`
	isJSON      = "application/json"
	isProblem   = "application/problem+json"
)

// TestCheckerFinds shows it what does not fit, and what does.
func TestCheckerFinds(t *testing.T) {
	t.Parallel()
	contact := func(header string, body string) canned {
		return canned{200, map[string]string{"Content-Type": isJSON, "ETag": header}, body}
	}
	refused := func(status int, more ...string) canned {
		h := map[string]string{"Content-Type": isProblem}
		for i := 0; i+1 < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return canned{status, h, goodProblem}
	}
	const path = "/v1/contacts/01ARZ3NDEKTSV4RRFFQ69G5FA0"
	for name, c := range map[string]struct {
		method, path, body string
		answer             canned
		want               string // part of the finding, "" for none
	}{
		"Nothing":             {"GET", path, "", contact(`"1"`, goodContact), ""},
		"Elsewhere":           {"GET", "/local/ready", "", canned{status: 999}, ""},
		"Status":              {"GET", path, "", canned{status: 202}, "does not document the status 202"},
		"ContentType":         {"GET", path, "", canned{200, map[string]string{"Content-Type": "text/html", "ETag": `"1"`}, "<p>"}, `the content type "text/html"`},
		"NoContentType":       {"GET", path, "", canned{200, map[string]string{"ETag": `"1"`}, "x"}, "the content type"},
		"NoJSON":              {"GET", path, "", contact(`"1"`, "{"), "is not JSON"},
		"MissingMember":       {"GET", path, "", contact(`"1"`, strings.Replace(goodContact, `"vip": false,`, "", 1)), "vip"},
		"UndocumentedMember":  {"GET", path, "", contact(`"1"`, strings.Replace(goodContact, `"vip"`, `"secret": 1, "vip"`, 1)), "secret"},
		"MemberOfAnotherType": {"GET", path, "", contact(`"1"`, strings.Replace(goodContact, `"version": 1`, `"version": "1"`, 1)), "version"},
		"Format":              {"GET", path, "", contact(`"1"`, strings.Replace(goodContact, `"vip"`, `"phone": "+39351", "vip"`, 1)), "phone"},
		"MissingHeader":       {"GET", path, "", canned{200, map[string]string{"Content-Type": isJSON}, goodContact}, "Etag is missing"},
		"BadHeader":           {"GET", path, "", contact("1", goodContact), "the header Etag"},
		"UndocumentedHeader":  {"GET", path, "", refused(404, "Location", "/x"), "Location is not documented"},
		"OtherStatusInside":   {"GET", path, "", refused(410), "says status 404, the answer 410"},
		"CodeOfAnotherStatus": {"GET", path, "", refused(409), "code"},
		"BodyOf204":           {"DELETE", path, "", canned{204, nil, "x"}, "has a body"},
		"UnknownRoute":        {"GET", "/v1/nothing", "", refused(404), ""},
		"UnknownRouteTaken":   {"GET", "/v1/nothing", "", contact(`"1"`, goodContact), "is not documented, so its status must be 404"},
		"UnknownMethodTaken":  {"DELETE", "/v1/me", "", canned{status: 204}, "its status must be 405"},
		"WrongAllow":          {"DELETE", "/v1/me", "", refused(405, "Allow", "GET, PUT"), `the header Allow is "GET, PUT"`},
		"TookQuery":           {"GET", path + "?x=1", "", contact(`"1"`, goodContact), `the query parameter "x"`},
		"TookBadParameter":    {"GET", "/v1/contacts?limit=101", "", canned{200, map[string]string{"Content-Type": isJSON}, `{"items": []}`}, "limit"},
		"TookBadPath":         {"GET", "/v1/contacts/fax:1", "", contact(`"1"`, goodContact), "contact"},
		"TookBadBody":         {"PATCH", path, `{"surname": "Rossi"}`, contact(`"1"`, goodContact), "surname"},
		"TookNoJSON":          {"PATCH", path, `{`, contact(`"1"`, goodContact), "took a body that is not JSON"},
		"GoodBody":            {"PATCH", path, `{"lastName": null}`, contact(`"1"`, goodContact), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []error
			checker := &openapi.Checker{Document: document(t), Base: c.answer, Report: func(err error) { found = append(found, err) }}
			var body io.Reader
			if c.body != "" {
				body = bytes.NewReader([]byte(c.body))
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, "http://x"+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := checker.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if read, err := io.ReadAll(resp.Body); err != nil || string(read) != c.answer.body {
				t.Errorf("the body was not passed on: %q, %v", read, err)
			}
			switch text := errors.Join(found...); {
			case c.want == "" && text != nil:
				t.Errorf("found %v, want nothing", text)
			case c.want != "" && (text == nil || !strings.Contains(text.Error(), c.want)):
				t.Errorf("found %v, want something about %q", text, c.want)
			}
		})
	}
}
