package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestTagsUnderRaces: assigns and removes of few tags on few contacts, while tags
// are renamed, deleted and made anew. In the end counts are right, and there is
// no tag that nobody can see or remove.
func TestTagsUnderRaces(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	const contacts, tags = 10, 4
	rounds := 1000
	if os.Getenv("RUBRICA_DYNAMODB") != "" {
		rounds = 150 // local engines take one write at a time
	}
	var ids []string
	for range contacts {
		ids = append(ids, owner.Create(t, Object{}).ID())
	}
	call := func(statuses map[int]bool, method, path string, body any) {
		a, err := patient(func(int) (*Answer, error) { return owner.Try(t.Context(), method, path, body) })(0)
		if err != nil || !statuses[a.Status] {
			t.Errorf("%v, %v", a, err)
		} else if a.Status == 200 && strings.HasPrefix(path, "/v1/contacts") {
			names := tagsOf(a.JSON())
			for i, name := range names {
				names[i] = strings.ToLower(name)
			}
			slices.Sort(names)
			if len(slices.Compact(names)) < len(names) {
				t.Errorf("%s %s: a tag is there twice: %v", method, path, a)
			}
		}
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < rounds; n += 8 {
				path := "/v1/contacts/" + ids[n*7%contacts] + "/tags"
				if n%3 == 0 {
					call(map[int]bool{200: true, 404: true}, "DELETE", path+fmt.Sprint("/t", n%tags), nil)
				} else {
					call(map[int]bool{200: true}, "POST", path, Object{"tags": []any{fmt.Sprint("t", n%tags), "common"}})
				}
			}
		})
	}
	wg.Go(func() {
		for n := range rounds / 20 {
			name := fmt.Sprint("t", n%tags)
			if n%2 == 0 {
				call(map[int]bool{204: true, 404: true}, "DELETE", "/v1/tags/"+name, nil)
			} else { // there and back, or to what is there by then
				call(map[int]bool{200: true, 404: true, 409: true}, "PATCH", "/v1/tags/"+name, Object{"name": "renamed"})
				call(map[int]bool{200: true, 404: true, 409: true}, "PATCH", "/v1/tags/renamed", Object{"name": name})
			}
		}
	})
	wg.Wait()
	carried := map[string]int{}
	for _, c := range owner.All(t, "/v1/contacts") {
		for _, name := range tagsOf(c) {
			carried[name]++
		}
	}
	for _, tag := range owner.All(t, "/v1/tags") {
		name, n := tag.Text("name"), int(tag["contacts"].(float64))
		if n != carried[name] {
			t.Errorf("%s is carried by %d contacts and counted %d times", name, carried[name], n)
		}
		if got := idsOf(t, owner, "/v1/contacts?limit=100&tag="+escaped(name)); len(got) != n {
			t.Errorf("%s lists %d contacts, counted %d times", name, len(got), n)
		}
		delete(carried, name)
	}
	if len(carried) > 0 {
		t.Errorf("contacts show tags that the workspace has not: %v", carried)
	}
	if n := carry(t, owner, "common"); n != contacts {
		t.Errorf("common is counted %d times, want %d", n, contacts)
	}
	w.Complete(t, w.Versions(t, ids...))
	w.Verified(t)
}
