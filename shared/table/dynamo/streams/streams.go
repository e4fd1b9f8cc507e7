// Package streams reads a table's change stream from DynamoDB Streams, for the
// server on one machine that runs over a real engine. On Lambda the records are
// delivered, and nothing links this package.
package streams

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"rubrica/shared/table"
)

const (
	maxRecords = 1000 // of one GetRecords, DynamoDB's own limit
	// maxIdle is how many records without work one call reads past before it
	// answers what it has, so that its position is not lost for too long.
	maxIdle = 10_000
)

// Stream reads one table's stream. It implements dynamo.Stream and is safe for
// concurrent use, one reader at a time.
type Stream struct {
	tables  *dynamodb.Client
	streams *dynamodbstreams.Client
	table   string

	mu        sync.Mutex
	lineage   lineage
	iterators map[string]iterator // of shards, by id
}

// iterator is where a shard goes on behind a sequence number.
type iterator struct {
	after string
	next  *string
}

// New returns the stream of a table that has one; the table is first asked for
// it by Changes.
func New(tables *dynamodb.Client, streams *dynamodbstreams.Client, tableName string) *Stream {
	return &Stream{tables: tables, streams: streams, table: tableName, iterators: map[string]iterator{}}
}

// Changes returns up to limit changes behind a position that it gave out, ""
// being the oldest that the stream keeps (24 hours on AWS). A shard is read
// only when its parent is done, so that a partition's changes keep their order
// when it moves from one to the other. A position of another stream counts as
// "": a table that was made anew has nothing of the old one's.
func (s *Stream) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pos, err := parsePosition(after)
	if err != nil {
		return table.Changes{}, fmt.Errorf("table: change stream: %w", err)
	}
	changes, err := s.changes(ctx, pos, limit)
	if err != nil {
		s.lineage = lineage{} // it may be out of date: ask again next time
		return table.Changes{}, fmt.Errorf("%w: change stream: %w", table.ErrUnavailable, err)
	}
	return changes, nil
}

func (s *Stream) changes(ctx context.Context, pos position, limit int) (table.Changes, error) {
	shards, err := s.current(ctx)
	if err != nil {
		return table.Changes{}, err
	}
	pos = pos.within(shards)
	r := &reading{limit: limit}
	for again := true; again && !r.full(); {
		again = false
		for _, shard := range shards.shards {
			if pos.done(shard.id) || !pos.ready(shard, shards) || r.full() {
				continue
			}
			ended, err := s.read(ctx, shards.arn, shard.id, pos, r)
			if err != nil {
				return table.Changes{}, err
			}
			if ended { // its children may begin
				pos.finish(shard.id)
				delete(s.iterators, shard.id)
				s.lineage, again = lineage{}, true
			}
		}
	}
	return table.Changes{Items: r.items, Next: pos.String()}, nil
}

// read reads a shard on until it is at its end for now, or for good (ended).
func (s *Stream) read(ctx context.Context, arn, shard string, pos position, r *reading) (ended bool, err error) {
	for !r.full() {
		it, err := s.iterator(ctx, arn, shard, pos.Shards[shard])
		if err != nil {
			return false, err
		}
		if it == nil {
			return true, nil
		}
		out, err := s.streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
			ShardIterator: it, Limit: aws.Int32(int32(min(r.limit-len(r.items), maxRecords))),
		})
		if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired {
			delete(s.iterators, shard) // nobody asked for 15 minutes
			continue
		}
		if _, trimmed := errors.AsType[*types.TrimmedDataAccessException](err); trimmed {
			delete(s.iterators, shard) // nor for 24 hours: go on with the oldest there is
			delete(pos.Shards, shard)
			continue
		}
		if err != nil {
			return false, err
		}
		for _, rec := range out.Records {
			r.take(rec)
			pos.Shards[shard] = aws.ToString(rec.Dynamodb.SequenceNumber)
		}
		if out.NextShardIterator == nil {
			return true, nil
		}
		s.iterators[shard] = iterator{after: pos.Shards[shard], next: out.NextShardIterator}
		if len(out.Records) == 0 {
			return false, nil
		}
	}
	return false, nil
}

// iterator returns the iterator behind the position's sequence number, the one
// that the last call left off with if it is that; nil if the shard is gone.
func (s *Stream) iterator(ctx context.Context, arn, shard, after string) (*string, error) {
	if it, ok := s.iterators[shard]; ok && it.after == after {
		return it.next, nil
	}
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &arn, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := s.streams.GetShardIterator(ctx, in)
	if _, trimmed := errors.AsType[*types.TrimmedDataAccessException](err); trimmed && after != "" {
		return s.iterator(ctx, arn, shard, "")
	}
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}
