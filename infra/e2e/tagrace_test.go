package e2e

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
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

// TestNoAnswerShowsATagTwice: many tag one contact while its tags are deleted,
// made anew and renamed. Whoever has to begin again goes by the names of then.
func TestNoAnswerShowsATagTwice(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
	names := []string{"a", "b", "c"}
	rounds := 150
	if os.Getenv("RUBRICA_DYNAMODB") != "" {
		rounds = 20 // local engines take one write at a time
	}
	call := func(method, path string, body any) []string {
		a, err := patient(func(int) (*Answer, error) { return owner.Try(t.Context(), method, path, body) })(0)
		if err != nil || a.Status >= 500 {
			t.Errorf("%s %s: %v, %v", method, path, a, err)
			return nil
		}
		var shown struct {
			Tags []string `json:"tags"`
		}
		if len(a.Body) > 0 {
			if err := json.Unmarshal(a.Body, &shown); err != nil {
				t.Error(err)
			}
		}
		return shown.Tags
	}
	var wg sync.WaitGroup
	for worker := range 9 {
		wg.Go(func() {
			for n := range rounds {
				name := names[(n+worker)%len(names)]
				switch worker {
				case 0, 1:
					call("DELETE", "/v1/tags/"+name, nil)
				case 2:
					call("PATCH", "/v1/tags/"+name, Object{"name": names[n%2]})
				default:
					mustBeDifferent(t, call("POST", path+"/tags", Object{"tags": []any{name}}))
				}
			}
		})
	}
	wg.Wait()
	for _, entry := range owner.All(t, path+"/audit?limit=100") {
		for _, change := range entry["changes"].([]any) {
			if list, ok := change.(map[string]any)["to"].([]any); ok {
				var to []string
				for _, name := range list {
					to = append(to, name.(string))
				}
				mustBeDifferent(t, to)
			}
		}
	}
	w.Verified(t)
}

// mustBeDifferent fails where a name is there twice.
func mustBeDifferent(t *testing.T, names []string) {
	t.Helper()
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			t.Errorf("a tag is there twice: %q", names)
		}
	}
}
