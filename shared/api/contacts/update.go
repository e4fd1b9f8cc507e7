package contacts

import (
	"context"
	"net/http"
	"strings"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
)

// Update are the endpoints that change a contact: PATCH, PUT, followers and
// identities.
func Update(l *ledger.Ledger) []frame.Endpoint {
	return []frame.Endpoint{
		patchEndpoint(l), upsertEndpoint(l),
		followerEndpoint(l, http.MethodPut, "addFollower", contact.Follow),
		followerEndpoint(l, http.MethodDelete, "removeFollower", contact.Unfollow),
		identityEndpoint(l, http.MethodPut, "addIdentity", contact.AddOther),
		identityEndpoint(l, http.MethodDelete, "removeIdentity", func(c contact.Contact, id contact.Identity, _ string) (contact.Contact, error) {
			return contact.RemoveOther(c, id)
		}),
	}
}

func patchEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPatch, Pattern: "/v1/contacts/{contact}", Operation: "updateContact", Function: "update-contact",
		Body: frame.JSON, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			patch := contact.ParsePatch(in.Body, "tags") // they have routes of their own
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(l.WantUnique(in.Workspace, patch.Identities()...)).
					Plus(ledger.WantCompany(in.Workspace, patch.Company())),
				Check: checkTerms(l, &patch),
				Do:    change(l, func(c contact.Contact) (contact.Contact, error) { return patch.Apply(c) }),
			}
		},
	}
}

// change makes the plan of an endpoint that applies a pure function to the
// contact in its path.
func change(l *ledger.Ledger, apply func(contact.Contact) (contact.Contact, error)) func(context.Context, *frame.Call) (frame.Response, error) {
	return func(ctx context.Context, call *frame.Call) (frame.Response, error) {
		return frame.Answered(l.Update(ctx, call.Scope, call.Ref, ledger.Operation{
			IfMatch: call.IfMatch, Apply: apply, Answer: answer(http.StatusOK, call),
		}))
	}
}

func upsertEndpoint(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodPut, Pattern: "/v1/contacts/{contact}", Operation: "upsertContact", Function: "update-contact",
		Body: frame.JSON, Success: []int{http.StatusOK, http.StatusCreated},
		Read: func(in *frame.Input) frame.Plan {
			patch := contact.ParsePatch(in.Body)
			ref := in.Ref
			if ref.ID != "" {
				in.RefusePath(problem.InvalidField("contact", "invalid_reference",
					"PUT takes email:…, phone:… or ext:<system>:<key>; change a contact by its id with PATCH."))
				return frame.Plan{}
			}
			if given, ok := patch.Given(ref.Identity); ok && given != ref.Identity {
				in.Body.Add(problem.Field{
					Field: ref.Identity.Member(), Code: body.CodeIdentity, Detail: "Must be what the path says, or be left out.",
				})
			}
			others := patch.Identities()
			return frame.Plan{
				Want: ledger.WantIdentities(in.Workspace, append([]contact.Identity{ref.Identity}, others...)...).
					Plus(ledger.WantTags(in.Workspace, patch.Tags()...)).Plus(ledger.WantCompany(in.Workspace, patch.Company())),
				Check: checkTerms(l, &patch),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Answered(l.Upsert(ctx, call.Scope, ref, others, func(created bool) ledger.Operation {
						op := ledger.Operation{IfMatch: call.IfMatch, Apply: patch.Apply, Tag: patch.Tags(), Answer: answer(http.StatusOK, call)}
						if created {
							op.Answer = answer(http.StatusCreated, call)
							op.Apply = func(none contact.Contact) (contact.Contact, error) {
								c, err := patch.Apply(contact.WithIdentity(none, ref))
								if err != nil {
									return c, err
								}
								return owned(call, c)
							}
						}
						return op
					}))
				},
			}
		},
	}
}

func followerEndpoint(l *ledger.Ledger, method, operation string, apply func(contact.Contact, string) (contact.Contact, error)) frame.Endpoint {
	return frame.Endpoint{
		Method: method, Pattern: "/v1/contacts/{contact}/followers/{user}", Operation: operation, Function: "update-contact", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			user, err := contact.ParseUser(in.Param("user"))
			if err != nil {
				in.RefusePath(contact.Refusal("user", err))
			}
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do:   change(l, func(c contact.Contact) (contact.Contact, error) { return apply(c, user) }),
			}
		},
	}
}

func identityEndpoint(l *ledger.Ledger, method, operation string, apply func(contact.Contact, contact.Identity, string) (contact.Contact, error)) frame.Endpoint {
	return frame.Endpoint{
		Method: method, Pattern: "/v1/contacts/{contact}/identities/{identity}", Operation: operation, Function: "update-contact", Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			kind, value, _ := strings.Cut(in.Param("identity"), ":")
			var id contact.Identity
			var given string
			var want ledger.Want
			if kind != string(contact.ByEmail) && kind != string(contact.ByPhone) {
				in.RefusePath(problem.InvalidField("identity", "invalid_reference", "Must be email:<address> or phone:<number>."))
			} else {
				var err error
				if id, given, err = contact.ParseIdentity(kind, value); err != nil {
					in.RefusePath(contact.Refusal("identity", err))
				} else if method == http.MethodPut {
					want = l.WantUnique(in.Workspace, id)
				}
			}
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref).Plus(want),
				Do:   change(l, func(c contact.Contact) (contact.Contact, error) { return apply(c, id, given) }),
			}
		},
	}
}
