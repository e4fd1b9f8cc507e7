package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"rubrica/infra/local/server"
)

// TestJobsSurviveKill kills the command again and again while a job tags contacts
// and another deletes half of them: both end, with exact counts, and one entry of
// each change.
func TestJobsSurviveKill(t *testing.T) {
	t.Parallel()
	const many = 1200
	binary, data := build(t), t.TempDir()
	p := launch(t, binary, "-data", data)
	token := p.Token
	c := NewClient(t, p.URL, token)
	ids := make([]string, many)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := g; i < many; i += 8 {
				a, err := c.Try(t.Context(), "POST", "/v1/contacts", Object{"email": fmt.Sprintf("p%d@example.it", i), "firstName": "P"})
				if err != nil || a.Status != http.StatusCreated {
					t.Errorf("creating: %v %v", a, err)
					return
				}
				a.t = t
				ids[i] = a.JSON().ID()
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	tag := c.Post(t, "/v1/jobs", Object{"type": "tag", "tags": []string{"all"}, "select": Object{"all": true}}).Is(http.StatusAccepted).JSON().ID()
	half := ids[:many/2]
	deletion := c.Post(t, "/v1/jobs", Object{"type": "delete", "select": named(half...), "confirm": len(half)}).Is(http.StatusAccepted).JSON().ID()
	for range 4 {
		time.Sleep(rand.N(60 * time.Millisecond))
		_ = p.end(t, os.Kill)
		p = launch(t, binary, "-data", data)
	}
	_ = p.end(t, os.Kill)

	service := Serve(t, func(o *server.Options) {
		o.Memory, o.Data, o.DynamoDB, o.SQS = false, data, "", ""
	})
	w := service.Named(t, "demo")
	owner := w.As(t, "owner")
	tagged, deleted := owner.ended(t, tag), owner.ended(t, deletion)
	came(t, deleted, "completed", len(half), len(half), 0, 0)
	// Lanes are in order of the jobs, so whoever is deleted was tagged before.
	came(t, tagged, "completed", many, many, 0, 0)
	for _, sample := range []string{half[0], half[len(half)-1]} {
		owner.Get(t, "/v1/contacts/"+sample).Refused(http.StatusGone, "gone")
	}
	if left := len(owner.All(t, "/v1/contacts?tag=all&limit=100")); left != many-len(half) {
		t.Errorf("%d are left with the tag, want %d", left, many-len(half))
	}
	versions := map[string]int{}
	for i, id := range ids {
		versions[id] = 2
		if i < len(half) {
			versions[id] = 3
		}
	}
	w.Complete(t, versions)
	w.Verified(t)
}
