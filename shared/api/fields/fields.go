// Package fields has the endpoints of a workspace's fields and folders.
package fields

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/caller"
	"rubrica/shared/field"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{
		listFields(l), createField(l), updateField(l), deleteField(l),
		listFolders(l), createFolder(l), updateFolder(l), deleteFolder(l),
	}
}

// changers may change definitions.
var changers = []caller.Role{caller.Owner, caller.Manager}

// items is the body of a list that has no pages.
type items[T any] struct {
	Items []T `json:"items"`
}

func listFields(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/fields", Operation: "listFields", Function: "manage-fields", Success: []int{http.StatusOK},
		Read: func(*frame.Input) frame.Plan {
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				set, err := l.Fields(ctx, call.Scope)
				if err != nil {
					return frame.Response{}, err
				}
				all := set.All()
				list := items[field.View]{make([]field.View, len(all))}
				for i := range all {
					list.Items[i] = all[i].View()
				}
				return frame.OK(list)
			}}
		},
	}
}

// check says what is wrong with a draft as the workspace's fields tell, together
// with all else that is wrong; the change itself looks again.
func check(l *ledger.Ledger, key string, draft field.Draft) func(context.Context, *frame.Call) ([]problem.Field, error) {
	return func(ctx context.Context, call *frame.Call) ([]problem.Field, error) {
		set, err := l.Fields(ctx, call.Scope)
		if err != nil {
			return nil, err
		}
		return set.Wrong(key, draft), nil
	}
}

func createField(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/fields", Operation: "createField", Function: "manage-fields",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			draft := field.ReadDraft(in.Body, true)
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Check: check(l, "", draft), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					after, made, err := s.Create(draft)
					return ledger.FieldsChange{
						Set: after, Action: audit.FieldCreated, Changes: differences(field.Definition{}, made),
						Detail: map[string]any{"field": made.Key}, Answer: frame.Shown(http.StatusCreated, "/v1/fields/"+made.Key, made.View()),
					}, err
				}))
			}}
		},
	}
}

func updateField(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/fields/{field}", Operation: "updateField", Function: "manage-fields",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			draft := field.ReadDraft(in.Body, false)
			key := in.Param("field")
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Check: check(l, key, draft), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					before, _ := s.Field(key)
					after, made, err := s.Update(key, draft)
					return ledger.FieldsChange{
						Set: after, Action: audit.FieldUpdated, Changes: differences(before, made),
						Detail: map[string]any{"field": key}, Answer: frame.Shown(http.StatusOK, "", made.View()),
					}, err
				}))
			}}
		},
	}
}

func deleteField(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/fields/{field}", Operation: "deleteField", Function: "manage-fields",
		Roles: changers, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			key := in.Param("field")
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					after, gone, err := s.Delete(key)
					return ledger.FieldsChange{
						Set: after, Action: audit.FieldDeleted, Changes: differences(gone, field.Definition{}),
						Detail: map[string]any{"field": key}, Answer: ledger.Answer{Status: http.StatusNoContent},
					}, err
				}))
			}}
		},
	}
}
