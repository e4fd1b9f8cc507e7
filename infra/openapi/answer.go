package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contractual are the headers by which the contract speaks: none of them may be
// sent without being documented.
var contractual = []string{
	"Etag", "Location", "Content-Location", "Idempotency-Replayed", "Retry-After", "Allow", "Www-Authenticate",
}

func checkAnswer(ex *Exchange) []error {
	r, ok := ex.Operation.Responses[ex.Status]
	if !ok {
		return []error{fmt.Errorf("%s does not document the status %d", ex.Operation.ID, ex.Status)}
	}
	return r.check(ex)
}

// checkRefusal checks the answer to a request that is no operation's.
func (d *Document) checkRefusal(ex *Exchange, component string, status int, allow string) []error {
	if ex.Status != status {
		return []error{fmt.Errorf("is not documented, so its status must be %d", status)}
	}
	at, err := d.in(node{"", d.Root}, "components", "responses", component)
	if err != nil {
		return []error{err}
	}
	r, err := d.response(at)
	if err != nil {
		return []error{err}
	}
	errs := r.check(ex)
	if got := ex.Header.Get("Allow"); got != allow {
		errs = append(errs, fmt.Errorf("the header Allow is %q, documented is %q", got, allow))
	}
	return errs
}

func (r *Response) check(ex *Exchange) []error {
	errs := r.checkHeaders(ex.Header)
	if ex.Request.Method == http.MethodHead {
		return errs
	}
	if r.Content == nil {
		if len(ex.Body) > 0 {
			errs = append(errs, errors.New("has a body, where none is documented"))
		}
		return errs
	}
	media, err := mediaType(ex.Header)
	if err != nil {
		return append(errs, err)
	}
	schema, ok := r.Content[media]
	if !ok {
		return append(errs, fmt.Errorf("does not document the content type %q", media))
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(ex.Body))
	if err != nil {
		return append(errs, fmt.Errorf("is not JSON: %w", err))
	}
	if err := schema.Validate(value); err != nil {
		errs = append(errs, err)
	}
	if media == "application/problem+json" {
		errs = append(errs, checkProblem(value, ex.Status)...)
	}
	return errs
}

func (r *Response) checkHeaders(header http.Header) (errs []error) {
	for name, h := range r.Headers {
		values := header.Values(name)
		switch {
		case len(values) == 0 && h.Required:
			errs = append(errs, fmt.Errorf("the header %s is missing", name))
		case len(values) > 1:
			errs = append(errs, fmt.Errorf("the header %s is sent %d times", name, len(values)))
		case len(values) == 1:
			if err := h.Schema.Validate(typed(h.Schema, values[0])); err != nil {
				errs = append(errs, fmt.Errorf("the header %s: %w", name, err))
			}
		}
	}
	for _, name := range contractual {
		if _, documented := r.Headers[name]; !documented && header.Get(name) != "" {
			errs = append(errs, fmt.Errorf("the header %s is not documented", name))
		}
	}
	return errs
}

// checkProblem checks what a schema cannot say: that the document's status is
// the answer's.
func checkProblem(value any, status int) (errs []error) {
	p, _ := value.(map[string]any)
	if p["status"] != json.Number(fmt.Sprint(status)) {
		errs = append(errs, fmt.Errorf("the document says status %v, the answer %d", p["status"], status))
	}
	return errs
}

func mediaType(h http.Header) (string, error) {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "", fmt.Errorf("the content type %q: %w", h.Get("Content-Type"), err)
	}
	return media, nil
}

// typed turns the text of a parameter or header into the value that its schema
// speaks of.
func typed(schema *jsonschema.Schema, text string) any {
	for schema.Ref != nil {
		schema = schema.Ref
	}
	if schema.Types == nil {
		return text
	}
	types := schema.Types.ToStrings()
	switch {
	case slices.Contains(types, "integer") && text != "" && strings.Trim(text, "0123456789") == "":
		return json.Number(text)
	case slices.Contains(types, "boolean") && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}
