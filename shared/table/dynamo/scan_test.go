package dynamo_test

import (
	"testing"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

func TestScanRequest(t *testing.T) {
	t.Parallel()
	e := says(ok(`{"Items":[` + storedItem("r", "") + `],"LastEvaluatedKey":{"pk":{"S":"acme/contacts"},"sk":{"S":"1"}}}`))
	ctx, _ := workspace(t, "acme")
	page, err := over(e).Scan(ctx, table.Segment{Index: 2, Of: 5, Limit: 10})
	if err != nil || len(page.Rows) != 1 || page.Next == "" {
		t.Fatalf("page = %+v, %v", page, err)
	}
	if _, err := over(e).Scan(tenant.BindOperator(ctx), table.Segment{Index: 2, Of: 5, Limit: 10, After: page.Next}); err != nil {
		t.Fatal(err)
	}
	first, second := e.requests[0].body, e.requests[1].body
	if first["Segment"] != 2.0 || first["TotalSegments"] != 5.0 || first["Limit"] != 10.0 || first["ConsistentRead"] != true || first["ExclusiveStartKey"] != nil {
		t.Errorf("request = %v", first)
	}
	if first["FilterExpression"] != "pk = :ws OR begins_with(pk, :within)" ||
		at(first, "ExpressionAttributeValues", ":ws", "S") != "acme" || at(first, "ExpressionAttributeValues", ":within", "S") != "acme/" {
		t.Errorf("request of a workspace = %v", first)
	}
	if at(second, "ExclusiveStartKey", "pk", "S") != "acme/contacts" || at(second, "ExclusiveStartKey", "sk", "S") != "1" || second["FilterExpression"] != nil {
		t.Errorf("request of the operator = %v", second)
	}
	if _, err := over(e).Scan(ctx, table.Segment{Of: 1, Limit: 1, After: "nonsense"}); err == nil {
		t.Error("a position of nobody's is taken")
	}
}

func TestChangesWantAStream(t *testing.T) {
	t.Parallel()
	if _, err := over(says(ok(`{}`))).Changes(tenant.BindOperator(t.Context()), "", 1); err == nil {
		t.Error("no error")
	}
}
