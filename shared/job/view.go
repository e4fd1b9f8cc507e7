package job

import (
	"math"
	"time"

	"rubrica/shared/instant"
)

// View is a job as the wire shows it.
type View struct {
	ID     string `json:"id"`
	Type   Type   `json:"type"`
	Status Status `json:"status"`
	// Total is absent until the contacts are counted.
	Total   *int64 `json:"total,omitempty"`
	Done    int64  `json:"done"`
	Failed  int64  `json:"failed"`
	Skipped int64  `json:"skipped"`
	// Rate is how many contacts were worked on in a second, on average; EstimatedAt
	// when the job will be through at that rate. Only while it runs.
	Rate        float64         `json:"rate,omitzero"`
	EstimatedAt instant.Instant `json:"estimatedAt,omitzero"`

	CreatedBy  string          `json:"createdBy"`
	CreatedAt  instant.Instant `json:"createdAt"`
	StartedAt  instant.Instant `json:"startedAt,omitzero"`
	FinishedAt instant.Instant `json:"finishedAt,omitzero"`
}

// View shows the job at a moment, as far as it is by then.
func (j *Job) View(now instant.Instant, c Counts) View {
	v := View{
		ID: j.ID, Type: j.Type, Status: j.Status, Done: c.Done, Failed: c.Failed, Skipped: c.Skipped,
		CreatedBy: j.By.ID, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, FinishedAt: j.FinishedAt,
	}
	if j.Counted {
		total := j.Total
		v.Total = &total
	}
	if j.Status == Running {
		v.Rate, v.EstimatedAt = estimate(now, j, c)
	}
	return v
}

// estimate is the mean rate since the job began, to a tenth, and when it will be
// through if that goes on; zero while nothing can be said.
func estimate(now instant.Instant, j *Job, c Counts) (rate float64, at instant.Instant) {
	took := now.Time().Sub(j.StartedAt.Time())
	if took <= 0 || c.Sum() == 0 {
		return 0, 0
	}
	exact := float64(c.Sum()) / took.Seconds()
	rate = math.Round(exact*10) / 10
	if !j.Counted || c.Sum() > j.Total {
		return rate, 0
	}
	left := time.Duration(float64(j.Total-c.Sum()) / exact * float64(time.Second))
	return rate, instant.Of(now.Time().Add(left))
}
