package streams

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo/record"
)

// reading is what one call of Changes has got so far.
type reading struct {
	items   []table.Change
	limit   int
	records int
}

func (r *reading) full() bool { return len(r.items) >= r.limit || r.records >= maxIdle }

// take adds a record's change, if it is one. A row that is of no workspace is
// not Rubrica's, and must not hold up the stream.
func (r *reading) take(rec types.Record) {
	r.records++
	change, ok, err := record.Change(string(rec.EventName), func(name string) string {
		if s, ok := rec.Dynamodb.NewImage[name].(*types.AttributeValueMemberS); ok {
			return s.Value
		}
		return ""
	})
	if ok && err == nil {
		r.items = append(r.items, change)
	}
}
