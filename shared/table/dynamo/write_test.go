package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rubrica/shared/table"
)

// shown is the refusal of a single conditional write, with the row it was held against.
func shown(item string) answer { return refusal("ConditionalCheckFailedException", `,"Item":`+item) }

func storedItem(rev, more string) string {
	return `{"pk":{"S":"acme/contacts"},"sk":{"S":"1"},"_rev":{"S":"` + rev + `"}` + more + `}`
}

// revOf is the revision that a put was sent with.
func revOf(r request) string { return at(r.body, "Item", "_rev", "S").(string) }

func TestSinglePut(t *testing.T) {
	t.Parallel()
	own := func(r request) answer { return shown(storedItem(revOf(r), "")) }
	always := func(a answer) func(request) answer { return func(request) answer { return a } }
	for name, tc := range map[string]struct {
		script  []func(request) answer
		want    error // nil: applied
		row     table.Rev
		refused bool // as a ConditionError
		calls   int
	}{
		"Applied":                             {script: []func(request) answer{always(ok(`{}`))}, calls: 1},
		"RecognisesItsOwnSuccessAfterALoss":   {script: []func(request) answer{always(lost), own}, calls: 2},
		"RecognisesItsOwnSuccessAfterA500":    {script: []func(request) answer{always(broken), own}, calls: 2},
		"ShowsTheRowOfSomebodyFaster":         {script: []func(request) answer{always(shown(storedItem("theirs", "")))}, refused: true, row: "theirs", calls: 1},
		"ShowsNoRowWhereThereIsNone":          {script: []func(request) answer{always(refusal("ConditionalCheckFailedException", ""))}, refused: true, calls: 1},
		"ShowsAnExpiredRowAsAbsent":           {script: []func(request) answer{always(shown(storedItem("old", `,"_expires":{"N":"1"}`)))}, refused: true, calls: 1},
		"AfterThrottlingAConditionErrorIsOne": {script: []func(request) answer{always(throttled), always(shown(storedItem("theirs", "")))}, refused: true, row: "theirs", calls: 2},
		"AfterALossAnotherRowLeavesItOpen":    {script: []func(request) answer{always(lost), always(shown(storedItem("theirs", "")))}, want: table.ErrUnavailable, calls: 2},
		"GivesUpAfterThreeLosses":             {script: []func(request) answer{always(lost)}, want: table.ErrUnavailable, calls: 3},
		"OutlastsATransactionOnTheRow":        {script: []func(request) answer{always(refusal("TransactionConflictException", "")), always(ok(`{}`))}, calls: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := &engine{script: tc.script}
				ctx, ws := workspace(t, "acme")
				err := over(e).Write(ctx, table.Put(table.Row{Key: table.In(ws, "contacts").Row("1")}, table.Absent()))
				refused, isRefused := errors.AsType[*table.ConditionError](err)
				switch {
				case isRefused != tc.refused || !tc.refused && !errors.Is(err, tc.want):
					t.Errorf("err = %v", err)
				case isRefused && (len(refused.Failed) != 1 || refused.Failed[0].Row.Rev != tc.row):
					t.Errorf("failed = %+v, want rev %q", refused.Failed, tc.row)
				}
				if len(e.requests) != tc.calls {
					t.Errorf("calls = %v, want %d", e.ops(), tc.calls)
				}
			})
		})
	}
}

func TestWhichRequestAWriteIs(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	key := table.In(ws, "contacts").Row("1")
	row, other := table.Row{Key: key}, table.Row{Key: table.In(ws, "contacts").Row("2")}
	for name, tc := range map[string]struct {
		actions []table.Action
		op      string
	}{
		"Put":               {[]table.Action{table.Put(row)}, "PutItem"},
		"ConditionalPut":    {[]table.Action{table.Put(row, table.Absent())}, "PutItem"},
		"Delete":            {[]table.Action{table.Delete(key)}, "DeleteItem"},
		"Check":             {[]table.Action{table.Check(key, table.Absent())}, "GetItem"},
		"ConditionalDelete": {[]table.Action{table.Delete(key, table.Exists())}, "TransactWriteItems"},
		"Add":               {[]table.Action{table.Add(key, 1)}, "TransactWriteItems"},
		"Two":               {[]table.Action{table.Put(row), table.Put(other)}, "TransactWriteItems"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{}`))
			if err := over(e).Write(ctx, tc.actions...); err != nil {
				t.Fatal(err)
			}
			if got := e.ops(); !slices.Equal(got, []string{tc.op}) {
				t.Errorf("requests = %v, want %s", got, tc.op)
			}
		})
	}
}

func TestTransaction(t *testing.T) {
	t.Parallel()
	cancelled := func(reasons string) answer {
		return refusal("TransactionCanceledException", `,"CancellationReasons":[`+reasons+`]`)
	}
	for name, tc := range map[string]struct {
		script []answer
		failed []int // of a ConditionError
		want   error
		plain  bool // an error, but none of the table's
		calls  int
	}{
		"RetriesAConflict":          {script: []answer{conflicting, conflicting, ok(`{}`)}, calls: 3},
		"RetriesThrottlingOfOneRow": {script: []answer{cancelled(`{"Code":"None"},{"Code":"ThrottlingError"}`), ok(`{}`)}, calls: 2},
		"RetriesLackOfThroughput":   {script: []answer{cancelled(`{"Code":"ProvisionedThroughputExceeded"},{"Code":"None"}`), ok(`{}`)}, calls: 2},
		"WaitsForItself":            {script: []answer{lost, refusal("TransactionInProgressException", ""), ok(`{}`)}, calls: 3},
		"RetriesALoss":              {script: []answer{lost, broken, ok(`{}`)}, calls: 3},
		"TellsAllFailedConditions": {
			script: []answer{cancelled(`{"Code":"ConditionalCheckFailed","Item":` + storedItem("theirs", "") + `},{"Code":"ConditionalCheckFailed"}`)},
			failed: []int{0, 1}, calls: 1,
		},
		"AFailedConditionIsAnAnswerBesideAConflict": {
			script: []answer{cancelled(`{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}`)},
			failed: []int{1}, calls: 1,
		},
		"AfterALossTheTokenAnswersForItself": {script: []answer{lost, cancelled(`{"Code":"None"},{"Code":"ConditionalCheckFailed"}`)}, failed: []int{1}, calls: 2},
		"ValidationIsADefect":                {script: []answer{cancelled(`{"Code":"ValidationError"},{"Code":"None"}`)}, plain: true, calls: 1},
		"CollectionSizeIsADefect":            {script: []answer{cancelled(`{"Code":"ItemCollectionSizeLimitExceeded"},{"Code":"None"}`)}, plain: true, calls: 1},
		"AccessDeniedIsADefect":              {script: []answer{refusal("AccessDeniedException", "")}, plain: true, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := says(tc.script...)
				ctx, ws := workspace(t, "acme")
				p := table.In(ws, "contacts")
				err := over(e).Write(ctx, table.Put(table.Row{Key: p.Row("1")}, table.Absent()), table.Delete(p.Row("2"), table.Exists()))
				var failed []int
				if refused, ok := errors.AsType[*table.ConditionError](err); ok {
					for _, f := range refused.Failed {
						failed = append(failed, f.Index)
					}
				}
				if !slices.Equal(failed, tc.failed) {
					t.Errorf("err = %v, failed = %v, want %v", err, failed, tc.failed)
				}
				if tc.failed == nil && (err != nil) != tc.plain || errors.Is(err, table.ErrUnavailable) {
					t.Errorf("err = %v", err)
				}
				if len(e.requests) != tc.calls {
					t.Errorf("calls = %v, want %d", e.ops(), tc.calls)
				}
				first := fmt.Sprint(e.requests[0].body)
				for _, r := range e.requests[1:] {
					if fmt.Sprint(r.body) != first {
						t.Errorf("a repetition differs: its token would be refused\n%s\n%s", fmt.Sprint(r.body), first)
					}
				}
				if token, _ := e.requests[0].body["ClientRequestToken"].(string); token == "" || len(token) > 36 {
					t.Errorf("token = %q", token)
				}
			})
		})
	}
}

func TestTokensDifferBetweenWrites(t *testing.T) {
	t.Parallel()
	e := says(ok(`{}`))
	ctx, ws := workspace(t, "acme")
	for range 2 {
		if err := over(e).Write(ctx, table.Add(table.In(ws, "tag").Row("-"), 1)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := e.requests[0].body["ClientRequestToken"], e.requests[1].body["ClientRequestToken"]; a == b {
		t.Errorf("both %v", a)
	}
}

func TestRetriesEndAtTheDeadline(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		say      answer
		deadline time.Duration // 0: none
		limit    time.Duration
	}{
		"Throttled":                 {throttled, 5 * time.Second, 5 * time.Second},
		"Conflicting":               {conflicting, 2 * time.Second, 2 * time.Second},
		"WithoutADeadlineAtAll":     {throttled, 0, 10 * time.Second},
		"BeforeTheTokenIsForgotten": {throttled, time.Hour, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := says(tc.say)
				ctx, ws := workspace(t, "acme")
				if tc.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				start := time.Now()
				err := over(e).Write(ctx, table.Add(table.In(ws, "tag").Row("-"), 1))
				if !errors.Is(err, table.ErrUnavailable) {
					t.Errorf("err = %v", err)
				}
				// The clock is the bubble's: exact. The last pause is at most a second.
				if took := time.Since(start); took > tc.limit || took < tc.limit-time.Second {
					t.Errorf("took %s of %s", took, tc.limit)
				}
				if n := int(tc.limit / time.Second); len(e.requests) < n || len(e.requests) > 20+10*n {
					t.Errorf("%d attempts", len(e.requests))
				}
			})
		})
	}
}

func TestHangingAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		e := &engine{script: []func(request) answer{
			func(request) answer { return answer{hang: true} },
			func(r request) answer { return shown(storedItem(revOf(r), "")) },
		}}
		if err := over(e).Write(ctx, table.Put(table.Row{Key: table.In(ws, "contacts").Row("1")}, table.Absent())); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelledCallStops(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	ctx, cancel := context.WithCancel(ctx)
	e := &engine{script: []func(request) answer{func(request) answer { cancel(); return throttled }}}
	err := over(e).Write(ctx, table.Delete(table.In(ws, "contacts").Row("1")))
	if !errors.Is(err, table.ErrUnavailable) || len(e.requests) != 1 {
		t.Errorf("err = %v after %d attempts", err, len(e.requests))
	}
}
