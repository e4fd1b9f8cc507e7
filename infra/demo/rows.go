package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// columns are the names that contact managers give their columns, in lower case,
// and the members of a contact that take them.
var columns = map[string]string{
	"first name": "firstName", "last name": "lastName", "phone": "phone", "email": "email", "business name": "businessName",
	"street address": "streetAddress", "city": "city", "state": "state", "postal code": "postalCode", "country": "country",
	"website": "website", "timezone": "timezone", "language": "language", "date of birth": "dateOfBirth",
	"contact source": "source", "contact type": "type", "owner": "owner", "department": "department", "status": "status",
	"notes": "description", "tags": "tags",
}

// rows reads a CSV file row by row.
type rows struct {
	// ignored are the columns that nothing takes.
	ignored []string
	// custom are the custom fields that take columns, by member ("fields.score").
	custom map[string]customField

	csv     *csv.Reader
	header  []string
	members []string // by column, "" if none takes it
}

// row is one row: what to send, and what it looked like.
type row struct {
	// line is where it begins in the file, from 1.
	line int
	// contact has the row's values by member; those that are empty are left out.
	contact map[string]string
	file    *rows
	// err says why it is no row of this file.
	err error
}

// newRows reads the header. A byte order mark before it is passed over.
func newRows(file io.Reader) (*rows, error) {
	text := bufio.NewReader(file)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	r := &rows{csv: csv.NewReader(text), custom: map[string]customField{}}
	r.csv.FieldsPerRecord = -1 // a row that is short or long is refused by itself
	header, err := r.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("the file has no header: %w", err)
	}
	for _, name := range header {
		name = strings.TrimSpace(name)
		member, field := memberOf(name)
		if field.Key != "" {
			r.custom[member] = field
		}
		switch {
		case member == "":
			r.ignored = append(r.ignored, name)
		case slices.Contains(r.members, member):
			return nil, fmt.Errorf("the column %q stands twice in the header", name)
		}
		r.header, r.members = append(r.header, name), append(r.members, member)
	}
	if len(r.ignored) == len(header) {
		return nil, fmt.Errorf("no column of the header is known: %s", strings.Join(r.header, ", "))
	}
	return r, nil
}

// next returns the next row, io.EOF behind the last.
func (r *rows) next() (row, error) {
	fields, err := r.csv.Read()
	if malformed, ok := errors.AsType[*csv.ParseError](err); ok {
		return row{line: malformed.StartLine, err: malformed.Err}, nil
	}
	if err != nil {
		return row{}, err
	}
	line, _ := r.csv.FieldPos(0)
	if len(fields) != len(r.header) {
		return row{line: line, err: fmt.Errorf("it has %d fields, the header %d", len(fields), len(r.header))}, nil
	}
	next := row{line: line, contact: map[string]string{}, file: r}
	for i, value := range fields {
		if !utf8.ValidString(value) {
			return row{line: line, err: fmt.Errorf("%s is not UTF-8: save the file in that encoding", r.header[i])}, nil
		}
		if member := r.members[i]; member != "" && value != "" {
			next.contact[member] = value
		}
	}
	return next, nil
}
