package streams

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// lineage is a stream's shards, as of a moment. A shard is closed after some
// hours, and when its partition splits; others that name it as their parent go
// on in its place.
type lineage struct {
	arn    string
	shards []shard
	asOf   time.Time
}

type shard struct{ id, parent string }

func (l lineage) has(id string) bool {
	return slices.ContainsFunc(l.shards, func(s shard) bool { return s.id == id })
}

// lineageAge is how long a lineage is taken for current. New shards only follow
// on ones that ended, upon which it is read anew at once; age alone notices a
// table that was made anew.
const lineageAge = 10 * time.Second

func (s *Stream) current(ctx context.Context) (lineage, error) {
	if s.lineage.arn != "" && time.Since(s.lineage.asOf) < lineageAge {
		return s.lineage, nil
	}
	out, err := s.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.table})
	if err != nil {
		return lineage{}, err
	}
	l := lineage{arn: aws.ToString(out.Table.LatestStreamArn), asOf: time.Now()}
	if l.arn == "" {
		return lineage{}, errors.New("the table has no stream")
	}
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &l.arn}
	for {
		out, err := s.streams.DescribeStream(ctx, in)
		if err != nil {
			return lineage{}, err
		}
		for _, sh := range out.StreamDescription.Shards {
			l.shards = append(l.shards, shard{aws.ToString(sh.ShardId), aws.ToString(sh.ParentShardId)})
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			s.lineage = l
			return l, nil
		}
	}
}
