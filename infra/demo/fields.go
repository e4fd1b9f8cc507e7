package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// customColumns are columns that no member of a contact takes, by their names in
// lower case, and the custom fields that do.
var customColumns = map[string]customField{
	"customer id": {Key: "customer_id", Type: "text", Label: "Customer ID"},
	"score":       {Key: "score", Type: "number", Label: "Score"},
	"signup date": {Key: "signup_date", Type: "date", Label: "Signup Date"},
}

// customField is as much of a field as is needed to make one and to send values.
type customField struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Label string `json:"label"`
}

// inFields begins the members that are custom fields.
const inFields = "fields."

// ensureFields makes the custom fields that the file has columns for and the
// workspace does not have, and returns their labels. A column whose field may not
// be made is left out; one whose field is there with another type takes that.
func (c *client) ensureFields(ctx context.Context, r *rows) (made []string, err error) {
	if len(r.custom) == 0 {
		return nil, nil
	}
	status, body, err := c.call(ctx, http.MethodGet, "/v1/fields", nil, "")
	var there struct {
		Items []customField `json:"items"`
	}
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, fmt.Errorf("the API does not let us: %s", reasonsIn(body, row{file: r}))
	}
	if err := json.Unmarshal(body, &there); err != nil {
		return nil, fmt.Errorf("the API does not answer with fields: %w", err)
	}
	for i, member := range r.members {
		wanted, custom := r.custom[member]
		if !custom {
			continue
		}
		if at := slices.IndexFunc(there.Items, func(f customField) bool { return f.Key == wanted.Key }); at >= 0 {
			r.custom[member] = there.Items[at]
			continue
		}
		status, body, err := c.call(ctx, http.MethodPost, "/v1/fields", wanted, "")
		switch {
		case err != nil:
			return made, err
		case status == http.StatusCreated:
			made = append(made, wanted.Label)
		case status == http.StatusConflict && strings.Contains(string(body), `"field_exists"`): // somebody else has just made it
		case status == http.StatusConflict || status == http.StatusForbidden:
			r.ignore(i)
		default:
			return made, fmt.Errorf("making the field %s: the API answers %d: %s", wanted.Label, status, reasonsIn(body, row{file: r}))
		}
	}
	return made, nil
}

// body is the row as the API takes it: custom values apart, numbers as numbers,
// tags at their semicolons.
func (r row) body() map[string]any {
	members := make(map[string]any, len(r.contact))
	fields := map[string]any{}
	for member, value := range r.contact {
		key, custom := strings.CutPrefix(member, inFields)
		switch number := jsontext.Value(strings.TrimSpace(value)); {
		case member == "tags":
			members[member] = strings.FieldsFunc(value, func(r rune) bool { return r == ';' })
		case !custom:
			members[member] = value
		case r.file.custom[member].Type == "number" && number.Kind() == '0' && number.IsValid():
			fields[key] = number
		default:
			fields[key] = value // if it is none, the API says so
		}
	}
	if len(fields) > 0 {
		members["fields"] = fields
	}
	return members
}

// memberOf is what takes a column's values, "" if nothing does.
func memberOf(column string) (member string, field customField) {
	name := strings.ToLower(column)
	if f, custom := customColumns[name]; custom {
		return inFields + f.Key, f
	}
	return columns[name], customField{}
}

// ignore takes a column out.
func (r *rows) ignore(column int) {
	delete(r.custom, r.members[column])
	r.members[column] = ""
	r.ignored = append(r.ignored, r.header[column])
	slices.SortFunc(r.ignored, func(a, b string) int { return cmp.Compare(slices.Index(r.header, a), slices.Index(r.header, b)) })
}
