package openapi

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"rubrica/infra"
)

// Rubrica is the document of this repository, read once.
var Rubrica = sync.OnceValues(func() (*Document, error) { return Load(infra.OpenAPIYAML) })

// Exchange is one request and its answer.
type Exchange struct {
	// Operation is nil if the document has none of this method and path.
	Operation *Operation
	Request   *http.Request
	Sent      []byte // its body
	Status    int
	Header    http.Header
	Body      []byte
}

// Checker is an http.RoundTripper that holds what passes through it against the
// document, so that any end-to-end test checks the contract on its way:
//
//	client := &http.Client{Transport: &openapi.Checker{Document: document, Report: func(err error) { t.Error(err) }}}
//
// An answer's status, content type, body and headers must be documented, and a
// request that was answered with success must have been a valid one. Paths
// outside of /v1 pass unlooked at. Safe for concurrent use.
type Checker struct {
	Document *Document
	// Base does the round trip; nil is http.DefaultTransport.
	Base http.RoundTripper
	// Report is told everything that does not fit, from whatever goroutine.
	Report func(error)
	// Seen is told of every exchange, if set.
	Seen func(Exchange)
}

// RoundTrip implements http.RoundTripper. The answer's body has been read whole.
func (c *Checker) RoundTrip(req *http.Request) (*http.Response, error) {
	base := c.Base
	if base == nil {
		base = http.DefaultTransport
	}
	if !strings.HasPrefix(req.URL.Path, "/v1") {
		return base.RoundTrip(req)
	}
	ex := Exchange{Request: req}
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		if closeErr := req.Body.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
		ex.Sent = sent
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	ex.Body, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(ex.Body))
	if err != nil {
		return resp, err
	}
	ex.Status, ex.Header = resp.StatusCode, resp.Header
	for _, finding := range c.Document.Check(&ex) {
		c.Report(fmt.Errorf("%s %s answered %d %s: %w", req.Method, req.URL.RequestURI(), ex.Status, shorten(ex.Body), finding))
	}
	if c.Seen != nil {
		c.Seen(ex)
	}
	return resp, nil
}

func shorten(body []byte) string {
	const most = 500
	if len(body) > most {
		return string(body[:most]) + "…"
	}
	return string(body)
}

// Check returns what does not fit, and fills in the exchange's operation.
func (d *Document) Check(ex *Exchange) []error {
	segments := strings.Split(ex.Request.URL.EscapedPath(), "/")
	var methods []string
	for _, op := range d.best(segments) {
		methods = append(methods, op.Method)
		if op.Method == ex.Request.Method {
			ex.Operation = op
		}
	}
	slices.Sort(methods)
	switch {
	case ex.Operation != nil:
		return append(checkAnswer(ex), checkRequest(ex)...)
	case len(methods) > 0:
		return d.checkRefusal(ex, "MethodNotAllowed", http.StatusMethodNotAllowed, strings.Join(methods, ", "))
	default:
		return d.checkRefusal(ex, "NotFound", http.StatusNotFound, "")
	}
}

// best are the operations of the path that fits; literal segments go before
// parameters.
func (d *Document) best(segments []string) (found []*Operation) {
	score := -1
	for _, op := range d.Operations {
		switch s := op.fits(segments); {
		case s < 0 || s < score:
		case s > score:
			score, found = s, []*Operation{op}
		default:
			found = append(found, op)
		}
	}
	return found
}

// fits is how many segments of a path are the operation's literally, -1 if the
// path is another one.
func (op *Operation) fits(segments []string) int {
	if len(segments) != len(op.segments) {
		return -1
	}
	literal := 0
	for i, s := range op.segments {
		switch {
		case s == segments[i]:
			literal++
		case !strings.HasPrefix(s, "{") || segments[i] == "":
			return -1
		}
	}
	return literal
}
