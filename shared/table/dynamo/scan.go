package dynamo

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Scan reads one page of a segment, strongly consistent: verify holds rows
// against each other, and a stale one would look broken. Under a context bound
// to one workspace the rows of others are read, and paid for, but not sent.
func (d *Driver) Scan(ctx context.Context, s table.Segment) (table.Page, error) {
	in := &dynamodb.ScanInput{
		TableName: d.table, ConsistentRead: aws.Bool(true),
		Segment: aws.Int32(int32(s.Index)), TotalSegments: aws.Int32(int32(s.Of)),
		Limit: aws.Int32(int32(min(s.Limit, math.MaxInt32))),
	}
	if s.After != "" {
		pk, sk, ok := strings.Cut(s.After, positionSeparator)
		if !ok {
			return table.Page{}, errors.New("table: a scan's position is none of ours")
		}
		in.ExclusiveStartKey = keyItem(pk, sk)
	}
	if workspace, one := tenant.Bound(ctx); one {
		in.FilterExpression = aws.String("pk = :ws OR begins_with(pk, :within)")
		in.ExpressionAttributeValues = item{":ws": text(workspace.String()), ":within": text(workspace.String() + "/")}
	}
	var out *dynamodb.ScanOutput
	_, err := d.call(ctx, "Scan", func(ctx context.Context) (err error) {
		out, err = d.client.Scan(ctx, in)
		return err
	})
	if err != nil {
		return table.Page{}, err
	}
	page := table.Page{}
	if page.Rows, err = decodeRows(out.Items, d.now().Unix()); err != nil {
		return table.Page{}, err
	}
	if len(out.LastEvaluatedKey) > 0 {
		pk, _ := textOf(out.LastEvaluatedKey, table.AttrPK)
		sk, _ := textOf(out.LastEvaluatedKey, table.AttrSK)
		page.Next = pk + positionSeparator + sk
	}
	return page, nil
}

// positionSeparator stands between the two keys of a scan's position; no key
// has it.
const positionSeparator = "\x00"
