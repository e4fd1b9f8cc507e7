package openapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/unicode/norm"
)

// checkRequest checks a request that was answered with success: the document
// must not forbid what the API takes.
func checkRequest(ex *Exchange) (errs []error) {
	if ex.Status >= 300 {
		return nil
	}
	op, req := ex.Operation, ex.Request
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return []error{err}
	}
	segments := strings.Split(req.URL.EscapedPath(), "/")
	for _, p := range op.Parameters {
		var values []string
		switch p.In {
		case "query":
			values = query[p.Name]
			delete(query, p.Name)
		case "header":
			values = req.Header.Values(p.Name)
		case "path":
			at := slices.Index(op.segments, "{"+p.Name+"}")
			if at < 0 {
				return append(errs, fmt.Errorf("%s documents the parameter %q, which its path does not have", op.ID, p.Name))
			}
			value, err := url.PathUnescape(segments[at])
			if err != nil {
				return append(errs, err)
			}
			values = []string{value}
		}
		for _, v := range values {
			if p.In != "header" {
				v = asRead(v).(string)
			}
			if err := p.Schema.Validate(typed(p.Schema, v)); err != nil {
				errs = append(errs, fmt.Errorf("%s took the %s parameter %s=%q: %w", op.ID, p.In, p.Name, v, err))
			}
		}
	}
	for name := range query {
		errs = append(errs, fmt.Errorf("%s took the query parameter %q, which is not documented", op.ID, name))
	}
	return append(errs, op.checkBody(req, ex.Sent)...)
}

func (op *Operation) checkBody(req *http.Request, sent []byte) []error {
	if op.Body == nil || op.Bodiless && len(sent) == 0 {
		return nil // a body is not looked at, or is not there
	}
	media := "application/json"
	if req.Header.Get("Content-Type") != "" {
		var err error
		if media, err = mediaType(req.Header); err != nil {
			return []error{err}
		}
	}
	schema, ok := op.Body[media]
	if !ok {
		return []error{fmt.Errorf("%s took the content type %q, which is not documented", op.ID, media)}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent))
	if err != nil {
		return []error{fmt.Errorf("%s took a body that is not JSON: %w", op.ID, err)}
	}
	if err := schema.Validate(asRead(value)); err != nil {
		return []error{fmt.Errorf("%s took the body %s: %w", op.ID, shorten(sent), err)}
	}
	return nil
}

// asRead is a value as the API reads it: its texts trimmed and composed. That
// comes before every limit and pattern (the document's info, "Strict requests").
func asRead(value any) any {
	switch v := value.(type) {
	case string:
		return norm.NFC.String(strings.TrimSpace(v))
	case []any:
		for i := range v {
			v[i] = asRead(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = asRead(v[name])
		}
	}
	return value
}
