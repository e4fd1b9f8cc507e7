package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"rubrica/shared/table"
)

const (
	batchSize  = 25 // rows in one BatchWriteItem
	batchLanes = 4  // of one Batch at the same time
)

// Batch writes by 25 rows, four such requests at a time.
func (d *Driver) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	requests := make([]types.WriteRequest, 0, len(puts)+len(deletes))
	for _, row := range puts {
		it, err := encodeRow(row)
		if err != nil {
			return err
		}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
	}
	for _, k := range deletes {
		requests = append(requests, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyItem(k.PK(), k.SK())}})
	}
	if len(requests) <= batchSize {
		return d.batch(ctx, requests)
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(batchLanes)
	for len(requests) > 0 {
		n := min(batchSize, len(requests))
		some := requests[:n]
		requests = requests[n:]
		all.Go(func() error { return d.batch(ctx, some) })
	}
	return all.Wait()
}

func (d *Driver) batch(ctx context.Context, pending []types.WriteRequest) error {
	_, err := d.call(ctx, "BatchWriteItem", func(ctx context.Context) error {
		out, err := d.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{*d.table: pending},
		})
		if err != nil {
			return err
		}
		if rest := out.UnprocessedItems[*d.table]; len(rest) > 0 {
			pending = rest
			return errUnprocessed
		}
		return nil
	})
	return err
}
