package fields

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/ledger"
)

func listFolders(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/folders", Operation: "listFolders", Function: "manage-fields", Success: []int{http.StatusOK},
		Read: func(*frame.Input) frame.Plan {
			return frame.Plan{Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				set, err := l.Fields(ctx, call.Scope)
				if err != nil {
					return frame.Response{}, err
				}
				return frame.OK(items[field.Folder]{set.Folders()})
			}}
		},
	}
}

// folderDraft is what a body says of a folder.
type folderDraft struct {
	name     *string
	position *int
}

func readFolder(f *body.Form, creating bool) folderDraft {
	var d folderDraft
	if creating || f.Has("name") {
		name := f.Text("name", 100)
		if name == "" && !f.Refused("name") {
			f.Refuse("name", body.CodeRequired, "A folder's name has at least one character.")
		}
		d.name = &name
	}
	d.position = field.ReadPosition(f)
	f.ReadOnly("id", "standard")
	return d
}

func createFolder(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/folders", Operation: "createFolder", Function: "manage-fields",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			draft := readFolder(in.Body, true)
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				id := l.NewID()
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					after, made, err := s.CreateFolder(id, *draft.name, draft.position)
					return ledger.FieldsChange{
						Set: after, Action: audit.FolderCreated, Detail: folderDetail(made),
						Changes: []contact.Change{{Field: "name", To: made.Name}, {Field: "position", To: made.Position}},
						Answer:  frame.Shown(http.StatusCreated, "/v1/folders/"+made.ID, made),
					}, err
				}))
			}}
		},
	}
}

func folderDetail(f field.Folder) map[string]any { return map[string]any{"folder": f.ID} }

func updateFolder(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/folders/{folder}", Operation: "updateFolder", Function: "manage-fields",
		Roles: changers, Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			draft, id := readFolder(in.Body, false), in.Param("folder")
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					before, _ := s.Folder(id)
					after, made, err := s.UpdateFolder(id, draft.name, draft.position)
					var changes []contact.Change
					if made.Name != before.Name {
						changes = append(changes, contact.Change{Field: "name", From: before.Name, To: made.Name})
					}
					if made.Position != before.Position {
						changes = append(changes, contact.Change{Field: "position", From: before.Position, To: made.Position})
					}
					return ledger.FieldsChange{
						Set: after, Action: audit.FolderUpdated, Detail: folderDetail(made), Changes: changes,
						Answer: frame.Shown(http.StatusOK, "", made),
					}, err
				}))
			}}
		},
	}
}

func deleteFolder(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/folders/{folder}", Operation: "deleteFolder", Function: "manage-fields",
		Roles: changers, Success: []int{http.StatusNoContent},
		Read: func(in *frame.Input) frame.Plan {
			id := in.Param("folder")
			return frame.Plan{Want: ledger.WantFields(in.Workspace), Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
				return frame.Answered(l.ChangeFields(ctx, call.Scope, func(s field.Set) (ledger.FieldsChange, error) {
					after, gone, err := s.DeleteFolder(id)
					return ledger.FieldsChange{
						Set: after, Action: audit.FolderDeleted, Detail: folderDetail(gone),
						Changes: []contact.Change{{Field: "name", From: gone.Name}, {Field: "position", From: gone.Position}},
						Answer:  ledger.Answer{Status: http.StatusNoContent},
					}, err
				}))
			}}
		},
	}
}
