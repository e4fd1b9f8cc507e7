package dynamo_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rubrica/shared/table"
)

func TestGetManyAsksAgainForWhatWasLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		p := table.In(ws, "contacts")
		e := says(
			ok(`{"Responses":{"rubrica":[{"pk":{"S":"acme/contacts"},"sk":{"S":"c"},"_rev":{"S":"rc"}}]},
				"UnprocessedKeys":{"rubrica":{"Keys":[{"pk":{"S":"acme/contacts"},"sk":{"S":"a"}},{"pk":{"S":"acme/contacts"},"sk":{"S":"d"}}]}}}`),
			ok(`{"Responses":{"rubrica":[{"pk":{"S":"acme/contacts"},"sk":{"S":"d"},"_rev":{"S":"rd"},"_expires":{"N":"1"}},
				{"pk":{"S":"acme/contacts"},"sk":{"S":"a"},"_rev":{"S":"ra"}}]}}`),
		)
		rows, err := over(e).Get(ctx, p.Row("a"), p.Row("b"), p.Row("c"), p.Row("d"))
		if err != nil {
			t.Fatal(err)
		}
		var revs []table.Rev
		for _, r := range rows {
			revs = append(revs, r.Rev)
		}
		if want := []table.Rev{"ra", "", "rc", ""}; !slices.Equal(revs, want) {
			t.Errorf("revisions = %q, want %q", revs, want)
		}
		for i, keys := range []int{4, 2} {
			asked := at(e.requests[i].body, "RequestItems", "rubrica")
			if n := len(at(asked, "Keys").([]any)); n != keys || at(asked, "ConsistentRead") != true {
				t.Errorf("request %d: %v", i, asked)
			}
		}
	})
}

func TestQueryRequest(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	p := table.In(ws, "of", "1")
	for name, tc := range map[string]struct {
		r     table.Range
		when  string   // "": answered without a request
		text  []string // the expression's values, but the partition's
		start string   // sort key of the exclusive start
	}{
		"All":                   {r: table.Range{}, when: "pk = :pk"},
		"After":                 {r: table.Range{After: "m"}, when: "pk = :pk", start: "m"},
		"Prefix":                {r: table.Range{Prefix: "n/"}, when: "pk = :pk AND begins_with(sk, :prefix)", text: []string{"n/"}},
		"PrefixAfter":           {r: table.Range{Prefix: "n/", After: "n/3"}, when: "pk = :pk AND begins_with(sk, :prefix)", text: []string{"n/"}, start: "n/3"},
		"PrefixAfterBefore":     {r: table.Range{Prefix: "n/", After: "a"}, when: "pk = :pk AND begins_with(sk, :prefix)", text: []string{"n/"}},
		"PrefixAfterBehind":     {r: table.Range{Prefix: "n/", After: "o"}},
		"PrefixDownFromBehind":  {r: table.Range{Prefix: "n/", After: "o", Descending: true}, when: "pk = :pk AND begins_with(sk, :prefix)", text: []string{"n/"}},
		"PrefixDownFromBefore":  {r: table.Range{Prefix: "n/", After: "n", Descending: true}},
		"Bounds":                {r: table.Range{From: "b", To: "d"}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "d"}},
		"BoundsAfterBefore":     {r: table.Range{From: "b", To: "d", After: "a"}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "d"}},
		"BoundsAfterTheFirst":   {r: table.Range{From: "b", To: "d", After: "b"}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "d"}, start: "b"},
		"BoundsAfterBehind":     {r: table.Range{From: "b", To: "d", After: "e"}},
		"BoundsDownFromBefore":  {r: table.Range{From: "b", To: "d", After: "a", Descending: true}},
		"BoundsDownFromBehind":  {r: table.Range{From: "b", To: "d", After: "e", Descending: true}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "d"}},
		"From":                  {r: table.Range{From: "b"}, when: "pk = :pk AND sk >= :from", text: []string{"b"}},
		"To":                    {r: table.Range{To: "b"}, when: "pk = :pk AND sk <= :to", text: []string{"b"}},
		"BoundsTheWrongWay":     {r: table.Range{From: "d", To: "b"}},
		"OneKey":                {r: table.Range{From: "b", To: "b"}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "b"}},
		"PrefixAfterThePrefix":  {r: table.Range{Prefix: "n/", After: "n/"}, when: "pk = :pk AND begins_with(sk, :prefix)", text: []string{"n/"}, start: "n/"},
		"BoundsDownFromTheLast": {r: table.Range{From: "b", To: "d", After: "d", Descending: true}, when: "pk = :pk AND sk BETWEEN :from AND :to", text: []string{"b", "d"}, start: "d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{"Items":[]}`))
			tc.r.Of, tc.r.Limit = p, 7
			page, err := over(e).Query(ctx, tc.r)
			if err != nil {
				t.Fatal(err)
			}
			if tc.when == "" {
				if len(e.requests) > 0 || page.Next != "" || len(page.Rows) > 0 {
					t.Errorf("page = %+v, requests = %v", page, e.ops())
				}
				return
			}
			body := e.requests[0].body
			values := body["ExpressionAttributeValues"].(map[string]any)
			var text []string
			for _, name := range []string{":prefix", ":from", ":to"} {
				if s, ok := at(values, name, "S").(string); ok {
					text = append(text, s)
				}
			}
			start, _ := at(body, "ExclusiveStartKey", "sk", "S").(string)
			if body["KeyConditionExpression"] != tc.when || !slices.Equal(text, tc.text) || len(values) != len(text)+1 || start != tc.start {
				t.Errorf("request = %v", body)
			}
			if body["ConsistentRead"] != true || body["Limit"] != 7.0 || body["ScanIndexForward"] == tc.r.Descending || at(values, ":pk", "S") != "acme/of/1" {
				t.Errorf("request = %v", body)
			}
		})
	}
}

func TestQueryPage(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	e := says(ok(`{"Items":[` + storedItem("old", `,"_expires":{"N":"`+fmt.Sprint(now.Unix())+`"}`) + `,` + storedItem("new", `,"_expires":{"N":"`+fmt.Sprint(now.Unix()+1)+`"}`) + `],
		"LastEvaluatedKey":{"pk":{"S":"acme/contacts"},"sk":{"S":"1"}}}`))
	page, err := over(e).Query(ctx, table.Range{Of: table.In(ws, "contacts"), Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Rows) != 1 || page.Rows[0].Rev != "new" || page.Next != "1" {
		t.Errorf("page = %+v: want the row that expires later, and a next", page)
	}
}

// Every request of a Read waits here until all have arrived: one after another
// they never would.
func TestReadIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		var arrived sync.WaitGroup
		arrived.Add(4)
		e := &engine{script: []func(request) answer{func(r request) answer {
			arrived.Done()
			arrived.Wait()
			if pk, _ := at(r.body, "ExpressionAttributeValues", ":pk", "S").(string); pk != "" {
				return ok(`{"Items":[{"pk":{"S":"` + pk + `"},"sk":{"S":"1"},"_rev":{"S":"r"}}]}`)
			}
			return ok(`{"Responses":{"rubrica":[]}}`)
		}}}
		var ranges []table.Range
		for _, part := range []string{"a", "b", "c"} {
			ranges = append(ranges, table.Range{Of: table.In(ws, part), Limit: 1})
		}
		rows, pages, err := over(e).Read(ctx, []table.Key{table.In(ws, "x").Row("1"), table.In(ws, "x").Row("2")}, ranges)
		if err != nil || len(rows) != 2 || len(pages) != 3 {
			t.Fatalf("%d rows, %d pages, err = %v", len(rows), len(pages), err)
		}
		for i, page := range pages {
			if len(page.Rows) != 1 || page.Rows[0].Key.Partition() != ranges[i].Of {
				t.Errorf("page %d = %+v", i, page)
			}
		}
	})
}

func TestReadFailsAsAWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, ws := workspace(t, "acme")
		e := &engine{script: []func(request) answer{func(r request) answer {
			if r.op == "Query" {
				return broken
			}
			return ok(`{}`)
		}}}
		rows, pages, err := over(e).Read(ctx, []table.Key{table.In(ws, "x").Row("1")}, []table.Range{{Of: table.In(ws, "a"), Limit: 1}})
		if !errors.Is(err, table.ErrUnavailable) || rows != nil || pages != nil {
			t.Errorf("rows = %v, pages = %v, err = %v", rows, pages, err)
		}
	})
}

func TestConditionExpressions(t *testing.T) {
	t.Parallel()
	ctx, ws := workspace(t, "acme")
	p := table.In(ws, "contacts")
	stamp := map[string]any{"N": fmt.Sprint(now.Unix())}
	for name, tc := range map[string]struct {
		only   table.Condition
		when   any
		names  any
		values any
	}{
		"Always": {only: table.Condition{}},
		"Exists": {
			only:  table.Exists(),
			when:  "attribute_exists(pk) AND (attribute_not_exists(#e) OR #e > :now)",
			names: map[string]any{"#e": "_expires"}, values: map[string]any{":now": stamp},
		},
		"Absent": {
			only:  table.Absent(),
			when:  "attribute_not_exists(pk) OR #e <= :now",
			names: map[string]any{"#e": "_expires"}, values: map[string]any{":now": stamp},
		},
		"HasRev": {
			only:  table.Unchanged(table.Row{Rev: "r1"}),
			when:  "#r = :read AND (attribute_not_exists(#e) OR #e > :now)",
			names: map[string]any{"#e": "_expires", "#r": "_rev"}, values: map[string]any{":now": stamp, ":read": map[string]any{"S": "r1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := says(ok(`{}`))
			actions := []table.Action{table.Put(table.Row{Key: p.Row("1")}, tc.only), table.Delete(p.Row("2"), tc.only), table.Add(p.Row("3"), -2, tc.only)}
			if tc.when != nil {
				actions = append(actions, table.Check(p.Row("4"), tc.only))
			}
			if err := over(e).Write(ctx, actions...); err != nil {
				t.Fatal(err)
			}
			for i, verb := range []string{"Put", "Delete", "Update", "ConditionCheck"}[:len(actions)] {
				part := at(e.requests[0].body, "TransactItems", i, verb).(map[string]any)
				names, values := part["ExpressionAttributeNames"], part["ExpressionAttributeValues"]
				if verb == "Update" {
					if part["UpdateExpression"] != "ADD #c :delta SET #r = :rev" || at(values, ":delta", "N") != "-2" || at(names, "#c") != "_count" || at(names, "#r") != "_rev" {
						t.Errorf("%s = %v", verb, part)
					}
					names, values = without(names, "#c", tc.names), without(values, ":delta", tc.values)
				}
				if diff := cmp.Diff([]any{tc.when, tc.names, tc.values}, []any{part["ConditionExpression"], names, values}); diff != "" {
					t.Errorf("%s: %s", verb, diff)
				}
				if shows := part["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"; shows != (tc.when != nil) {
					t.Errorf("%s asks for the row: %t", verb, shows)
				}
			}
		})
	}
}

// without takes an update's own placeholders away; nil if nothing is left.
func without(v any, own string, condition any) any {
	m := v.(map[string]any)
	delete(m, own)
	for name := range m {
		if c, _ := condition.(map[string]any); c[name] == nil && (name == "#r" || strings.HasPrefix(name, ":rev")) {
			delete(m, name)
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
