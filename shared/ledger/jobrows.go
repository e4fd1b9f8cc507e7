package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/job"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// A job is a row among the workspace's jobs, and for each shard that it has
// contacts in a partition of its own, the lane: what was planned of it, how far
// it is, chunks of ids, and who could not be worked on.
//
// A lane is worked on in order, by one worker at a time: where it stands is one
// small row, written in the transactions whose effects it counts, and nobody
// else's. So counts are exact whatever is delivered twice or late, no counter is
// fought over, and to know how far a job is takes one read of at most 64 rows.
const (
	jobSchema   = 1
	planSchema  = 1
	laneSchema  = 1
	chunkSchema = 1
	errorSchema = 1
)

// jobFor is how long the rows of a job are kept after they were last written: the
// history of a quarter. They are ids and codes; the log keeps the rest.
const jobFor = 90 * 24 * time.Hour

// JobSizes are how much of a job is taken together; what is 0 is as it is by
// default. Tests make them small, to get to every place with few contacts.
type JobSizes struct {
	// AtOnce is how many contacts are selected within a call; see job.MaxAtOnce.
	AtOnce int
	// Chunk is how many contacts a chunk has at most: 27 transactions of 24
	// deletions, so that what a chunk costs by itself is a twentieth of a write unit
	// a contact, and a worker is through in seconds also where it is slowed down.
	Chunk int
	// Page is how many contacts are read at a time.
	Page int
}

func (z JobSizes) orDefault() JobSizes {
	return JobSizes{AtOnce: cmp.Or(z.AtOnce, job.MaxAtOnce), Chunk: cmp.Or(z.Chunk, 648), Page: cmp.Or(z.Page, 1000)}
}

// SizeJobs sets the sizes of jobs, before anybody uses the ledger.
func (l *Ledger) SizeJobs(z JobSizes) { l.jobs = z.orDefault() }

// jobKind begins the subjects that are jobs.
const jobKind = "job"

func jobSubject(id string) string { return jobKind + ":" + id }

func jobsIn(ws tenant.Workspace) table.Partition { return table.In(ws, "jobs") }

func jobKey(ws tenant.Workspace, id string) table.Key { return jobsIn(ws).Row(id) }

// laneIn is the partition of a job's lane.
func laneIn(ws tenant.Workspace, id string, shard int) table.Partition {
	return table.In(ws, "job", id, strconv.Itoa(shard))
}

// The sort keys of a lane's rows.
const (
	laneSK      = "lane"
	planPrefix  = "plan/"
	chunkPrefix = "chunk/"
	errorPrefix = "error/"
)

func laneKey(ws tenant.Workspace, id string, shard int) table.Key {
	return laneIn(ws, id, shard).Row(laneSK)
}

// planKey names the plan of a lane's run: each has a row of its own, so that the
// message which it causes is told from those of former ones.
func planKey(ws tenant.Workspace, id string, shard, run int) table.Key {
	return laneIn(ws, id, shard).Row(planPrefix + digits(run))
}

func chunkKey(ws tenant.Workspace, id string, shard, n int) table.Key {
	return laneIn(ws, id, shard).Row(chunkPrefix + digits(n))
}

func errorKey(ws tenant.Workspace, id string, shard int, contactID string) table.Key {
	return laneIn(ws, id, shard).Row(errorPrefix + contactID)
}

// digits are those of a version: verify shows these in keys, for they are nobody's
// number.
func digits(n int) string { return audit.VersionText(int64(n)) }

// lanePlace is what the key of a lane's row says.
type lanePlace struct {
	job   string
	shard int
	n     int // of the plan or chunk
}

// placeOf reads the key of a plan or a chunk.
func placeOf(k table.Key, prefix string) (p lanePlace, err error) {
	parts := k.Partition().Parts()
	text, ok := strings.CutPrefix(k.SK(), prefix)
	if ok = ok && len(parts) == 3 && parts[0] == "job" && ulid.Valid(parts[1]); ok {
		p.job = parts[1]
		if p.shard, err = strconv.Atoi(parts[2]); err == nil {
			p.n, err = strconv.Atoi(text)
		}
	}
	if !ok || err != nil {
		return p, fmt.Errorf("ledger: row %s is no job's", k)
	}
	return p, nil
}

// LaneOf names the lane that a row is of, for the queues that keep lanes in
// order: of all jobs of a workspace those of one shard are one lane. So a shard is
// never worked on by two of them, and workspaces do not wait for each other.
func LaneOf(k table.Key) string {
	parts := k.Partition().Parts()
	return k.Workspace().String() + "/" + parts[len(parts)-1]
}

// planMode is what a plan does.
type planMode string

const (
	planSelect  planMode = "select"  // selects contacts
	planRelease planMode = "release" // lets chunks be worked on that were held
	planRetry   planMode = "retry"   // makes chunks of those who failed
)

// plan is how far the planning of a lane is. Chunks, Total and Retried are those
// of all runs.
type plan struct {
	Mode    planMode `json:"mode"`
	After   string   `json:"after,omitzero"`
	Chunks  int      `json:"chunks,omitzero"`
	Total   int64    `json:"total,omitzero"`
	Retried int64    `json:"retried,omitzero"`
	Through bool     `json:"through,omitzero"`

	row table.Row
}

// lane is how far a lane was worked on.
type lane struct {
	// Next is the chunk that is worked on, and Offset how many contacts of it were.
	Next   int `json:"next,omitzero"`
	Offset int `json:"offset,omitzero"`
	job.Counts

	row table.Row
}

// chunk is a part of a lane. It never changes.
type chunk struct {
	// IDs are all ids, one behind the other.
	IDs string `json:"ids"`
}

func chunkOf(ids []string) chunk { return chunk{strings.Join(ids, "")} }

func (c *chunk) list() []string {
	ids := make([]string, 0, len(c.IDs)/ulid.Len)
	for at := 0; at+ulid.Len <= len(c.IDs); at += ulid.Len {
		ids = append(ids, c.IDs[at:at+ulid.Len])
	}
	return ids
}

func (l *Ledger) jobRow(ws tenant.Workspace, j *job.Job) table.Row {
	return table.Row{Key: jobKey(ws, j.ID), Schema: jobSchema, Expires: l.now().Add(jobFor), Doc: encode(j)}
}

func (l *Ledger) laneRow(key table.Key, schema int, doc any) table.Row {
	return table.Row{Key: key, Schema: schema, Expires: l.now().Add(jobFor), Doc: encode(doc)}
}

// planRow is the row of a plan; one that begins asks to be carried out.
func (l *Ledger) planRow(ws tenant.Workspace, id string, shard, run int, p plan) table.Row {
	return l.laneRow(planKey(ws, id, shard, run), planSchema, p)
}

// chunkRow is the row of a chunk; unless it is held it asks to be worked on.
func (l *Ledger) chunkRow(ws tenant.Workspace, id string, shard, n int, ids []string, held bool) table.Row {
	row := l.laneRow(chunkKey(ws, id, shard, n), chunkSchema, chunkOf(ids))
	if !held {
		row.Out = TopicRun
	}
	return row
}

func decodeJob(row table.Row) (j job.Job, err error) {
	if !row.Exists() {
		return j, nil
	}
	return j, decode(row, jobSchema, &j)
}

func decodePlan(row table.Row) (p plan, err error) {
	if row.Exists() {
		err = decode(row, planSchema, &p)
	}
	p.row = row
	return p, err
}

func decodeLane(row table.Row) (a lane, err error) {
	if row.Exists() {
		err = decode(row, laneSchema, &a)
	}
	a.row = row
	return a, err
}

// shards returns the shards of a selection in order.
func (s selection) shards() []int {
	var shards []int
	for shard := range s {
		shards = append(shards, shard)
	}
	slices.Sort(shards)
	return shards
}
