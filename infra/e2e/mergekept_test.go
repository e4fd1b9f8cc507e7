package e2e

import "testing"

// TestKeptAnswersAreGoneWithAll: an answer has the values of all who were one contact
// when it was given; it is replayed until one of them is deleted, whoever's contact
// the others are by then.
func TestKeptAnswersAreGoneWithAll(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for name, deleted := range map[string]int{"TheSurvivor": 0, "TheAbsorbed": 1, "WhomThatAbsorbed": 2, "Nobody": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			ids := []string{owner.Create(t, Object{"firstName": "s"}).ID(), owner.Create(t, Object{"lastName": "b"}).ID(), owner.Create(t, Object{"city": "c"}).ID()}
			var replays []func() *Answer
			call := func(method, path string, body any, key string) *Answer {
				t.Helper()
				ask := func() *Answer { return owner.Do(t, method, path, body, "Idempotency-Key", key) }
				first := ask()
				if first.Status >= 300 {
					t.Fatal(first)
				}
				same(t, first, ask())
				replays = append(replays, func() *Answer {
					a := ask()
					if a.Status < 300 {
						same(t, first, a)
					}
					return a
				})
				return first
			}
			inner, _ := merge(t, owner, ids[1], ids[2])
			both := Object{"survivor": ids[0], "contacts": []string{ids[1]}}
			call("POST", "/v1/merges?dryRun=true", both, "dry")
			outer := call("POST", "/v1/merges", both, "merge").JSON().Text("id")
			call("PATCH", "/v1/contacts/"+ids[0], Object{"country": "IT"}, "patch")
			call("PATCH", "/v1/contacts/"+ids[2], Object{"country": "IT"}, "through-absorbed")
			call("POST", "/v1/merges/"+outer+"/undo", Object{}, "undo")
			owner.Post(t, "/v1/merges/"+inner+"/undo", nil).Is(200)
			want := 410
			if deleted < 0 {
				want = 0
			} else {
				owner.Delete(t, "/v1/contacts/"+ids[deleted]).Is(204)
			}
			for i, replay := range replays {
				if a := replay(); want == 410 && a.Status != 410 || want == 0 && a.Status >= 300 {
					t.Errorf("replay %d: %v", i, a)
				}
			}
			w.Verified(t)
		})
	}
}
