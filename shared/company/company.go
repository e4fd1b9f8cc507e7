// Package company is what a company is: a record that contacts are associated
// with. Pure rules; the ledger keeps companies, their hints and counts.
package company

import (
	"strings"

	"rubrica/shared/format"
	"rubrica/shared/phone"
)

// MaxName is how many characters a name may have; names need not be unique.
const MaxName = 255

// Company is a company at one version.
type Company struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	// Domain is that of its addresses, in lower case, such as example.com.
	Domain  string `json:"domain,omitzero"`
	Phone   string `json:"phone,omitzero"`
	Website string `json:"website,omitzero"`
}

// Member is one member that a body may carry.
type Member struct {
	Name string
	At   func(*Company) *string
	// Parse returns the value to store; an error is a *format.Error.
	Parse func(string) (string, error)
}

// Members are all of them, in the order of the contract.
func Members() []Member {
	return []Member{
		{"name", func(c *Company) *string { return &c.Name }, func(s string) (string, error) { return format.Line(s, MaxName) }},
		{"domain", func(c *Company) *string { return &c.Domain }, ParseDomain},
		{"phone", func(c *Company) *string { return &c.Phone }, parsePhone},
		{"website", func(c *Company) *string { return &c.Website }, format.URL},
	}
}

func parsePhone(s string) (string, error) {
	n, err := phone.Parse(s)
	return n.String(), err
}

// ParseDomain returns a domain name in lower case (RFC 1035, section 2.3.1, with
// digits first as of RFC 1123 and letters beyond ASCII).
func ParseDomain(s string) (string, error) {
	s, err := format.Line(s, 253)
	if err != nil {
		return "", err
	}
	s = strings.ToLower(s)
	labels := strings.Split(s, ".")
	good := len(labels) > 1
	for _, label := range labels {
		good = good && label != "" && len(label) <= 63 && label[0] != '-' && label[len(label)-1] != '-' && !strings.ContainsAny(label, " /:@?#_,;")
	}
	if !good {
		return "", &format.Error{Code: "invalid_domain", Detail: "Must be a domain such as example.com, without https:// and path."}
	}
	return s, nil
}
