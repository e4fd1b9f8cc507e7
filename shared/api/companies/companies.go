// Package companies has the endpoints of a workspace's companies. A contact gets
// one by its member companyId.
package companies

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/company"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/ulid"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{list(l), create(l), get(l), update(l), remove(l)}
}

// View is a company as the wire shows it.
type View struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Domain  string `json:"domain,omitzero"`
	Phone   string `json:"phone,omitzero"`
	Website string `json:"website,omitzero"`
	// Contacts is how many it has.
	Contacts int64 `json:"contacts"`
}

func show(c company.Company, contacts int64) View {
	return View{ID: c.ID, Version: c.Version, Name: c.Name, Domain: c.Domain, Phone: c.Phone, Website: c.Website, Contacts: contacts}
}

func answer(status int) func(company.Company, int64) ledger.Answer {
	return func(c company.Company, contacts int64) ledger.Answer {
		a := frame.Shown(status, "/v1/companies/"+c.ID, show(c, contacts))
		a.ETag = frame.ETag(c.Version)
		return a
	}
}

// position is where a page of companies ended: a place in the order of names.
type position struct {
	At string `json:"a"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/companies", Operation: "listCompanies", Function: "manage-companies",
		Query: []string{"limit", "cursor", "prefix"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			prefix, _ := in.Query("prefix")
			prefix, err := format.Line(prefix, company.MaxName)
			if err != nil {
				in.RefuseQueryError("prefix", contact.Refusal("prefix", err))
			}
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantCompanies(in.Workspace, prefix, guess.At, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (items []View, next position, err error) {
						found, behind, err := l.Companies(ctx, call.Scope, prefix, at.At, limit)
						for _, c := range found {
							items = append(items, show(c.Company, c.Contacts))
						}
						return items, position{behind}, err
					})
				},
			}
		},
	}
}

func get(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/companies/{company}", Operation: "getCompany", Function: "manage-companies",
		Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			id := ID(in)
			return frame.Plan{
				Want: l.WantCountedCompany(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					c, err := l.Company(ctx, call.Scope, id)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.Answered(answer(http.StatusOK)(c.Company, c.Contacts), nil)
				},
			}
		},
	}
}

// draft is what a body says of a company: its members' values, "" clears.
type draft map[string]string

func readDraft(f *body.Form, creating bool) draft {
	d := draft{}
	for _, m := range company.Members() {
		if value, ok := f.Parsed(m.Name, m.Parse); ok {
			d[m.Name] = value
		}
	}
	name, named := d["name"]
	if creating && !named || named && name == "" {
		f.Require("name", f.Refused("name"))
	}
	f.ReadOnly("id", "version", "contacts")
	return d
}

func (d draft) apply(c company.Company) company.Company {
	for _, m := range company.Members() {
		if s, given := d[m.Name]; given {
			*m.At(&c) = s
		}
	}
	return c
}

func create(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/companies", Operation: "createCompany", Function: "manage-companies",
		Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			c := readDraft(in.Body, true).apply(company.Company{})
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.CreateCompany(ctx, call.Scope, c, answer(http.StatusCreated)))
			}}
		},
	}
}

func update(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/companies/{company}", Operation: "updateCompany", Function: "manage-companies",
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			d, id := readDraft(in.Body, false), ID(in)
			return frame.Plan{
				Want: l.WantCountedCompany(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.UpdateCompany(ctx, call.Scope, id, call.IfMatch, d.apply, answer(http.StatusOK)))
				},
			}
		},
	}
}

func remove(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/companies/{company}", Operation: "deleteCompany", Function: "manage-companies",
		Roles: []caller.Role{caller.Owner, caller.Manager}, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := ID(in)
			return frame.Plan{
				Want: l.WantCountedCompany(in.Workspace, id),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.DeleteCompany(ctx, call.Scope, id, call.IfMatch, ledger.Answer{Status: http.StatusNoContent}))
				},
			}
		},
	}
}

// ID is the company in the path. What can be no id is a 404 as well as what is none.
func ID(in *frame.Input) string {
	id := in.Param("company")
	if !ulid.Valid(id) {
		in.RefusePath(ledger.NoCompany())
		return ""
	}
	return id
}
