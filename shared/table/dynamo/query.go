package dynamo

import (
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/table"
)

// queryInput builds the request of one page; false if no row can be in it.
// DynamoDB refuses bounds in the wrong order and a start outside of the bounds,
// both of which a Range may have.
func (d *Driver) queryInput(r table.Range) (*dynamodb.QueryInput, bool) {
	if r.To != "" && r.From > r.To {
		return nil, false
	}
	start, ok := startKey(r)
	if !ok {
		return nil, false
	}
	values := item{":pk": text(r.Of.PK())}
	when := "pk = :pk"
	switch {
	case r.Prefix != "":
		when += " AND begins_with(sk, :prefix)"
		values[":prefix"] = text(r.Prefix)
	case r.From != "" && r.To != "":
		when += " AND sk BETWEEN :from AND :to"
		values[":from"], values[":to"] = text(r.From), text(r.To)
	case r.From != "":
		when += " AND sk >= :from"
		values[":from"] = text(r.From)
	case r.To != "":
		when += " AND sk <= :to"
		values[":to"] = text(r.To)
	}
	return &dynamodb.QueryInput{
		TableName: d.table, KeyConditionExpression: &when, ExpressionAttributeValues: values,
		ExclusiveStartKey: start, Limit: aws.Int32(int32(min(r.Limit, math.MaxInt32))),
		ScanIndexForward: aws.Bool(!r.Descending), ConsistentRead: aws.Bool(true),
	}, true
}

// startKey is the key that the page begins behind: nil if After lies before the
// range, in its direction; false if it lies behind the range.
func startKey(r table.Range) (item, bool) {
	if r.After == "" {
		return nil, true
	}
	below := r.After < r.From || r.Prefix != "" && r.After < r.Prefix
	above := r.To != "" && r.After > r.To ||
		r.Prefix != "" && r.After > r.Prefix && !strings.HasPrefix(r.After, r.Prefix)
	if r.Descending {
		below, above = above, below
	}
	if above {
		return nil, false
	}
	if below {
		return nil, true
	}
	return keyItem(r.Of.PK(), r.After), true
}
