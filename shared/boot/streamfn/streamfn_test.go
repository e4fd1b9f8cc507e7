package streamfn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"pgregory.net/rapid"

	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/boot/streamfn"
	"rubrica/shared/consume"
	"rubrica/shared/ledger"
	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// sent is a queue engine that only takes messages, unless fail says why not.
type sent struct {
	queue.Driver
	fail     func(queue.Spec, []queue.Message) error
	messages []string // queue and body
}

func (s *sent) Send(_ context.Context, q queue.Spec, messages []queue.Message) error {
	if s.fail != nil {
		if err := s.fail(q, messages); err != nil {
			return err
		}
	}
	for _, m := range messages {
		s.messages = append(s.messages, q.Name+" "+m.Body)
	}
	return nil
}

func open(t *testing.T, q queue.Driver) lambda.Handler {
	t.Helper()
	env := boot.NewEnvironment(func(string) (string, bool) { return "", false }, io.Discard)
	h, err := boot.Open(env, func(env *boot.Environment) lambda.Handler { return streamfn.New(env, q, consume.Relayed(nil)...) })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func change(t *testing.T, pk, sk, out string) table.Change {
	t.Helper()
	key, err := table.StoredKey(pk, sk)
	if err != nil {
		t.Fatal(err)
	}
	return table.Change{Key: key, Out: out}
}

// kinds are what records can be.
const (
	fine     = "fine"
	quiet    = "quiet"    // not to be relayed
	removal  = "removal"  // nor this one
	unknown  = "unknown"  // of a topic that no queue takes
	nameless = "nameless" // of a key that is none
)

// batch makes a batch of the given kinds; sequence numbers count from 1.
func batch(t *testing.T, kinds ...string) events.DynamoDBEvent {
	t.Helper()
	var e events.DynamoDBEvent
	for i, kind := range kinds {
		c := change(t, "demo/of/x", fmt.Sprintf("change/%012d", i+1), ledger.TopicAudit)
		if kind == unknown {
			c.Out = "tomorrow"
		}
		r := boottest.StreamRecord(strconv.Itoa(i+1), c)
		switch kind {
		case quiet:
			delete(r.Change.NewImage, table.AttrOut)
		case removal:
			r.EventName, r.Change.NewImage = "REMOVE", nil
		case nameless:
			r.Change.NewImage[table.AttrPK] = events.NewStringAttribute("NOBODY/of/x")
		}
		e.Records = append(e.Records, r)
	}
	return e
}

// relay invokes the function. first is the sequence number to begin with again.
func relay(t *testing.T, h lambda.Handler, e events.DynamoDBEvent) (first string, err error) {
	t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := h.Invoke(t.Context(), payload)
	if err != nil {
		return "", err
	}
	var answer events.DynamoDBEventResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	switch len(answer.BatchItemFailures) {
	case 0:
		return "", nil
	case 1:
		return answer.BatchItemFailures[0].ItemIdentifier, nil
	}
	t.Fatalf("more than one place to begin with again: %s", raw)
	return "", nil
}

// versions are the changes that messages name, in order.
func versions(t *testing.T, messages []string) []int {
	t.Helper()
	var all []int
	for _, m := range messages {
		_, body, _ := strings.Cut(m, " ")
		var named struct{ Rows []struct{ SK string } }
		if err := json.Unmarshal([]byte(body), &named); err != nil {
			t.Fatal(err)
		}
		for _, row := range named.Rows {
			v, err := strconv.Atoi(strings.TrimPrefix(row.SK, "change/"))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
	}
	return all
}

func TestRelaysInOrder(t *testing.T) {
	t.Parallel()
	var q sent
	first, err := relay(t, open(t, &q), batch(t, fine, quiet, fine, removal, fine))
	if err != nil || first != "" || !slices.Equal(versions(t, q.messages), []int{1, 3, 5}) {
		t.Errorf("begins again with %q, %v, sent %q", first, err, q.messages)
	}
}

func TestTopicsOfOneRow(t *testing.T) {
	t.Parallel()
	var q sent
	e := events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{
		boottest.StreamRecord("1", change(t, "demo/former/x", "-", ledger.TopicAudit+","+ledger.TopicPurge)),
	}}
	if first, err := relay(t, open(t, &q), e); err != nil || first != "" {
		t.Fatal(first, err)
	}
	slices.Sort(q.messages)
	want := []string{`audit {"rows":[{"pk":"demo/former/x","sk":"-"}]}`, `purge {"rows":[{"pk":"demo/former/x","sk":"-"}]}`}
	if !slices.Equal(q.messages, want) {
		t.Errorf("sent %q", q.messages)
	}
}

// TestFailures says where the event source is to begin again.
func TestFailures(t *testing.T) {
	t.Parallel()
	refused := errors.New("access denied")
	for name, c := range map[string]struct {
		kinds []string
		fail  error  // of every Send
		first string // "error" if the function fails
		sent  []int
	}{
		"SQS is away":                       {kinds: []string{quiet, fine, fine}, fail: queue.ErrUnavailable, first: "1"},
		"SQS refuses":                       {kinds: []string{fine, fine}, fail: refused, first: "error"},
		"SQS refuses what is behind others": {kinds: []string{quiet, fine}, fail: refused, first: "2"},
		"no queue for the topic":            {kinds: []string{fine, fine, unknown, fine}, first: "3", sent: []int{1, 2}},
		"no queue for the first":            {kinds: []string{unknown, fine}, first: "error"},
		"no queue for the only one":         {kinds: []string{unknown}, first: "error"},
		"a key that is none":                {kinds: []string{fine, nameless, fine}, first: "2", sent: []int{1}},
		"a key that is none, first":         {kinds: []string{nameless, fine}, first: "error"},
		"two kinds of trouble":              {kinds: []string{fine, unknown, nameless}, first: "2", sent: []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := sent{fail: func(queue.Spec, []queue.Message) error { return c.fail }}
			first, err := relay(t, open(t, &q), batch(t, c.kinds...))
			if err != nil {
				first = "error"
			}
			if first != c.first || !slices.Equal(versions(t, q.messages), c.sent) {
				t.Errorf("begins again with %q (%v), want %q; sent %q", first, err, c.first, q.messages)
			}
		})
	}
}

// TestNothingIsLost drives the function as an event source does, with SQS
// failing at random, until it is done or only what cannot be relayed is left: all
// others were sent at least once.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{fine, fine, fine, quiet, removal, unknown, nameless}), 1, 60).Draw(rt, "kinds")
		outages := rapid.SliceOfN(rapid.Bool(), 0, 20).Draw(rt, "outages")
		calls := 0
		q := sent{fail: func(queue.Spec, []queue.Message) error {
			calls++
			if calls <= len(outages) && outages[calls-1] {
				return queue.ErrUnavailable
			}
			return nil
		}}
		h := open(t, &q)
		for records := batch(t, kinds...).Records; len(records) > 0; {
			some := records
			first, err := relay(t, h, events.DynamoDBEvent{Records: some})
			for err != nil && len(some) > 1 { // the event source halves what fails
				some = some[:len(some)/2]
				first, err = relay(t, h, events.DynamoDBEvent{Records: some})
			}
			done := len(some)
			if err == nil && first != "" {
				done = slices.IndexFunc(some, func(r events.DynamoDBEventRecord) bool { return r.Change.SequenceNumber == first })
			}
			records = records[done:] // one that fails alone goes to the dead letters
		}
		got := versions(t, q.messages)
		for i, kind := range kinds {
			if kind == fine && !slices.Contains(got, i+1) {
				rt.Errorf("record %d of %v is lost", i+1, kinds)
			}
		}
	})
}

func TestRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	h := open(t, &sent{})
	for _, payload := range []string{``, `{}`, `{"Records":[]}`, `[]`} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("took %q for changes", payload)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	var soon time.Time
	ends := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), ends)
	defer cancel()
	payload, err := json.Marshal(batch(t, fine))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, deadlines{at: &soon}).Invoke(ctx, payload); err != nil || !soon.Before(ends) {
		t.Errorf("work ends at %s, the invocation at %s, %v", soon, ends, err)
	}
}

type deadlines struct {
	queue.Driver
	at *time.Time
}

func (d deadlines) Send(ctx context.Context, _ queue.Spec, _ []queue.Message) error {
	*d.at, _ = ctx.Deadline()
	return nil
}
