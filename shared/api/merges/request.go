package merges

import (
	"context"
	"slices"
	"strings"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/merge"
	"rubrica/shared/problem"
)

// request is what a body asks to be merged.
type request struct {
	survivor string
	others   []string
	dry      bool
	// choose is as it was sent, "" where it is unset; chosen is what is chosen, by the
	// members' names as they are kept.
	choose map[string]string
	chosen map[string]string
}

func readRequest(in *frame.Input) *request {
	r := &request{choose: map[string]string{}}
	f := in.Body
	r.survivor = f.Text("survivor", maxID)
	if !f.Refused("survivor") {
		f.Require("survivor", r.survivor != "")
	}
	f.Strings("contacts", merge.MaxContacts, func(path, id string) {
		switch {
		case id == r.survivor:
			f.Refuse(path, "survivor", "Is the survivor itself; name only those that it absorbs.")
		case slices.Contains(r.others, id):
			f.Refuse(path, "repeated", "Is there already.")
		}
		r.others = append(r.others, id)
	})
	f.Require("contacts", len(r.others) > 0 || f.RefusedWithin("contacts"))
	r.readChoose(f)
	r.dry, _ = in.Flag("dryRun")
	return r
}

// maxID is as much of an id as is looked at: a longer one is nobody's.
const maxID = 100

// readChoose reads whose value each member takes.
func (r *request) readChoose(f *body.Form) {
	choose := f.Object("choose")
	if choose == nil {
		return
	}
	for _, m := range choose.Members() {
		if _, custom := strings.CutPrefix(m.Name, contact.FieldPrefix); !custom && !contact.Single(m.Name) {
			choose.Refuse(m.Name, body.CodeUnknown, "Must be a member with one value, such as email, or fields.<key>.")
			continue
		}
		id, ok := body.Text(m.Value)
		switch {
		case m.Kind() == 'n' || ok && id == "":
			r.choose[m.Name] = ""
		case !ok:
			choose.Refuse(m.Name, body.CodeType, "Must be the id of one of the contacts.")
		case id != r.survivor && !slices.Contains(r.others, id):
			choose.Refuse(m.Name, body.CodeChoice, "Must be the id of one of the contacts to be merged.")
		default:
			r.choose[m.Name] = id
		}
	}
}

// resolve finds the custom fields that are chosen.
func (r *request) resolve(l *ledger.Ledger) func(context.Context, *frame.Call) ([]problem.Field, error) {
	return func(ctx context.Context, call *frame.Call) (wrong []problem.Field, err error) {
		fields, err := l.Fields(ctx, call.Scope)
		if err != nil {
			return nil, err
		}
		r.chosen = map[string]string{}
		for name, id := range r.choose {
			key, custom := strings.CutPrefix(name, contact.FieldPrefix)
			kept := name
			if custom {
				d, ok := fields.CustomField(key)
				if !ok {
					wrong = append(wrong, problem.Field{Field: body.Join("choose", name), Code: "unknown_field", Detail: "The workspace has no custom field with this key; letter case counts."})
					continue
				}
				kept = contact.FieldPrefix + d.ID
			}
			if id != "" {
				r.chosen[kept] = id
			}
		}
		return wrong, nil
	}
}
