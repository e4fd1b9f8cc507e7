package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The ends of leases, none of them near.
const (
	in2030 = "2030-01-01T00:00:00.000Z"
	in2031 = "2031-01-01T00:00:00.000Z"
	in2032 = "2032-01-01T00:00:00.000Z"
)

// leasing is two contacts and more with one phone, and two integrations that call
// their campaigns alike.
type leasing struct {
	t              *testing.T
	owner, crm, sf *Client
	a, b, c        string
	merges         []string // undone from the last to the first
}

func (x *leasing) put(by *Client, id, until string) {
	x.t.Helper()
	by.Put(x.t, "/v1/contacts/"+id+"/locks/spring", Object{"expiresAt": until}).Is(200)
}

func (x *leasing) end(by *Client, id string) {
	x.t.Helper()
	by.Delete(x.t, "/v1/contacts/"+id+"/locks/spring").Is(204)
}

func (x *leasing) merge(survivor string, others ...string) {
	x.t.Helper()
	id, _ := merge(x.t, x.owner, survivor, others...)
	x.merges = append(x.merges, id)
}

// until says until when a contact's phone is leased, and who may end that; "free" if
// it is not.
func (x *leasing) until(id string) string {
	x.t.Helper()
	a := x.owner.Patch(x.t, "/v1/contacts/"+id, Object{"phone": "+390612345671"}, "If-Match", "*")
	if a.Status == 200 {
		return "free"
	}
	got := fmt.Sprint(a.Refused(409, "phone_locked")["until"])
	for name, by := range map[string]*Client{"crm": x.crm, "sf": x.sf} {
		if by.Delete(x.t, "/v1/contacts/"+id+"/locks/spring").Status == 204 {
			got += " " + name
			break // one of them is there for each contact below
		}
	}
	return got
}

// TestLeasesGoHome: each lease goes back with the contact for which it was taken, as
// it is then, though campaigns are called alike; one taken meanwhile stays.
func TestLeasesGoHome(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for name, c := range map[string]struct {
		do   func(x *leasing)
		want []string // of a, b and c
	}{
		"EachUntilItsOwn": {func(x *leasing) {
			x.put(x.crm, x.a, in2030)
			x.put(x.crm, x.b, in2031)
			x.merge(x.a, x.b)
		}, []string{in2030 + " crm", in2031 + " crm", "free"}},
		"TwoThatAreAbsorbed": {func(x *leasing) {
			x.put(x.crm, x.b, in2030)
			x.put(x.crm, x.c, in2032)
			x.merge(x.a, x.b, x.c)
		}, []string{"free", in2030 + " crm", in2032 + " crm"}},
		"OfTwoHolders": {func(x *leasing) {
			x.put(x.crm, x.a, in2030)
			x.put(x.sf, x.b, in2031)
			x.merge(x.a, x.b)
		}, []string{in2030 + " crm", in2031 + " sf", "free"}},
		"Through": {func(x *leasing) {
			x.put(x.sf, x.c, in2032)
			x.put(x.crm, x.b, in2031)
			x.merge(x.b, x.c)
			x.merge(x.a, x.b)
		}, []string{"free", in2031 + " crm", in2032 + " sf"}},
		"RenewedMeanwhile": {func(x *leasing) {
			x.put(x.crm, x.b, in2030)
			x.merge(x.a, x.b)
			x.put(x.crm, x.a, in2032)
		}, []string{in2032 + " crm", in2032 + " crm", "free"}},
		"EndedMeanwhile": {func(x *leasing) {
			x.put(x.crm, x.a, in2030)
			x.put(x.crm, x.b, in2031)
			x.merge(x.a, x.b)
			x.end(x.crm, x.b) // which is a
		}, []string{"free", "free", "free"}},
		"TakenAnewMeanwhile": {func(x *leasing) {
			x.put(x.crm, x.b, in2030)
			x.merge(x.a, x.b)
			x.end(x.crm, x.a)
			x.put(x.crm, x.a, in2031)
		}, []string{in2031 + " crm", "free", "free"}},
		"TakenByAnotherMeanwhile": {func(x *leasing) {
			x.put(x.crm, x.b, in2030)
			x.merge(x.a, x.b)
			x.end(x.crm, x.a)
			x.put(x.sf, x.a, in2031)
		}, []string{in2031 + " sf", "free", "free"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			x := &leasing{t: t, owner: w.As(t, "owner"), crm: w.As(t, "agent", Integration("crm")), sf: w.As(t, "agent", Integration("sf"))}
			for _, id := range []*string{&x.a, &x.b, &x.c} {
				*id = x.owner.Create(t, Object{"phone": "+393514117320"}).ID()
			}
			c.do(x)
			for i := len(x.merges) - 1; i >= 0; i-- {
				x.owner.Post(t, "/v1/merges/"+x.merges[i]+"/undo", nil).Is(200)
			}
			if diff := cmp.Diff(c.want, []string{x.until(x.a), x.until(x.b), x.until(x.c)}); diff != "" {
				t.Error(diff)
			}
			w.Verified(t)
		})
	}
}

// TestLeasesOfOneName: what two integrations call alike are two leases of the
// survivor, and each has its own; an owner ends both.
func TestLeasesOfOneName(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	x := &leasing{t: t, owner: w.As(t, "owner"), crm: w.As(t, "agent", Integration("crm")), sf: w.As(t, "agent", Integration("sf"))}
	for _, id := range []*string{&x.a, &x.b} {
		*id = x.owner.Create(t, Object{"phone": "+393514117320"}).ID()
	}
	x.put(x.crm, x.a, in2030)
	x.put(x.sf, x.b, in2031)
	x.merge(x.a, x.b)
	got := x.owner.Patch(t, "/v1/contacts/"+x.a, Object{"phone": nil}).Refused(409, "phone_locked")
	if diff := cmp.Diff([]any{"spring"}, got["campaigns"]); diff != "" || got["until"] != in2031 {
		t.Errorf("until %v, campaigns %s", got["until"], diff)
	}
	x.end(x.sf, x.a)
	x.sf.Delete(t, "/v1/contacts/"+x.a+"/locks/spring").Refused(403, "forbidden") // that of crm is left
	x.owner.Patch(t, "/v1/contacts/"+x.a, Object{"phone": nil}).Refused(409, "phone_locked")
	x.sf.Put(t, "/v1/contacts/"+x.a+"/locks/spring", Object{"expiresAt": in2032}).Refused(403, "forbidden")
	x.owner.Do(t, "DELETE", "/v1/contacts/"+x.a+"/locks/spring", Object{"reason": "asked"}).Is(204)
	x.owner.Patch(t, "/v1/contacts/"+x.a, Object{"phone": nil}).Is(200)
	w.Verified(t)
}

// TestInnerUndoKeepsALeasedPhone: it is taken from nobody, nor from one who is absorbed.
func TestInnerUndoKeepsALeasedPhone(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner, crm := w.As(t, "owner"), w.As(t, "agent", Integration("crm"))
	phoned := owner.Create(t, Object{"phone": "+393514117320"}).ID()
	bare := owner.Create(t, Object{"firstName": "Bare"}).ID()
	root := owner.Create(t, Object{"phone": "+393514117320"}).ID()
	inner, _ := merge(t, owner, bare, phoned)
	crm.Put(t, "/v1/contacts/"+bare+"/locks/spring", Object{"expiresAt": in2030}).Is(200)
	undo := "/v1/merges/" + inner + "/undo"
	owner.Post(t, undo, nil).Refused(409, "phone_locked")
	outer, _ := merge(t, owner, root, bare)
	owner.Post(t, undo, nil).Refused(409, "phone_locked")
	crm.Delete(t, "/v1/contacts/"+root+"/locks/spring").Is(204)
	owner.Post(t, undo, nil).Is(200)
	owner.Post(t, "/v1/merges/"+outer+"/undo", nil).Is(200)
	if got := owner.Contact(t, bare)["phone"]; got != nil {
		t.Errorf("phone %v", got)
	}
	w.Verified(t)
}
