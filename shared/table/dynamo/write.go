package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rubrica/shared/table"
)

// Write applies all actions or none. One put, one delete without a condition
// and one check go as plain requests, at half the price of a transaction. A
// conditional delete and an add go as a transaction even alone: a repetition
// after a lost answer could not tell its own success from somebody else's
// delete, and would add twice; a transaction's token makes the engine remember.
func (d *Driver) Write(ctx context.Context, actions []table.Action) error {
	now := d.now().Unix()
	if len(actions) == 1 {
		switch a := actions[0]; {
		case a.Verb == table.VerbPut:
			return d.put(ctx, a, now)
		case a.Verb == table.VerbDelete && a.If.Test == table.Always:
			return d.delete(ctx, a)
		case a.Verb == table.VerbCheck:
			return d.check(ctx, a, now)
		}
	}
	return d.transact(ctx, actions, now)
}

// put recognises its own success by the revision that it writes. An
// unconditional put that is repeated after a lost answer may undo a write that
// came between, as any put without a condition may.
func (d *Driver) put(ctx context.Context, a table.Action, now int64) error {
	it, err := encodeRow(a.Row)
	if err != nil {
		return err
	}
	e := express(a, now)
	in := &dynamodb.PutItemInput{
		TableName: d.table, Item: it, ConditionExpression: e.condition,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
		ReturnValuesOnConditionCheckFailure: e.old,
	}
	lost, err := d.call(ctx, "PutItem", func(ctx context.Context) error {
		_, err := d.client.PutItem(ctx, in)
		return err
	})
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok {
		return err
	}
	if rev, _ := textOf(failed.Item, table.AttrRev); rev == string(a.Row.Rev) {
		return nil
	}
	if lost {
		// The lost attempt may have been applied and then overwritten: a
		// ConditionError would deny it.
		return fmt.Errorf("%w: PutItem: the answer was lost, and the row has changed since", table.ErrUnavailable)
	}
	row, err := decodeRow(failed.Item, now)
	if err != nil {
		return err
	}
	return &table.ConditionError{Failed: []table.Failed{{Index: 0, Row: row}}}
}

func (d *Driver) delete(ctx context.Context, a table.Action) error {
	in := &dynamodb.DeleteItemInput{TableName: d.table, Key: keyItem(a.Row.Key.PK(), a.Row.Key.SK())}
	_, err := d.call(ctx, "DeleteItem", func(ctx context.Context) error {
		_, err := d.client.DeleteItem(ctx, in)
		return err
	})
	return err
}

// check alone is a read: nothing else has to hold at the same moment.
func (d *Driver) check(ctx context.Context, a table.Action, now int64) error {
	row, err := d.getOne(ctx, a.Row.Key, now)
	if err != nil || a.If.Holds(row) {
		return err
	}
	return &table.ConditionError{Failed: []table.Failed{{Index: 0, Row: row}}}
}

func (d *Driver) transact(ctx context.Context, actions []table.Action, now int64) error {
	token := rand.Text()
	in := &dynamodb.TransactWriteItemsInput{
		// The engine remembers the token of an applied transaction for ten
		// minutes and answers a repetition as it did the first time.
		ClientRequestToken: &token,
		TransactItems:      make([]types.TransactWriteItem, len(actions)),
	}
	for i, a := range actions {
		var err error
		if in.TransactItems[i], err = d.transactItem(a, now); err != nil {
			return err
		}
	}
	_, err := d.call(ctx, "TransactWriteItems", func(ctx context.Context) error {
		_, err := d.client.TransactWriteItems(ctx, in)
		return err
	})
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok && !errors.Is(err, table.ErrUnavailable) {
		if failed := conditionError(cancelled.CancellationReasons, now); failed != nil {
			return failed
		}
	}
	return err
}

func (d *Driver) transactItem(a table.Action, now int64) (types.TransactWriteItem, error) {
	e := express(a, now)
	if a.Verb == table.VerbPut {
		it, err := encodeRow(a.Row)
		return types.TransactWriteItem{Put: &types.Put{
			TableName: d.table, Item: it, ConditionExpression: e.condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: e.old,
		}}, err
	}
	key := keyItem(a.Row.Key.PK(), a.Row.Key.SK())
	switch a.Verb {
	case table.VerbDelete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: d.table, Key: key, ConditionExpression: e.condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: e.old,
		}}, nil
	case table.VerbAdd:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: d.table, Key: key, ConditionExpression: e.condition, UpdateExpression: e.update,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: e.old,
		}}, nil
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: d.table, Key: key, ConditionExpression: e.condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
			ReturnValuesOnConditionCheckFailure: e.old,
		}}, nil
	}
}
