package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// call makes one call.
type call func(ctx context.Context) error

// recorded is a call as it was seen on the wire.
type recorded struct {
	Action string
	Input  json.RawMessage
}

// item is a row or a key, as JSON and as the client takes it.
type item map[string]attribute

func (m item) typed() map[string]types.AttributeValue {
	if m == nil {
		return nil
	}
	all := make(map[string]types.AttributeValue, len(m))
	for name, a := range m {
		all[name] = a.AttributeValue
	}
	return all
}

type attribute struct{ types.AttributeValue }

// UnmarshalJSON reads {"S": …} and the like.
func (a *attribute) UnmarshalJSON(b []byte) error {
	var v struct {
		S, N *string
		BOOL *bool
		NULL *bool
		M    item
		L    []attribute
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch {
	case v.S != nil:
		a.AttributeValue = &types.AttributeValueMemberS{Value: *v.S}
	case v.N != nil:
		a.AttributeValue = &types.AttributeValueMemberN{Value: *v.N}
	case v.BOOL != nil:
		a.AttributeValue = &types.AttributeValueMemberBOOL{Value: *v.BOOL}
	case v.NULL != nil:
		a.AttributeValue = &types.AttributeValueMemberNULL{Value: *v.NULL}
	case v.M != nil:
		a.AttributeValue = &types.AttributeValueMemberM{Value: v.M.typed()}
	case v.L != nil:
		list := make([]types.AttributeValue, len(v.L))
		for i := range v.L {
			list[i] = v.L[i].AttributeValue
		}
		a.AttributeValue = &types.AttributeValueMemberL{Value: list}
	default:
		return fmt.Errorf("an attribute of another type: %s", b)
	}
	return nil
}

// input has the members of all inputs that functions send.
type input struct {
	TableName                 *string
	Key, Item                 item
	ConsistentRead            *bool
	KeyConditionExpression    *string
	ExpressionAttributeValues item
	ExpressionAttributeNames  map[string]string
	Limit                     *int32
	ScanIndexForward          *bool
	ExclusiveStartKey         item
	RequestItems              map[string]json.RawMessage
	TransactItems             []struct{ Put, Delete, Update, ConditionCheck *input }
}

func (r *recorded) call(client *dynamodb.Client) (call, error) {
	var in input
	if err := json.Unmarshal(r.Input, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Action, err)
	}
	switch r.Action {
	case "GetItem":
		typed := &dynamodb.GetItemInput{TableName: in.TableName, Key: in.Key.typed(), ConsistentRead: in.ConsistentRead}
		return func(ctx context.Context) error { _, err := client.GetItem(ctx, typed); return err }, nil
	case "Query":
		typed := &dynamodb.QueryInput{
			TableName: in.TableName, ConsistentRead: in.ConsistentRead, KeyConditionExpression: in.KeyConditionExpression,
			ExpressionAttributeValues: in.ExpressionAttributeValues.typed(), ExpressionAttributeNames: in.ExpressionAttributeNames,
			Limit: in.Limit, ScanIndexForward: in.ScanIndexForward, ExclusiveStartKey: in.ExclusiveStartKey.typed(),
		}
		return func(ctx context.Context) error { _, err := client.Query(ctx, typed); return err }, nil
	case "PutItem":
		typed := &dynamodb.PutItemInput{TableName: in.TableName, Item: in.Item.typed()}
		return func(ctx context.Context) error { _, err := client.PutItem(ctx, typed); return err }, nil
	case "BatchGetItem":
		return batchGet(client, in)
	case "BatchWriteItem":
		return batchWrite(client, in)
	case "TransactWriteItems":
		return transact(client, in)
	}
	return nil, fmt.Errorf("%s is not known here", r.Action)
}

func batchGet(client *dynamodb.Client, in input) (call, error) {
	typed := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}}
	for table, raw := range in.RequestItems {
		var request struct {
			Keys           []item
			ConsistentRead *bool
		}
		if err := json.Unmarshal(raw, &request); err != nil {
			return nil, err
		}
		keys := types.KeysAndAttributes{ConsistentRead: request.ConsistentRead}
		for _, k := range request.Keys {
			keys.Keys = append(keys.Keys, k.typed())
		}
		typed.RequestItems[table] = keys
	}
	return func(ctx context.Context) error { _, err := client.BatchGetItem(ctx, typed); return err }, nil
}

func batchWrite(client *dynamodb.Client, in input) (call, error) {
	typed := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{}}
	for table, raw := range in.RequestItems {
		var requests []struct {
			PutRequest    *struct{ Item item }
			DeleteRequest *struct{ Key item }
		}
		if err := json.Unmarshal(raw, &requests); err != nil {
			return nil, err
		}
		for _, r := range requests {
			var w types.WriteRequest
			if r.PutRequest != nil {
				w.PutRequest = &types.PutRequest{Item: r.PutRequest.Item.typed()}
			} else {
				w.DeleteRequest = &types.DeleteRequest{Key: r.DeleteRequest.Key.typed()}
			}
			typed.RequestItems[table] = append(typed.RequestItems[table], w)
		}
	}
	return func(ctx context.Context) error { _, err := client.BatchWriteItem(ctx, typed); return err }, nil
}

func transact(client *dynamodb.Client, in input) (call, error) {
	items := make([]types.TransactWriteItem, len(in.TransactItems))
	for i, t := range in.TransactItems {
		switch {
		case t.Put != nil:
			items[i].Put = &types.Put{TableName: t.Put.TableName, Item: t.Put.Item.typed()}
		case t.Delete != nil:
			items[i].Delete = &types.Delete{TableName: t.Delete.TableName, Key: t.Delete.Key.typed()}
		default:
			return nil, fmt.Errorf("a transaction with more than puts and deletes is not known here")
		}
	}
	return func(ctx context.Context) error {
		// Each with a token of its own, which the client makes.
		_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}, nil
}
