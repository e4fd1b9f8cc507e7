package contacts

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"rubrica/shared/api/frame"
	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/object"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
)

// List is GET /v1/contacts.
func List(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts", Operation: "listContacts", Function: "list-contacts", Success: []int{http.StatusOK},
		Query: []string{"limit", "cursor", "sort", "tag", "owner", "follower", "status", "vip", "email", "phone"},
		Read: func(in *frame.Input) frame.Plan {
			q := readQuery(in)
			ahead := q.listing(in.Subject, l.GuessTag(in.Workspace, q.tag), false)
			var at position
			in.ResumeGuess(l.Guess(in.Workspace), &at)
			ahead.After = at.ID
			return frame.Plan{
				Want: l.WantList(in.Workspace, ahead).Plus(q.want(in.Workspace)),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return list(ctx, l, call, q)
				},
			}
		},
	}
}

// position is where a page of contacts ended.
type position struct {
	ID string `json:"i"`
}

func list(ctx context.Context, l *ledger.Ledger, call *frame.Call, q query) (frame.Response, error) {
	tagID, err := q.findTag(ctx, l, call.Scope)
	if err != nil {
		return frame.Response{}, err
	}
	listing := q.listing(call.Caller.Subject, tagID, call.Caller.Restrictions.Has(caller.OnlyAssigned))
	var at position
	if _, err := call.Resume(&at); err != nil {
		return frame.Response{}, err
	}
	if q.tag != "" && tagID == "" { // nobody carries what is no tag
		return frame.OK(&page{})
	}
	listing.After = at.ID
	found, next, err := l.List(ctx, call.Scope, listing)
	if err != nil {
		return frame.Response{}, err
	}
	terms, err := l.Terms(ctx, call.Scope, found...)
	if err != nil {
		return frame.Response{}, err
	}
	shown := page{found: found, terms: terms}
	if next != "" {
		if shown.next, err = call.Cursor(position{next}); err != nil {
			return frame.Response{}, err
		}
	}
	return frame.OK(&shown)
}

// page is a frame.Page of contacts, which encodes itself.
type page struct {
	found []contact.Contact
	terms *contact.Terms
	next  string
}

// AppendJSON implements frame.Appender.
func (p *page) AppendJSON(b []byte) []byte {
	w := object.Writer{Bytes: slices.Grow(b, viewSize*(len(p.found)+1))}
	w.Open()
	w.Name("items")
	w.Bytes = append(w.Bytes, '[')
	for i := range p.found {
		if i > 0 {
			w.Bytes = append(w.Bytes, ',')
		}
		view := p.found[i].View(p.terms)
		w.Bytes = view.AppendJSON(w.Bytes)
	}
	w.Bytes = append(w.Bytes, ']')
	w.TextUnlessEmpty("nextCursor", p.next)
	w.Close()
	return w.Bytes
}

// query is what GET /v1/contacts asks for.
type query struct {
	limit           int
	ascending       bool
	tag             string // a name or id
	owner, follower string // as given: "me" and "none" among them
	status          string
	vip             *bool
	identities      []contact.Identity // e-mail, phone
}

func readQuery(in *frame.Input) query {
	q := query{limit: in.Limit(), status: in.Choice("status", contact.Active, contact.Inactive)}
	q.ascending = in.Choice("sort", "-createdAt", "createdAt") == "createdAt"
	if name, given := in.Query("tag"); given {
		var err error
		if q.tag, err = tag.ParseName(name); err != nil {
			in.RefuseQueryError("tag", contact.Refusal("tag", err))
		}
	}
	q.owner = user(in, "owner")
	q.follower = user(in, "follower")
	if vip, given := in.Flag("vip"); given {
		q.vip = &vip
	}
	for _, kind := range []contact.IdentityKind{contact.ByEmail, contact.ByPhone} {
		s, given := in.Query(string(kind))
		if !given {
			continue
		}
		id, _, err := contact.ParseIdentity(string(kind), s)
		switch {
		case err != nil && kind == contact.ByPhone && strings.HasPrefix(s, " "):
			in.RefuseQuery(string(kind), "invalid_phone", "In a query + stands for a space: write phone=%2B393514117320.")
		case err != nil:
			in.RefuseQueryError(string(kind), contact.Refusal(string(kind), err))
		}
		q.identities = append(q.identities, id)
	}
	return q
}

// user is a query parameter that names a user; an empty one is refused.
func user(in *frame.Input, name string) string {
	s, given := in.Query(name)
	if !given {
		return ""
	}
	id, err := format.UserID(s)
	if err != nil {
		in.RefuseQueryError(name, contact.Refusal(name, err))
	} else if id == "" {
		in.RefuseQuery(name, format.CodeInvalidUser, "Must be a user's id, me or none.")
	}
	return id
}

// want is what the query names besides contacts.
func (q *query) want(ws tenant.Workspace) ledger.Want {
	if q.tag == "" {
		return ledger.Want{}
	}
	return ledger.WantTags(ws, q.tag)
}

// findTag returns the id of the tag that the query names, "" if there is none.
func (q *query) findTag(ctx context.Context, l *ledger.Ledger, s *ledger.Scope) (string, error) {
	if q.tag == "" {
		return "", nil
	}
	return l.FindTag(ctx, s, q.tag)
}

// listing turns the query into what the ledger lists: the narrowest index first,
// the rest is looked at contact by contact.
func (q query) listing(me, tagID string, onlyAssigned bool) ledger.Listing {
	owner, follower := q.owner, q.follower
	if owner == "me" {
		owner = me
	}
	if follower == "me" {
		follower = me
	}
	l := ledger.Listing{Descending: !q.ascending, Limit: q.limit}
	switch {
	case len(q.identities) > 0:
		id := q.identities[0]
		l.Hints = []ledger.Hint{{Index: ledger.Index(id.Kind), Value: id.Value}}
	case owner != "" && owner != "none":
		l.Hints = []ledger.Hint{{Index: ledger.IndexOwner, Value: owner}}
	case follower != "":
		l.Hints = []ledger.Hint{{Index: ledger.IndexFollower, Value: follower}}
	case onlyAssigned:
		l.Hints = []ledger.Hint{{Index: ledger.IndexOwner, Value: me}, {Index: ledger.IndexFollower, Value: me}}
	case tagID != "":
		l.Hints = []ledger.Hint{{Index: ledger.IndexTag, Value: tagID}}
	case q.vip != nil && *q.vip:
		l.Hints = []ledger.Hint{{Index: ledger.IndexVIP}}
	}
	l.Match = func(c *contact.Contact) bool {
		switch {
		case owner == "none" && c.Owner != "",
			owner != "" && owner != "none" && c.Owner != owner,
			follower != "" && !c.Follows(follower),
			tagID != "" && !c.Tagged(tagID),
			q.status != "" && c.Status() != q.status,
			q.vip != nil && c.VIP != *q.vip:
			return false
		}
		for _, id := range q.identities {
			if !c.Holds(id) {
				return false
			}
		}
		return true
	}
	return l
}
