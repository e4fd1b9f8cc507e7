package job_test

import (
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/instant"
	"rubrica/shared/job"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
)

func code(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Code
}

// TestWhoMayChangeAJobInWhichState says what each state answers to confirm, cancel
// and retry.
func TestWhoMayChangeAJobInWhichState(t *testing.T) {
	t.Parallel()
	type answers struct{ confirm, wrong, cancel, retry string }
	for name, c := range map[string]struct {
		job  job.Job
		want answers
	}{
		"Counting":    {job.Job{Status: job.Unconfirmed, Held: true}, answers{"confirm_mismatch", "confirm_mismatch", "", "nothing_to_retry"}},
		"Unconfirmed": {job.Job{Status: job.Unconfirmed, Held: true, Counted: true, Total: 7}, answers{"", "confirm_mismatch", "", "nothing_to_retry"}},
		"Queued":      {job.Job{Status: job.Queued, Counted: true, Total: 7}, answers{"", "confirm_mismatch", "", "nothing_to_retry"}},
		"Running":     {job.Job{Status: job.Running, Counted: true, Total: 7}, answers{"", "confirm_mismatch", "", "nothing_to_retry"}},
		"Completed":   {job.Job{Status: job.Completed, Counted: true, Total: 7}, answers{"job_finished", "job_finished", "job_finished", "nothing_to_retry"}},
		"SomeFailed": {
			job.Job{Status: job.Completed, Counted: true, Total: 7, Counts: job.Counts{Done: 6, Failed: 1}},
			answers{"job_finished", "job_finished", "job_finished", ""},
		},
		"Cancelled": {
			job.Job{Status: job.Cancelled, Counted: true, Total: 7, Counts: job.Counts{Failed: 1}},
			answers{"job_finished", "job_finished", "", "job_finished"},
		},
		"Failed": {job.Job{Status: job.Failed}, answers{"job_finished", "job_finished", "job_finished", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			confirmed, wrong, cancelled, retried := c.job, c.job, c.job, c.job
			var got answers
			_, err := confirmed.Confirm(7)
			got.confirm = code(err)
			_, err = wrong.Confirm(8)
			got.wrong = code(err)
			_, err = cancelled.Cancel(1)
			got.cancel = code(err)
			got.retry = code(retried.Retry())
			if got != c.want {
				t.Errorf("answers %+v, want %+v", got, c.want)
			}
			if got.cancel == "" && cancelled.Status != job.Cancelled {
				t.Errorf("cancelled it is %s", cancelled.Status)
			}
		})
	}
}

// TestAJobNeverTakesBackWhatItSaid: whatever is asked of a job in whatever order,
// one that is over stays so but for a retry, a refusal changes nothing, and a run
// more means that there is something to plan.
func TestAJobNeverTakesBackWhatItSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		j := job.Job{ID: "j", Status: job.Queued, CreatedAt: 10}
		if j.Held = rapid.Bool().Draw(t, "held"); j.Held {
			j.Status = job.Unconfirmed
		}
		for now := instant.Instant(11); now < 40; now++ {
			before := j
			var err error
			changed := true
			what := rapid.SampledFrom([]string{"count", "confirm", "begin", "cancel", "close", "fail", "retry"}).Draw(t, "what")
			switch what {
			case "count":
				if j.Counted {
					continue
				}
				j.Count(5)
			case "confirm":
				changed, err = j.Confirm(rapid.Int64Range(4, 5).Draw(t, "n"))
			case "begin":
				changed = j.Begin(now)
			case "cancel":
				changed, err = j.Cancel(now)
			case "close":
				if j.Ended() || j.Held || !j.Counted {
					continue // nobody does
				}
				failed := rapid.Int64Range(0, 5).Draw(t, "failed")
				j.Close(now, job.Counts{Done: j.Total - failed, Failed: failed})
			case "fail":
				changed = j.Fail(now)
			case "retry":
				err = j.Retry()
				changed = err == nil
			}
			same := j.Status == before.Status && j.Run == before.Run && j.FinishedAt == before.FinishedAt && j.Counts == before.Counts
			switch {
			case (err != nil || !changed) && !same:
				t.Fatalf("%s was refused (%v) and made %+v of %+v", what, err, j, before)
			case before.Ended() && !same && what != "retry":
				t.Fatalf("%s made %+v of a job that was over", what, j)
			case j.Ended() != (j.FinishedAt != 0):
				t.Fatalf("%s: %s and finished at %d", what, j.Status, j.FinishedAt)
			case j.Held && (j.Status == job.Queued || j.Status == job.Running || j.Status == job.Completed):
				t.Fatalf("%s: held, and %s", what, j.Status)
			case j.Closed && j.Sum() != j.Total:
				t.Fatalf("%s: closed with %+v of %d", what, j.Counts, j.Total)
			case j.Run > before.Run && j.Ended():
				t.Fatalf("%s: another run of a job that is over", what)
			}
		}
	})
}

func TestWhatAJobIsToDoIsSealed(t *testing.T) {
	t.Parallel()
	key := seal.NewKey()
	j := job.Job{ID: "01JD3QZZZZZZZZZZZZZZZZZZZ0"}
	want := job.Spec{Filter: []byte(`{"field":"email","op":"eq","value":"ada@example.com"}`), Owner: "user_7", Reason: "spam"}
	if err := j.Seal(want, key); err != nil {
		t.Fatal(err)
	}
	got, err := j.Spec(key)
	if err != nil || string(got.Filter) != string(want.Filter) || got.Owner != want.Owner || got.Reason != want.Reason {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	other := job.Job{ID: "01JD3QZZZZZZZZZZZZZZZZZZZ1", Sealed: j.Sealed}
	if _, err := other.Spec(key); err == nil {
		t.Error("it opens in another job")
	}
	if _, err := j.Spec(seal.NewKey()); err == nil {
		t.Error("it opens with another key")
	}
}

func TestAJobIsShownWithItsRateAndItsEnd(t *testing.T) {
	t.Parallel()
	j := job.Job{Status: job.Running, CreatedAt: 500, StartedAt: 1000, Total: 100, Counted: true}
	v := j.View(5000, job.Counts{Done: 38, Failed: 1, Skipped: 1})
	if v.Rate != 10 || v.EstimatedAt != 11_000 || *v.Total != 100 {
		t.Errorf("40 of 100 after four seconds: rate %v, through at %d, total %d", v.Rate, v.EstimatedAt, *v.Total)
	}
	if v := j.View(1000, job.Counts{}); v.Rate != 0 || v.EstimatedAt != 0 {
		t.Errorf("at its beginning: rate %v, through at %d", v.Rate, v.EstimatedAt)
	}
	j.Close(3000, job.Counts{Done: 100})
	if v := j.View(900_000, j.Counts); v.Rate != 50 || v.EstimatedAt != 0 {
		t.Errorf("through after two seconds: rate %v, through at %d", v.Rate, v.EstimatedAt)
	}
	if v := (&job.Job{Status: job.Unconfirmed}).View(5000, job.Counts{}); v.Total != nil {
		t.Errorf("not counted yet, and for %d", *v.Total)
	}
}
