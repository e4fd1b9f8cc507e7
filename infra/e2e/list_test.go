package e2e

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// made creates n contacts, one after the other, and returns their ids.
func made(t *testing.T, c *Client, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = c.Create(t, Object{"firstName": fmt.Sprint(i)}).ID()
	}
	return ids
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestListContacts(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("IsEmptyAtFirst", func(t *testing.T) {
		t.Parallel()
		a := service.Workspace(t).As(t, "owner").Get(t, "/v1/contacts").Is(200)
		if diff := cmp.Diff(Object{"items": []any{}}, a.JSON()); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
	})

	t.Run("ShowsTheNewestFirst", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		ids := made(t, owner, 60)
		for query, want := range map[string][]string{
			"": reversed(ids), "?sort=-createdAt": reversed(ids), "?sort=createdAt": ids, "?limit=1": reversed(ids), "?limit=7&sort=createdAt": ids,
			"?limit=100": reversed(ids), "?limit=60": reversed(ids), "?limit=59&sort=createdAt": ids,
		} {
			if diff := cmp.Diff(want, IDs(owner.All(t, "/v1/contacts"+query))); diff != "" {
				t.Errorf("%s: differs (-want +got):\n%s", query, diff)
			}
		}
		if page := owner.Page(t, "/v1/contacts"); len(page.Items) > 25 || page.Next == "" {
			t.Errorf("a page without a limit has %d contacts, next %q; want 25 at most and a next", len(page.Items), page.Next)
		}
		whole := owner.Page(t, "/v1/contacts?limit=1").Items[0]
		if diff := cmp.Diff(owner.Contact(t, whole.ID()), whole); diff != "" {
			t.Errorf("a contact in a list differs from itself (-read +listed):\n%s", diff)
		}
	})

	t.Run("HasNoCursorOnTheLastPage", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		made(t, owner, 10)
		for _, limit := range []int{10, 11, 100} {
			if page := owner.Page(t, fmt.Sprintf("/v1/contacts?limit=%d", limit)); len(page.Items) != 10 || page.Next != "" {
				t.Errorf("limit %d: %d contacts, next %q; want all 10 and no next", limit, len(page.Items), page.Next)
			}
		}
	})

	t.Run("SeesEveryWriteThatWasAnswered", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		for i := range 20 {
			id := owner.Create(t, Object{"owner": "user_7", "vip": true, "email": "seen@example.com"}).ID()
			for _, query := range []string{"", "?owner=user_7", "?vip=true", "?email=SEEN@example.com"} {
				if got := owner.Page(t, "/v1/contacts"+query).Items; len(got) == 0 || got[0].ID() != id {
					t.Fatalf("%s: round %d: the newest is not the one just made", query, i)
				}
			}
			owner.Patch(t, "/v1/contacts/"+id, Object{"owner": nil, "vip": nil, "email": nil}).Is(200)
			for _, query := range []string{"?owner=user_7", "?vip=true", "?email=seen@example.com"} {
				if got := owner.Page(t, "/v1/contacts"+query).Items; len(got) != 0 {
					t.Fatalf("%s: round %d: still there after the patch", query, i)
				}
			}
		}
	})

	t.Run("IsInTheOrderOfCreatedAtHoweverManyCreate", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 40 {
					if _, err := owner.Try(t.Context(), "POST", "/v1/contacts", Object{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		list := owner.All(t, "/v1/contacts?sort=createdAt&limit=100")
		if len(list) != 320 {
			t.Errorf("%d contacts, want 320", len(list))
		}
		for i := 1; i < len(list); i++ {
			if a, b := list[i-1], list[i]; a.Text("createdAt") > b.Text("createdAt") || a.ID() >= b.ID() {
				t.Errorf("%s of %s stands before %s of %s", a.ID(), a["createdAt"], b.ID(), b["createdAt"])
			}
		}
	})
}

func TestPaging(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	for _, sort := range []string{"createdAt", "-createdAt"} {
		t.Run("IsStableWhileContactsComeAndGo/"+sort, func(t *testing.T) {
			t.Parallel()
			owner := service.Workspace(t).As(t, "owner")
			ids := made(t, owner, 60)
			stay := map[string]int{}
			for i, id := range ids {
				if i%3 != 0 {
					stay[id] = 0
				}
			}
			seen, cursor, gone := 0, "", 0
			var last string
			for limit := 1; ; limit = limit%9 + 1 { // the limit may change from page to page
				path := fmt.Sprintf("/v1/contacts?sort=%s&limit=%d", sort, limit)
				if cursor != "" {
					path += "&cursor=" + cursor
				}
				page := owner.Page(t, path)
				for _, c := range page.Items {
					if last != "" && (last >= c.ID()) != (sort == "-createdAt") {
						t.Errorf("%s follows %s", c.ID(), last)
					}
					last = c.ID()
					if n, ok := stay[last]; ok && n == 0 {
						seen++
					} else if ok {
						t.Errorf("%s is repeated", last)
					}
					stay[last]++
				}
				if cursor = page.Next; cursor == "" {
					break
				}
				owner.Create(t, Object{})
				if gone < len(ids) {
					owner.Delete(t, "/v1/contacts/"+ids[gone]).Is(204)
					gone += 3
				}
				if gone < len(ids) { // and one from the other end
					owner.Patch(t, "/v1/contacts/"+ids[gone+1], Object{"city": fmt.Sprint(limit)}).Is(200)
				}
			}
			if seen != 40 {
				t.Errorf("%d of the 40 contacts that stayed were listed", seen)
			}
		})
	}

	t.Run("GoesOnBehindAContactThatIsGone", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		ids := made(t, owner, 4)
		first := owner.Page(t, "/v1/contacts?limit=2&sort=createdAt")
		owner.Delete(t, "/v1/contacts/"+ids[1]).Is(204)
		rest := IDs(owner.Page(t, "/v1/contacts?limit=9&sort=createdAt&cursor="+first.Next).Items)
		if diff := cmp.Diff(ids[2:], rest); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
	})
}

func TestCursors(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	w := service.Workspace(t)
	owner := w.As(t, "owner")
	made(t, owner, 3)
	contact := owner.Create(t, Object{"owner": "user_7", "followers": []any{"user_7"}, "vip": true}).ID()
	owner.Create(t, Object{"owner": "user_7", "followers": []any{"user_7"}, "vip": true})
	other := owner.Create(t, Object{}).ID()
	for _, id := range []string{contact, other} {
		owner.Patch(t, "/v1/contacts/"+id, Object{"city": "Roma"}).Is(200)
	}
	for range 2 {
		owner.Post(t, "/v1/tokens", Object{"name": "t", "role": "agent"}).Is(201)
	}
	lists := []string{
		"/v1/contacts?limit=1", "/v1/contacts?limit=1&sort=createdAt", "/v1/contacts?limit=1&owner=user_7", "/v1/contacts?limit=1&follower=user_7",
		"/v1/contacts?limit=1&vip=true", "/v1/contacts?limit=1&status=active", "/v1/contacts/" + contact + "/audit?limit=1",
		"/v1/contacts/" + other + "/audit?limit=1", "/v1/audit?limit=1", "/v1/audit?limit=1&actor=user_1", "/v1/tokens?limit=1",
	}
	Eventually(t, func() error {
		if n := len(w.Log(t)); n < 10 {
			return fmt.Errorf("%d entries", n)
		}
		return nil
	})
	cursors := make([]string, len(lists))
	for i, path := range lists {
		if cursors[i] = owner.Page(t, path).Next; cursors[i] == "" {
			t.Fatalf("%s has no second page", path)
		}
	}
	stranger := service.Workspace(t).As(t, "owner")
	made(t, stranger, 2)
	for i, path := range lists {
		cursor := cursors[i]
		owner.Get(t, path+"&cursor="+cursor).Is(200)
		owner.Get(t, path[:len(path)-1]+"&cursor="+cursor) // other limits are checked elsewhere
		refused := func(c *Client, cursor string) {
			t.Helper()
			c.Get(t, path+"&cursor="+cursor).Invalid("cursor invalid_cursor")
		}
		for j, another := range cursors {
			if j != i {
				refused(owner, another)
			}
		}
		for at := range len(cursor) { // every single character counts
			if at%5 == 0 || at == len(cursor)-1 {
				c := byte('A')
				if cursor[at] == c {
					c = 'B'
				}
				refused(owner, cursor[:at]+string(c)+cursor[at+1:])
			}
		}
		refused(owner, cursor[:len(cursor)-1])
		refused(owner, cursor+"A")
		refused(owner, cursor+"%3D")
		refused(owner, "%20"+cursor)
		refused(owner, cursor+cursor)
		refused(owner, contact)
		if i < 6 {
			refused(stranger, cursor)
		}
		// The same list asked for by another caller is the same list.
		w.As(t, "manager", Sub("user_2")).Get(t, "/v1/contacts?limit=2&cursor="+cursors[0]).Is(200)
	}
}
