package sqs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
)

var (
	standard = queue.Spec{Name: "audit", Visibility: time.Minute}
	fifo     = queue.Spec{Name: "jobs", FIFO: true, Visibility: time.Minute}
)

// refusing is an engine that refuses for the moment every entry that it has not
// seen before, of those whose body it is told.
func refusing(bodies ...string) (e *engine, accepted *[]string) {
	accepted = new([]string)
	seen := map[string]bool{}
	e = &engine{}
	e.script = []func(request) answer{func(r request) answer {
		e.mu.Lock()
		defer e.mu.Unlock()
		var failed []map[string]any
		for _, entry := range r.body["Entries"].([]any) {
			m := entry.(map[string]any)
			body := m["MessageBody"].(string)
			if slices.Contains(bodies, body) && !seen[body] {
				seen[body] = true
				failed = append(failed, map[string]any{"Id": m["Id"], "Code": "InternalError", "SenderFault": false})
			} else {
				*accepted = append(*accepted, body)
			}
		}
		b, err := json.Marshal(map[string]any{"Failed": failed, "Successful": []any{}})
		if err != nil {
			panic(err)
		}
		return ok(string(b))
	}}
	return e, accepted
}

func TestSendRepeatsFailedEntriesAlone(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]queue.Spec{"Standard": standard, "FIFO": fifo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var messages []queue.Message
				var want []string
				for i := range 47 {
					m := queue.Message{Body: fmt.Sprint(i), Group: fmt.Sprint("g", i%12), Dedup: fmt.Sprint("d", i)}
					messages, want = append(messages, m), append(want, m.Body)
				}
				e, accepted := refusing("3", "4", "31", "46")
				if err := over(e, sqs.Options{}).Send(t.Context(), q, messages...); err != nil {
					t.Fatal(err)
				}
				slices.Sort(*accepted)
				slices.Sort(want)
				if !slices.Equal(*accepted, want) {
					t.Errorf("accepted %v", *accepted)
				}
			})
		})
	}
}

func TestSendKeepsTheOrderOfAGroupThoughEntriesFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var messages []queue.Message
		var want []string
		for i := range 12 {
			messages = append(messages, queue.Message{Body: fmt.Sprint(i), Group: "lane", Dedup: fmt.Sprint("d", i)})
			want = append(want, fmt.Sprint(i))
		}
		e, accepted := refusing("0", "4", "5")
		if err := over(e, sqs.Options{}).Send(t.Context(), fifo, messages...); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(*accepted, want) {
			t.Errorf("accepted %v, want %v", *accepted, want)
		}
	})
}

func TestSendBatches(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sizes []int
		calls int
	}{
		"One":               {[]int{1}, 1},
		"Ten":               {slices.Repeat([]int{1}, 10), 1},
		"Eleven":            {slices.Repeat([]int{1}, 11), 2},
		"ExactlyOneMiB":     {slices.Repeat([]int{256 << 10}, 4), 1},
		"OverOneMiB":        {append(slices.Repeat([]int{256 << 10}, 4), 1), 2},
		"LargeOnesAndSmall": {[]int{200 << 10, 200 << 10, 200 << 10, 200 << 10, 200 << 10, 200 << 10, 1}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var messages []queue.Message
			for _, n := range tc.sizes {
				messages = append(messages, queue.Message{Body: strings.Repeat("x", n), Group: "g"})
			}
			e := says(ok(`{"Successful":[],"Failed":[]}`))
			if err := over(e, sqs.Options{}).Send(t.Context(), standard, messages...); err != nil {
				t.Fatal(err)
			}
			sent := 0
			for _, r := range e.requests {
				entries, size := r.body["Entries"].([]any), 0
				for _, entry := range entries {
					size += len(entry.(map[string]any)["MessageBody"].(string))
				}
				if sent += len(entries); len(entries) > 10 || size > 1<<20 {
					t.Errorf("%d entries of %d bytes in one request", len(entries), size)
				}
			}
			if len(e.requests) != tc.calls || sent != len(messages) {
				t.Errorf("%d messages in %d requests, want %d in %d", sent, len(e.requests), len(messages), tc.calls)
			}
		})
	}
}

func TestSendEntry(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		q    queue.Spec
		m    queue.Message
		want map[string]any
	}{
		"Standard": {
			standard, queue.Message{Body: "b", Group: "acme", Dedup: "unused", Delay: 1500 * time.Millisecond},
			map[string]any{"Id": "0", "MessageBody": "b", "MessageGroupId": "acme", "DelaySeconds": 2.0},
		},
		"FIFO": {
			fifo, queue.Message{Body: "b", Group: "acme/3", Dedup: "d"},
			map[string]any{"Id": "0", "MessageBody": "b", "MessageGroupId": "acme/3", "MessageDeduplicationId": "d"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{}`))
			if err := over(e, sqs.Options{}).Send(t.Context(), tc.q, tc.m); err != nil {
				t.Fatal(err)
			}
			got := e.requests[0].body["Entries"].([]any)[0].(map[string]any)
			if got["DelaySeconds"] == 0.0 {
				delete(got, "DelaySeconds") // none or zero is the same
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("entry = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestSendErrors(t *testing.T) {
	t.Parallel()
	entry := func(fault bool) answer {
		return ok(fmt.Sprintf(`{"Failed":[{"Id":"0","Code":"Trouble","SenderFault":%t}]}`, fault))
	}
	for name, tc := range map[string]struct {
		say         answer
		unavailable bool
	}{
		"EntryRefusedUntilTheDeadline": {entry(false), true},
		"EntryRefusedForGood":          {entry(true), false},
		"NoAnswer":                     {answer{lost: true}, true},
		"TroubleOfTheService":          {refusal(500, "InternalError", ""), true},
		"Throttled":                    {refusal(400, "RequestThrottled", ""), true},
		"ThrottledWithAPrefix":         {refusal(400, "AWS.SimpleQueueService.RequestThrottled", ""), true},
		"AccessDenied":                 {refusal(403, "AccessDeniedException", ""), false},
		"NoSuchQueue":                  {refusal(400, "QueueDoesNotExist", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := over(says(tc.say), sqs.Options{}).Send(t.Context(), standard, queue.Message{Body: "b", Group: "g"})
				if err == nil || errors.Is(err, queue.ErrUnavailable) != tc.unavailable {
					t.Errorf("err = %v", err)
				}
			})
		})
	}
}

func TestQueueURLs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		q       queue.Spec
		want    string
		lookups int
	}{
		"Given":        {queue.Spec{Name: "given"}, "http://elsewhere.invalid/1/x", 0},
		"LookedUpOnce": {standard, "http://engine.invalid/1/prod-audit", 1},
		"FIFO":         {fifo, "http://engine.invalid/1/prod-jobs.fifo", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{"Attributes":{"ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesNotVisible":"4","ApproximateNumberOfMessagesDelayed":"5"}}`))
			queues := over(e, sqs.Options{Prefix: "prod-", URLs: map[string]string{"given": "http://elsewhere.invalid/1/x"}})
			for range 2 {
				visible, hidden, err := queues.Depth(t.Context(), tc.q)
				if err != nil || visible != 3 || hidden != 9 {
					t.Errorf("depth = %d, %d, %v", visible, hidden, err)
				}
			}
			if got := e.requests[1].body["QueueUrl"]; got != tc.want || e.lookups != tc.lookups {
				t.Errorf("url = %v after %d lookups, want %s after %d", got, e.lookups, tc.want, tc.lookups)
			}
		})
	}
}
