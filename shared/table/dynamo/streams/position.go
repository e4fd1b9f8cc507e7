package streams

import (
	"fmt"

	"github.com/go-json-experiment/json"
)

// position is how far a reader is: the sequence number of the last record of
// every shard that was begun, or finished.
type position struct {
	Stream string            `json:"stream"` // its ARN
	Shards map[string]string `json:"shards"`
}

// finished stands in the place of a sequence number once a closed shard has been
// read to its end.
const finished = "finished"

func parsePosition(s string) (position, error) {
	var p position
	if s == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(s), &p); err != nil {
		return p, fmt.Errorf("a position that is none of ours: %w", err)
	}
	return p, nil
}

func (p position) String() string {
	b, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		panic(err) // strings alone always go
	}
	return string(b)
}

// within keeps what still counts: the shards that the stream still has, none of
// another stream's.
func (p position) within(l lineage) position {
	kept := position{Stream: l.arn, Shards: map[string]string{}}
	if p.Stream != l.arn {
		return kept
	}
	for _, shard := range l.shards {
		if at, ok := p.Shards[shard.id]; ok {
			kept.Shards[shard.id] = at
		}
	}
	return kept
}

func (p position) done(shard string) bool { return p.Shards[shard] == finished }

func (p position) finish(shard string) { p.Shards[shard] = finished }

// ready tells whether the shard's turn has come: its parent is done, or so old
// that the stream has forgotten it.
func (p position) ready(s shard, l lineage) bool {
	return s.parent == "" || p.done(s.parent) || !l.has(s.parent)
}
