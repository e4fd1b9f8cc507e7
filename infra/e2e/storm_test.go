package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// TestStorm lets eight callers create, upsert, patch and delete contacts of a few
// identities at random, under changing policies, and then looks whether all fits.
func TestStorm(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	var mu sync.Mutex
	ids := []string{}
	pick := func() string {
		mu.Lock()
		defer mu.Unlock()
		if len(ids) == 0 {
			return "01JD3QZZZZZZZZZZZZZZZZZZZ0"
		}
		return ids[rand.IntN(len(ids))]
	}
	address := func() string { return fmt.Sprintf("s%d@example.com", rand.IntN(5)) }
	body := func() Object {
		o := Object{"city": fmt.Sprint(rand.IntN(4))}
		for name, value := range map[string]any{
			"email": address(), "otherEmails": []any{address(), address()}, "phone": number(rand.IntN(5)), "owner": fmt.Sprintf("user_%d", rand.IntN(3)),
			"vip": rand.IntN(2) == 0, "externalIds": Object{"sap": fmt.Sprint(rand.IntN(8))}, "followers": users(rand.IntN(3)), "country": nil,
		} {
			if rand.IntN(3) == 0 {
				o[name] = value
			}
		}
		return o
	}
	race(t, 8, func(int) (a *Answer, err error) {
		for range 60 {
			switch rand.IntN(12) {
			case 0, 1, 2:
				a, err = owner.Try(t.Context(), "POST", "/v1/contacts", body())
			case 3, 4:
				o := body()
				delete(o, "email")
				a, err = owner.Try(t.Context(), "PUT", "/v1/contacts/email:"+address(), o)
			case 5, 6, 7, 8:
				a, err = owner.Try(t.Context(), "PATCH", "/v1/contacts/"+pick(), body())
			case 9:
				a, err = owner.Try(t.Context(), "PUT", "/v1/contacts/"+pick()+"/identities/email:"+address(), nil)
			case 10:
				a, err = owner.Try(t.Context(), "PATCH", "/v1/workspace", Object{"duplicates": []string{"allow", "reject"}[rand.IntN(2)]})
			case 11:
				a, err = owner.Try(t.Context(), "DELETE", "/v1/contacts/"+pick(), nil)
			}
			if err != nil {
				return nil, err
			}
			if a.Status >= 500 {
				return nil, fmt.Errorf("%v", a)
			}
			if a.Status == 201 {
				a.t = t
				mu.Lock()
				ids = append(ids, a.JSON().ID())
				mu.Unlock()
			}
		}
		return a, nil
	})
	deleted := 0
	for _, id := range ids {
		if owner.Get(t, "/v1/contacts/"+id).Status == 410 {
			deleted++
		}
	}
	if list := owner.All(t, "/v1/contacts?limit=100"); len(list) != len(ids)-deleted {
		t.Errorf("%d contacts are listed of %d that were created, %d of them deleted", len(list), len(ids), deleted)
	}
	w.Complete(t, w.Versions(t, ids...))
	w.Verified(t)
}
