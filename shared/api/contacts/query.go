package contacts

import (
	"context"
	"strings"

	"rubrica/shared/api/frame"
	"rubrica/shared/contact"
	"rubrica/shared/filter"
	"rubrica/shared/format"
	"rubrica/shared/ledger"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// The orders of a list.
const (
	newestFirst = "-createdAt"
	oldestFirst = "createdAt"
	vipsFirst   = "vip" // then the newest
)

// orders are those that a list can have; never changed.
var orders = []string{newestFirst, oldestFirst, vipsFirst}

// query is what a list of contacts is asked for by.
type query struct {
	limit           int
	order           string
	tag             string // a name or id
	company         string // an id
	owner, follower string // as given: "me" and "none" among them
	status          string
	vip, blocked    *bool
	identities      []contact.Identity // e-mail, phone
	filter          *filter.Filter     // of a search
	hint            ledger.Hint        // that serves the filter, zero if none does
}

// readQuery takes what lists and neighbours are asked for by alike.
func readQuery(in *frame.Input) query {
	q := query{order: in.Choice("sort", orders...)}
	if q.order == "" {
		q.order = newestFirst
	}
	if name, given := in.Query("tag"); given {
		var err error
		if q.tag, err = tag.ParseName(name); err != nil {
			in.RefuseQueryError("tag", contact.Refusal("tag", err))
		}
	}
	q.owner = user(in, "owner")
	if blocked, given := in.Flag("blocked"); given {
		q.blocked = &blocked
	}
	return q
}

// readFilters takes what else a list is asked for by.
func (q *query) readFilters(in *frame.Input) {
	q.limit = in.Limit()
	q.status = in.Choice("status", contact.Active, contact.Inactive)
	q.follower = user(in, "follower")
	if id, given := in.Query("company"); given {
		if q.company = id; !ulid.Valid(id) {
			in.RefuseQuery("company", "invalid_id", "Must be a company's id.")
		}
	}
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
	w := ledger.WantTags(ws, q.tag).Plus(ledger.WantFilter(ws, q.filter))
	if ulid.Valid(q.company) {
		w = w.Plus(ledger.WantCompany(ws, q.company))
	}
	return w
}

// find returns the id of the tag that the query names, "" if it names none, and
// looks up the hint that serves its filter. exists is false if it names a tag or
// company that nobody can carry, for there is none.
func (q *query) find(ctx context.Context, l *ledger.Ledger, s *ledger.Scope) (tagID string, exists bool, err error) {
	if q.tag != "" {
		if tagID, err = l.FindTag(ctx, s, q.tag); err != nil || tagID == "" {
			return "", false, err
		}
	}
	if q.company != "" {
		if there, err := l.HasCompany(ctx, s, q.company); err != nil || !there {
			return "", false, err
		}
	}
	q.hint, exists, err = l.Narrow(ctx, s, q.filter)
	return tagID, exists, err
}

// parts are the listings of which the query's order consists, one behind the other.
func (q query) parts(me, tagID string, onlyAssigned bool) []ledger.Listing {
	if q.order != vipsFirst || q.vip != nil {
		return []ledger.Listing{q.listing(me, tagID, onlyAssigned)}
	}
	vips, others := q, q
	vips.vip, others.vip = new(true), new(false)
	return []ledger.Listing{vips.listing(me, tagID, onlyAssigned), others.listing(me, tagID, onlyAssigned)}
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
	l := ledger.Listing{Descending: q.order != oldestFirst, Limit: q.limit}
	switch {
	case q.hint != (ledger.Hint{}) && (!onlyAssigned || q.hint.Few()):
		l.Hints = []ledger.Hint{q.hint}
	case len(q.identities) > 0:
		id := q.identities[0]
		l.Hints = []ledger.Hint{{Index: ledger.Index(id.Kind), Value: id.Value}}
	case owner != "" && owner != "none":
		l.Hints = []ledger.Hint{{Index: ledger.IndexOwner, Value: owner}}
	case follower != "":
		l.Hints = []ledger.Hint{{Index: ledger.IndexFollower, Value: follower}}
	case onlyAssigned:
		l.Hints = []ledger.Hint{{Index: ledger.IndexOwner, Value: me}, {Index: ledger.IndexFollower, Value: me}}
	case q.blocked != nil && *q.blocked:
		l.Hints = []ledger.Hint{{Index: ledger.IndexBlocked}}
	case tagID != "":
		l.Hints = []ledger.Hint{{Index: ledger.IndexTag, Value: tagID}}
	case q.company != "":
		l.Hints = []ledger.Hint{{Index: ledger.IndexCompany, Value: q.company}}
	case q.vip != nil && *q.vip:
		l.Hints = []ledger.Hint{{Index: ledger.IndexVIP}}
	}
	byName := q.filter.ByName()
	if byName {
		l.MatchIn = q.filter.Match
	}
	l.Match = func(c *contact.Contact) bool {
		switch {
		case !byName && !q.filter.Match(c, nil),
			owner == "none" && c.Owner != "",
			owner != "" && owner != "none" && c.Owner != owner,
			follower != "" && !c.Follows(follower),
			tagID != "" && !c.Tagged(tagID),
			q.company != "" && c.CompanyID != q.company,
			q.status != "" && c.Status() != q.status,
			q.blocked != nil && c.IsBlocked() != *q.blocked,
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
