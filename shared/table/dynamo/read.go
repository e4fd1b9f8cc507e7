package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"rubrica/shared/table"
)

// Read sends all its requests side by side: one round trip.
func (d *Driver) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	now := d.now().Unix()
	rows, pages := make([]table.Row, len(keys)), make([]table.Page, len(ranges))
	get := func(ctx context.Context) (err error) {
		if len(keys) == 1 {
			rows[0], err = d.getOne(ctx, keys[0], now)
			return err
		}
		return d.getMany(ctx, keys, rows, now)
	}
	query := func(ctx context.Context, i int) (err error) {
		pages[i], err = d.query(ctx, ranges[i], now)
		return err
	}
	var err error
	switch {
	case len(ranges) == 0:
		err = get(ctx)
	case len(ranges) == 1 && len(keys) == 0:
		err = query(ctx, 0)
	default:
		all, ctx := errgroup.WithContext(ctx)
		if len(keys) > 0 {
			all.Go(func() error { return get(ctx) })
		}
		for i := range ranges {
			all.Go(func() error { return query(ctx, i) })
		}
		err = all.Wait()
	}
	if err != nil {
		return nil, nil, err
	}
	return rows, pages, nil
}

func (d *Driver) getOne(ctx context.Context, key table.Key, now int64) (table.Row, error) {
	in := &dynamodb.GetItemInput{TableName: d.table, Key: keyItem(key.PK(), key.SK()), ConsistentRead: aws.Bool(true)}
	var out *dynamodb.GetItemOutput
	_, err := d.call(ctx, "GetItem", func(ctx context.Context) (err error) {
		out, err = d.client.GetItem(ctx, in)
		return err
	})
	if err != nil {
		return table.Row{}, err
	}
	return decodeRow(out.Item, now)
}

// stored is a key as an item has it.
type stored struct{ pk, sk string }

// getMany fills rows[i] with the row of keys[i]. The engine answers in any
// order, and may leave keys for later: beyond 16 MB, or when throttled.
func (d *Driver) getMany(ctx context.Context, keys []table.Key, rows []table.Row, now int64) error {
	pending := types.KeysAndAttributes{ConsistentRead: aws.Bool(true), Keys: make([]item, len(keys))}
	at := make(map[stored]int, len(keys))
	for i, k := range keys {
		pending.Keys[i] = keyItem(k.PK(), k.SK())
		at[stored{k.PK(), k.SK()}] = i
	}
	var found []item
	_, err := d.call(ctx, "BatchGetItem", func(ctx context.Context) error {
		out, err := d.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{*d.table: pending},
		})
		if err != nil {
			return err
		}
		found = append(found, out.Responses[*d.table]...)
		if rest := out.UnprocessedKeys[*d.table]; len(rest.Keys) > 0 {
			pending.Keys = rest.Keys
			return errUnprocessed
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, it := range found {
		row, err := decodeRow(it, now)
		if err != nil {
			return err
		}
		if row.Exists() {
			rows[at[stored{row.Key.PK(), row.Key.SK()}]] = row
		}
	}
	return nil
}

func (d *Driver) query(ctx context.Context, r table.Range, now int64) (table.Page, error) {
	in, ok := d.queryInput(r)
	if !ok {
		return table.Page{}, nil
	}
	var out *dynamodb.QueryOutput
	_, err := d.call(ctx, "Query", func(ctx context.Context) (err error) {
		out, err = d.client.Query(ctx, in)
		return err
	})
	if err != nil {
		return table.Page{}, err
	}
	page := table.Page{}
	if page.Rows, err = decodeRows(out.Items, now); err != nil {
		return table.Page{}, err
	}
	page.Next, _ = textOf(out.LastEvaluatedKey, table.AttrSK)
	return page, nil
}

// decodeRows leaves expired rows out.
func decodeRows(items []item, now int64) ([]table.Row, error) {
	rows := make([]table.Row, 0, len(items))
	for _, it := range items {
		row, err := decodeRow(it, now)
		if err != nil {
			return nil, err
		}
		if row.Exists() {
			rows = append(rows, row)
		}
	}
	return rows, nil
}
