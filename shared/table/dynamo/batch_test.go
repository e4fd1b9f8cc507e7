package dynamo_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/table"
)

// halfway is an engine that does at most half of every batch, rounded up.
func halfway(done map[string]int) *engine {
	var mu sync.Mutex
	return &engine{script: []func(request) answer{func(r request) answer {
		mu.Lock()
		defer mu.Unlock()
		requests := at(r.body, "RequestItems", "rubrica").([]any)
		if len(requests) > 25 {
			return refusal("ValidationException", "")
		}
		half := (len(requests) + 1) / 2
		for _, w := range requests[:half] {
			if sk, ok := at(w, "PutRequest", "Item", "sk", "S").(string); ok {
				done["put "+sk]++
			} else {
				done["delete "+at(w, "DeleteRequest", "Key", "sk", "S").(string)]++
			}
		}
		if half == len(requests) {
			return ok(`{}`)
		}
		rest, err := json.Marshal(requests[half:])
		if err != nil {
			panic(err)
		}
		return ok(`{"UnprocessedItems":{"rubrica":` + string(rest) + `}}`)
	}}}
}

func TestBatchFinishes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 13, 25, 26, 260} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, ws := workspace(t, "acme")
				p := table.In(ws, "x")
				var puts []table.Row
				var deletes []table.Key
				want := map[string]bool{}
				for i := range n {
					sk := fmt.Sprint(i)
					if i%3 == 2 {
						deletes = append(deletes, p.Row(sk))
						want["delete "+sk] = true
					} else {
						puts = append(puts, table.Row{Key: p.Row(sk)})
						want["put "+sk] = true
					}
				}
				done := map[string]int{}
				if err := over(halfway(done)).Batch(ctx, puts, deletes); err != nil {
					t.Fatal(err)
				}
				for w := range want {
					if done[w] != 1 {
						t.Errorf("%s: done %d times", w, done[w])
					}
				}
				if len(done) != len(want) {
					t.Errorf("%d done, want %d", len(done), len(want))
				}
			})
		})
	}
}

func TestBatchThatIsNeverProcessedIsUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		e := says(ok(`{"UnprocessedItems":{"rubrica":[{"DeleteRequest":{"Key":{"pk":{"S":"acme/x"},"sk":{"S":"1"}}}}]}}`))
		if err := over(e).Batch(ctx, nil, []table.Key{table.In(ws, "x").Row("1")}); !errors.Is(err, table.ErrUnavailable) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestBatchLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		var mu sync.Mutex
		busy, most := 0, 0
		e := &engine{script: []func(request) answer{func(request) answer {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(time.Second) // the bubble's: until nobody else can go on
			mu.Lock()
			busy--
			mu.Unlock()
			return ok(`{}`)
		}}}
		var deletes []table.Key
		for i := range 300 {
			deletes = append(deletes, table.In(ws, "x").Row(fmt.Sprint(i)))
		}
		if err := over(e).Batch(ctx, nil, deletes); err != nil || most != 4 || len(e.requests) != 12 {
			t.Errorf("%d requests, %d at a time, %v", len(e.requests), most, err)
		}
	})
}
