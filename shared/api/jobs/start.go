package jobs

import (
	"context"
	"math"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/filter"
	"rubrica/shared/format"
	"rubrica/shared/job"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/ulid"
)

func start(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/jobs", Operation: "startJob", Function: function, Roles: managers(),
		Query: []string{"dryRun"}, Body: frame.JSON, Success: []int{http.StatusOK, http.StatusAccepted},
		Read: func(in *frame.Input) frame.Plan {
			dryRun, _ := in.Flag("dryRun")
			o := readOrder(in.Body)
			return frame.Plan{
				Want: ledger.WantTags(in.Workspace, o.Tags...).Plus(ledger.WantFilter(in.Workspace, o.Filter)),
				Check: func(ctx context.Context, call *frame.Call) ([]problem.Field, error) {
					if !o.Filter.Custom() {
						return nil, nil
					}
					fields, err := l.Fields(ctx, call.Scope)
					if err != nil {
						return nil, err
					}
					wrong := o.Filter.Resolve(fields)
					for i := range wrong { // the filter does not know what it stands in
						wrong[i].Field = body.Join("select", wrong[i].Field)
					}
					return wrong, nil
				},
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					if err := may(call)(o.Type); err != nil {
						return frame.Response{}, err
					}
					if !dryRun {
						return frame.Answered(l.StartJob(ctx, call.Scope, o, answer(http.StatusAccepted)))
					}
					return frame.Answered(l.CountJob(ctx, call.Scope, o, func(total int64) ledger.Answer {
						return frame.Shown(http.StatusOK, "", Total{total})
					}))
				},
			}
		},
	}
}

// Total is what a dry run answers with.
type Total struct {
	Total int64 `json:"total"`
}

// readOrder takes the body of a job that is to be started. What its type does not
// read may not be there, but for confirm.
func readOrder(f *body.Form) (o ledger.JobOrder) {
	o.Type = job.Type(f.Choice("type", job.Types()...))
	f.Require("type", o.Type != "" || f.Refused("type"))
	o.Spec.Named, o.Filter, o.IDs = readSelect(f)
	if n, given := f.Int("confirm", 0, math.MaxInt32); given {
		confirm := int64(n)
		o.Confirm = &confirm
	}
	switch o.Type {
	case job.Tag, job.Untag:
		o.Tags = readTags(f)
	case job.Assign:
		o.Spec.Owner, _ = f.Parsed("owner", contact.ParseUser)
		f.Require("owner", o.Spec.Owner != "" || f.Refused("owner"))
	case job.SetStatus:
		o.Spec.Status = f.Choice("status", contact.Active, contact.Inactive)
		f.Require("status", o.Spec.Status != "" || f.Refused("status"))
	case job.Block, job.Unblock:
		o.Spec.Reason = f.Text("reason", format.MaxText)
	}
	return o
}

func readTags(f *body.Form) (names []string) {
	v, ok := f.Take("tags")
	if ok {
		names = contact.ReadTags(f, "tags", v)
	}
	if !ok || v.Kind() == 'n' || string(v) == `""` || v.Kind() == '[' && len(body.Elements(v)) == 0 {
		f.Require("tags", false)
	}
	return names
}

// readSelect takes exactly one of ids, each once, filter and all.
func readSelect(f *body.Form) (named bool, keep *filter.Filter, ids []string) {
	s := f.Object("select")
	if s == nil {
		f.Require("select", f.Refused("select"))
		return false, nil, nil
	}
	defer s.Close()
	seen := map[string]bool{}
	named = s.Strings("ids", job.MaxIDs, func(path, id string) {
		if !ulid.Valid(id) {
			s.Refuse(path, body.CodeInvalid, "Must be the id of a contact.")
		} else if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	})
	keep = filter.Parse(s, "filter")
	all, given := s.Bool("all")
	ways := 0
	for _, is := range []bool{named || s.Refused("ids"), keep != nil, given || s.Refused("all")} {
		if is {
			ways++
		}
	}
	switch {
	case ways != 1:
		f.Refuse("select", body.CodeInvalid, "Must have one of ids, filter and all.")
	case given && !all:
		s.Refuse("all", body.CodeInvalid, "Must be true; name contacts by ids or a filter else.")
	case named && len(ids) == 0 && !s.RefusedWithin("ids"):
		s.Refuse("ids", body.CodeRequired, "Must name at least one contact.")
	}
	return named, keep, ids
}
