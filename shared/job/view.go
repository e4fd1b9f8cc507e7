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
	// Rate is how many contacts were worked on in a second, on average; EstimatedAt,
	// while it runs, when the job will be through at that rate.
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
	end := now
	if j.FinishedAt != 0 {
		end = j.FinishedAt
	}
	exact := j.rate(end, c)
	v.Rate = math.Round(exact*10) / 10
	if left := j.Total - c.Sum(); j.Status == Running && j.Counted && exact > 0 && left >= 0 {
		v.EstimatedAt = instant.Of(now.Time().Add(time.Duration(float64(left) / exact * float64(time.Second))))
	}
	return v
}

// rate is how many contacts were worked on in a second until a moment, 0 while
// nothing can be said.
func (j *Job) rate(until instant.Instant, c Counts) float64 {
	took := until.Time().Sub(j.StartedAt.Time())
	if j.StartedAt == 0 || took <= 0 {
		return 0
	}
	return float64(c.Sum()) / took.Seconds()
}
