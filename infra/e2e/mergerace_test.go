package e2e

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
)

// TestMergeBothWays: of A into B and B into A at the same moment one wins, and the
// other is told that there is nothing left to merge.
func TestMergeBothWays(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	for range 20 {
		ids := []string{owner.Create(t, Object{}).ID(), owner.Create(t, Object{"email": "b@example.com"}).ID()}
		answers := race(t, 8, patient(func(i int) (*Answer, error) {
			return owner.Try(t.Context(), "POST", "/v1/merges", Object{"survivor": ids[i%2], "contacts": []any{ids[1-i%2]}})
		}))
		if n := tally(answers); n[201] != 1 || n[409] != 7 {
			t.Fatalf("answers by status: %v; want one 201 and 409 else", n)
		}
		for _, a := range answers {
			if a.Status == 409 {
				a.Refused(409, "already_merged")
			}
		}
	}
	if n := len(owner.All(t, "/v1/contacts")); n != 20 {
		t.Errorf("%d contacts are left of twenty couples", n)
	}
	w.Verified(t)
}

// racing is what somebody does to a contact while it is merged, or taken back.
var racing = []struct {
	name, method, path string
	body               any
	// arrived tells whether it did, of the contact that it was done to.
	arrived func(t *testing.T, c *Client, id string) bool
}{
	{"patch", "PATCH", "", Object{"department": "Acquisti"}, has("department", "Acquisti")},
	{"tag", "POST", "/tags", Object{"tags": []any{"raced"}}, func(t *testing.T, c *Client, id string) bool {
		return slices.Contains(tagsOf(c.Contact(t, id)), "raced")
	}},
	{"block", "POST", "/block", nil, has("blocked", true)},
	{"dnd", "PUT", "/dnd", Object{"calls": true}, func(t *testing.T, c *Client, id string) bool {
		dnd, _ := c.Contact(t, id)["dnd"].(map[string]any)
		return dnd["calls"] == true
	}},
	{"note", "POST", "/notes", Object{"text": "raced"}, func(t *testing.T, c *Client, id string) bool {
		return len(c.All(t, "/v1/contacts/"+id+"/notes")) == 1
	}},
	{"delete", "DELETE", "", nil, func(t *testing.T, c *Client, id string) bool { return c.Get(t, "/v1/contacts/"+id).Status == 410 }},
}

func has(member string, value any) func(*testing.T, *Client, string) bool {
	return func(t *testing.T, c *Client, id string) bool { return c.Contact(t, id)[member] == value }
}

func raceRounds() int {
	if os.Getenv("RUBRICA_DYNAMODB") != "" {
		return 3 // local engines take one write at a time
	}
	return 15
}

// TestMergeUnderRaces: whatever is done to a contact while another one absorbs it is
// the survivor's in the end, or its author or the merge's is told so.
func TestMergeUnderRaces(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for _, r := range racing {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			for n := range raceRounds() {
				survivor, other := owner.Create(t, Object{"firstName": "Maria"}).ID(), owner.Create(t, Object{"email": fmt.Sprintf("r%d@example.com", n)}).ID()
				target := []string{other, other, survivor}[n%3]
				answers := race(t, 2, patient(func(i int) (*Answer, error) {
					if i == 0 {
						return owner.Try(t.Context(), "POST", "/v1/merges", Object{"survivor": survivor, "contacts": []any{other}})
					}
					return owner.Try(t.Context(), r.method, "/v1/contacts/"+target+r.path, r.body)
				}))
				merged, done := answers[0].Status == 201, answers[1].Status < 300
				switch {
				case !merged && !(r.name == "block" && answers[0].Status == 409 || r.name == "delete" && answers[0].Status == 410):
					t.Errorf("the merge: %v", answers[0])
				case !done:
					t.Errorf("%v", answers[1])
				case !r.arrived(t, owner, target):
					t.Errorf("lost: %v, and %v", answers[1], answers[0])
				case merged && r.name == "delete" && owner.Get(t, "/v1/contacts/"+survivor).Status != 410:
					t.Errorf("the survivor outlived %v", answers[1])
				case merged && r.name != "delete" && owner.Get(t, "/v1/contacts/"+other).Is(200).JSON().ID() != survivor:
					t.Errorf("%s does not lead to %s", other, survivor)
				}
			}
			w.Verified(t)
		})
	}
}

// TestUndoUnderRaces: whatever is done to a contact that others stand for while it
// is taken back is its own, or the survivor's.
func TestUndoUnderRaces(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for _, r := range racing {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			for n := range raceRounds() {
				survivor, other := owner.Create(t, Object{"firstName": "Maria"}).ID(), owner.Create(t, Object{"email": fmt.Sprintf("r%d@example.com", n)}).ID()
				id, _ := merge(t, owner, survivor, other)
				target := []string{other, other, survivor}[n%3]
				answers := race(t, 2, patient(func(i int) (*Answer, error) {
					if i == 0 {
						return owner.Try(t.Context(), "POST", "/v1/merges/"+id+"/undo", nil)
					}
					return owner.Try(t.Context(), r.method, "/v1/contacts/"+target+r.path, r.body)
				}))
				undone := answers[0].Status == 200
				if !undone && !(r.name == "delete" && answers[0].Status == 410) || answers[1].Status >= 300 {
					t.Fatalf("%v, %v", answers[0], answers[1])
				}
				if !r.arrived(t, owner, survivor) && !r.arrived(t, owner, other) {
					t.Errorf("lost: %v, and %v", answers[1], answers[0])
				}
				for _, id := range []string{survivor, other} {
					if a := owner.Get(t, "/v1/contacts/"+id); a.Status == 200 && a.JSON().ID() != id {
						t.Errorf("%s still leads to %s", id, a.JSON().ID())
					}
				}
			}
			w.Verified(t)
		})
	}
}

// TestUpsertDuringMerges: an address that goes from one contact to another and back
// is never nobody's, so an upsert never makes another contact.
func TestUpsertDuringMerges(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	for _, policy := range []string{"allow", "reject"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			owner.Patch(t, "/v1/workspace", Object{"duplicates": policy}).Is(200)
			survivor, other := owner.Create(t, Object{"firstName": "Maria"}).ID(), owner.Create(t, Object{"externalIds": Object{"sap": "K"}, "email": "k@example.com"}).ID()
			for n := range raceRounds() {
				var id string
				for step := range 2 {
					answers := race(t, 4, patient(func(i int) (*Answer, error) {
						switch {
						case i == 0 && step == 0:
							return owner.Try(t.Context(), "POST", "/v1/merges", Object{"survivor": survivor, "contacts": []any{other}})
						case i == 0:
							return owner.Try(t.Context(), "POST", "/v1/merges/"+id+"/undo", nil)
						case i == 1:
							return owner.Try(t.Context(), "GET", "/v1/contacts/email:k@example.com", nil)
						}
						return owner.Try(t.Context(), "PUT", "/v1/contacts/"+[]string{"ext:sap:K", "email:k@example.com"}[i%2], Object{"city": fmt.Sprint("city ", n, step, i)})
					}))
					answers[0].Is(201 - step)
					for _, a := range answers[1:] {
						a.Is(200)
					}
					if step == 0 {
						id = answers[0].JSON().ID()
					}
				}
			}
			if ids := idsOf(t, owner, "/v1/contacts?sort=createdAt"); !slices.Equal(ids, []string{survivor, other}) {
				t.Errorf("contacts: %v", ids)
			}
			w.Verified(t)
		})
	}
}

// TestManyMergesAtOnce: many merge few contacts into each other and take it back.
// In the end every id leads to a contact that lists it, and each note is there.
func TestManyMergesAtOnce(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	const contacts, workers = 8, 6
	var ids []string
	for i := range contacts {
		id := owner.Create(t, Object{"email": fmt.Sprintf("c%d@example.com", i), "tags": []any{fmt.Sprint("t", i%3)}, "city": fmt.Sprint("city ", i)}).ID()
		owner.Post(t, "/v1/contacts/"+id+"/notes", Object{"text": id}).Is(201)
		ids = append(ids, id)
	}
	race(t, workers, func(worker int) (*Answer, error) {
		var made []string
		var last *Answer
		for n := range 2 * raceRounds() {
			a, b := ids[(worker+n)%contacts], ids[(worker+3*n+1)%contacts]
			send := func(int) (*Answer, error) {
				return owner.Try(t.Context(), "POST", "/v1/merges", Object{"survivor": a, "contacts": []any{b}})
			}
			if n%2 == 1 && len(made) > 0 {
				id := made[len(made)-1]
				made = made[:len(made)-1]
				send = func(int) (*Answer, error) { return owner.Try(t.Context(), "POST", "/v1/merges/"+id+"/undo", nil) }
			} else if a == b {
				continue
			}
			answer, err := patient(send)(0)
			if err != nil {
				return nil, err
			}
			if last = answer; answer.Status >= 500 {
				return nil, fmt.Errorf("%s", answer)
			}
			var merged struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(answer.Body, &merged); err == nil && answer.Status == 201 {
				made = append(made, merged.ID)
			}
		}
		return last, nil
	})
	listed := 0
	for _, c := range owner.All(t, "/v1/contacts") {
		absorbed, _ := c["mergedIds"].([]any)
		listed += 1 + len(absorbed)
		notes := owner.All(t, "/v1/contacts/"+c.ID()+"/notes")
		if len(notes) != 1+len(absorbed) {
			t.Errorf("%s stands for %d contacts and has %d notes", c.ID(), 1+len(absorbed), len(notes))
		}
		for _, id := range absorbed {
			owner.Get(t, "/v1/contacts/"+id.(string)).Is(200).Has(Object{"id": c.ID()})
		}
	}
	if listed != contacts {
		t.Errorf("%d contacts, of %d", listed, contacts)
	}
	w.Verified(t)
}
