package openapi

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"rubrica/shared/caller"
	"rubrica/shared/company"
	"rubrica/shared/email"
	"rubrica/shared/format"
	"rubrica/shared/phone"
)

// formats are the document's formats that are not JSON Schema's, or that the
// library does not know, judged by the code that judges requests.
func formats() []*jsonschema.Format {
	text := func(name string, check func(string) error) *jsonschema.Format {
		return &jsonschema.Format{Name: name, Validate: func(value any) error {
			if s, ok := value.(string); ok {
				return check(s)
			}
			return nil
		}}
	}
	stored := func(name string, form func(string) (string, error)) *jsonschema.Format {
		return text(name, func(s string) error {
			kept, err := form(s)
			if err == nil && kept != s {
				err = fmt.Errorf("would be stored as %q", kept)
			}
			return err
		})
	}
	return []*jsonschema.Format{
		stored("timezone", format.Timezone),
		stored("language", format.Language),
		stored("user", format.UserID),
		stored("iri", format.URL),
		stored("domain", company.ParseDomain),
		text("domain-input", func(s string) error { _, err := company.ParseDomain(s); return err }),
		text("phone", func(s string) error { _, err := phone.Parse(s); return err }),
		text("idn-email", func(s string) error { _, err := email.Parse(s); return err }),
		text("integration", func(s string) error {
			if !caller.ValidIntegration(s) {
				return errors.New("is no integration's name")
			}
			return nil
		}),
		text("uri-reference", func(s string) error { _, err := url.Parse(s); return err }),
	}
}
