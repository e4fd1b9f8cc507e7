// Package job is what a bulk job is: one operation on many contacts, done in the
// background. Its states and who may change them, what it is to do, how far it
// is, and when it will be through. All of it is pure: no table, no clock.
//
// How contacts are selected, worked on and counted in storage is the ledger's.
package job

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/audit"
	"rubrica/shared/instant"
	"rubrica/shared/seal"
)

// Limits of one job.
const (
	// MaxIDs is how many contacts a call may name.
	MaxIDs = 5_000
	// MaxAtOnce is how many contacts are counted and selected within the call.
	// What selects more is planned in the background, and a deletion waits to be
	// confirmed.
	MaxAtOnce = 20_000
)

// Type is what a job does to each contact.
type Type string

// The types of jobs.
const (
	Delete    Type = "delete"
	Tag       Type = "tag"
	Untag     Type = "untag"
	Assign    Type = "assign"
	SetStatus Type = "status"
	Block     Type = "block"
	Unblock   Type = "unblock"
)

// Types are all of them, in the contract's order.
func Types() []string {
	return []string{string(Delete), string(Tag), string(Untag), string(Assign), string(SetStatus), string(Block), string(Unblock)}
}

// Status is where a job stands.
type Status string

// The statuses. A job ends completed when every contact was worked on, whatever
// came of it; failed when it could not be planned to its end.
const (
	Unconfirmed Status = "unconfirmed"
	Queued      Status = "queued"
	Running     Status = "running"
	Completed   Status = "completed"
	Cancelled   Status = "cancelled"
	Failed      Status = "failed"
)

// Job is the state of a job, as it is stored. It holds nothing personal: what it
// is to do, which may, is sealed.
type Job struct {
	ID string `json:"id"`
	// Version counts the changes that the log tells of.
	Version int64  `json:"version"`
	Type    Type   `json:"type"`
	Status  Status `json:"status"`
	// Held says that nothing is done before somebody confirms the number.
	Held bool `json:"held,omitzero"`

	// By is who started it. Assigned and Integration are what narrowed that
	// caller: they narrow the job in the same way.
	By          audit.Actor `json:"by"`
	Assigned    string      `json:"assigned,omitzero"`
	Integration string      `json:"integration,omitzero"`
	RequestID   string      `json:"requestId,omitzero"`

	CreatedAt  instant.Instant `json:"createdAt"`
	StartedAt  instant.Instant `json:"startedAt,omitzero"`
	FinishedAt instant.Instant `json:"finishedAt,omitzero"`

	// Lanes are the shards that it has contacts in; Run is how often it was
	// planned: when it was started, confirmed, retried.
	Lanes []int `json:"lanes,omitempty"`
	Run   int   `json:"run,omitzero"`
	// Total is how many contacts were selected, once Counted says so.
	Total   int64 `json:"total,omitzero"`
	Counted bool  `json:"counted,omitzero"`
	// Counts are final once Closed; before, progress is counted where it is made.
	Counts
	Closed bool `json:"closed,omitzero"`

	// Sealed is the Spec, under the workspace's key.
	Sealed string `json:"sealed"`
}

// Counts is what came of contacts.
type Counts struct {
	Done    int64 `json:"done,omitzero"`
	Failed  int64 `json:"failed,omitzero"`
	Skipped int64 `json:"skipped,omitzero"`
}

// Sum is how many contacts were worked on.
func (c Counts) Sum() int64 { return c.Done + c.Failed + c.Skipped }

// Plus adds counts.
func (c Counts) Plus(o Counts) Counts {
	return Counts{c.Done + o.Done, c.Failed + o.Failed, c.Skipped + o.Skipped}
}

// Spec is what a job is to do, and to whom. Filters, users and reasons can be
// personal: it is stored sealed.
type Spec struct {
	// Named says that contacts were named by their ids: one that is not there has
	// failed. Else Filter selects them, all if it is empty.
	Named  bool           `json:"named,omitzero"`
	Filter jsontext.Value `json:"filter,omitempty"`
	// Tags are ids of tags.
	Tags   []string `json:"tags,omitempty"`
	Owner  string   `json:"owner,omitzero"`
	Status string   `json:"status,omitzero"`
	Reason string   `json:"reason,omitzero"`
}

func (j *Job) purpose() string { return "job/" + j.ID }

// Seal keeps what the job is to do.
func (j *Job) Seal(s Spec, key seal.Key) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	j.Sealed = key.Seal(plain, j.purpose())
	return nil
}

// Spec returns what the job is to do.
func (j *Job) Spec(key seal.Key) (s Spec, err error) {
	plain, err := key.Open(j.Sealed, j.purpose())
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(plain, &s)
}

// Failure is why a contact could not be worked on.
type Failure struct {
	ContactID string `json:"contactId"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}
