package contacts

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
	"rubrica/shared/api/tags"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
)

// Tag are the endpoints that give a contact tags and take one from it.
func Tag(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{addTags(l), removeTag(l)}
}

func addTags(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPost, Pattern: "/v1/contacts/{contact}/tags", Operation: "addTags", Function: "tag-contact",
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			names := readTags(in.Body)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(ledger.WantTags(in.Workspace, names...)),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						IfMatch: call.IfMatch, Tag: names, Apply: contact.Same, Answer: answer(http.StatusOK, call),
					}))
				},
			}
		},
	}
}

// readTags takes the body {"tags": ["vip"]}.
func readTags(form *body.Form) (names []string) {
	v, _ := form.Take("tags")
	if len(v) > 0 {
		names = contact.ReadTags(form, "tags", v)
	}
	if len(v) == 0 || v.Kind() == 'n' || string(v) == `""` || v.Kind() == '[' && len(body.Elements(v)) == 0 {
		form.Require("tags", false)
	}
	return names
}

func removeTag(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodDelete, Pattern: "/v1/contacts/{contact}/tags/{tag}", Operation: "removeTag", Function: "tag-contact",
		Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			name := tags.Name(in)
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(ledger.WantTags(in.Workspace, name)),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
						IfMatch: call.IfMatch, Untag: name, Apply: contact.Same, Answer: answer(http.StatusOK, call),
					}))
				},
			}
		},
	}
}
