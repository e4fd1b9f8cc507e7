package main

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAttributes(t *testing.T) {
	t.Parallel()
	var it item
	err := json.Unmarshal([]byte(`{"s":{"S":"x"},"n":{"N":"1"},"b":{"BOOL":true},"z":{"NULL":true},"m":{"M":{"k":{"S":""}}},"l":{"L":[{"N":"2"}]}}`), &it)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]types.AttributeValue{
		"s": &types.AttributeValueMemberS{Value: "x"}, "n": &types.AttributeValueMemberN{Value: "1"},
		"b": &types.AttributeValueMemberBOOL{Value: true}, "z": &types.AttributeValueMemberNULL{Value: true},
		"m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": &types.AttributeValueMemberS{Value: ""}}},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "2"}}},
	}
	ignore := cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberBOOL{},
		types.AttributeValueMemberNULL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberL{})
	if diff := cmp.Diff(want, it.typed(), ignore); diff != "" {
		t.Error(diff)
	}
	if json.Unmarshal([]byte(`{"x":{"SS":["a"]}}`), &it) == nil {
		t.Error("a set is taken for something else")
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	client := dynamodb.New(dynamodb.Options{})
	for _, r := range []recorded{
		{"Scan", []byte(`{}`)}, {"GetItem", []byte(`[]`)},
		{"TransactWriteItems", []byte(`{"TransactItems":[{"Update":{}}]}`)},
		{"BatchGetItem", []byte(`{"RequestItems":{"t":[]}}`)}, {"BatchWriteItem", []byte(`{"RequestItems":{"t":{}}}`)},
	} {
		if _, err := r.call(client); err == nil {
			t.Errorf("%s %s is a call", r.Action, r.Input)
		}
	}
	for _, r := range []recorded{
		{"GetItem", []byte(`{"TableName":"t","Key":{"pk":{"S":"a"}}}`)}, {"Query", []byte(`{"Limit":3}`)}, {"PutItem", []byte(`{}`)},
		{"BatchGetItem", []byte(`{"RequestItems":{"t":{"Keys":[{"pk":{"S":"a"}}]}}}`)},
		{"BatchWriteItem", []byte(`{"RequestItems":{"t":[{"PutRequest":{"Item":{}}},{"DeleteRequest":{"Key":{}}}]}}`)},
		{"TransactWriteItems", []byte(`{"TransactItems":[{"Put":{"Item":{}}},{"Delete":{"Key":{}}}]}`)},
	} {
		if _, err := r.call(client); err != nil {
			t.Errorf("%s: %v", r.Action, err)
		}
	}
}
