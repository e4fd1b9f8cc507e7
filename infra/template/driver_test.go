package template_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
	"rubrica/shared/tenant"
)

// wire is an HTTP client that notes what would go to DynamoDB, and refuses it.
type wire struct{ seen []string }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var request any
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch action {
	case "TransactWriteItems": // IAM asks for the action of each item
		for _, item := range list(request, "TransactItems") {
			for name, a := range item.(map[string]any) {
				if name != "ConditionCheck" {
					name += "Item"
				} else {
					name = "ConditionCheckItem"
				}
				w.note(name, partitions(a))
			}
		}
	case "BatchGetItem":
		w.note(action, partitions(at(request, "RequestItems", "t")))
	case "BatchWriteItem":
		for _, item := range list(request, "RequestItems", "t") {
			w.note(action, partitions(item))
		}
	default:
		w.note(action, partitions(request))
	}
	refusal := `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"refused"}`
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(refusal)), Request: r}, nil
}

func (w *wire) note(action string, keys []string) {
	w.seen = append(w.seen, fmt.Sprint("dynamodb:", action, " ", keys))
}

// partitions finds the partition keys in a request.
func partitions(request any) []string {
	var keys []string
	switch r := request.(type) {
	case map[string]any:
		for name, v := range r {
			if s, ok := at(v, "S").(string); ok && (name == table.AttrPK || name == ":pk") {
				keys = append(keys, s)
			} else {
				keys = append(keys, partitions(v)...)
			}
		}
	case []any:
		for _, v := range r {
			keys = append(keys, partitions(v)...)
		}
	}
	slices.Sort(keys)
	return keys
}

// deaf is an engine that does nothing.
type deaf struct{ table.Driver }

func (deaf) Read(context.Context, []table.Key, []table.Range) ([]table.Row, []table.Page, error) {
	return nil, nil, nil
}
func (deaf) Write(context.Context, []table.Action) error           { return nil }
func (deaf) Batch(context.Context, []table.Row, []table.Key) error { return nil }
func (deaf) Scan(context.Context, table.Segment) (table.Page, error) {
	return table.Page{}, nil
}

// TestRecorderCallsAsTheDriverDoes holds the calls that the recorder notes
// against those that the driver puts on the wire.
func TestRecorderCallsAsTheDriverDoes(t *testing.T) {
	t.Parallel()
	ws, err := tenant.Parse("demo")
	if err != nil {
		t.Fatal(err)
	}
	a, b := table.In(ws, "a").Row("1"), table.In(ws, "b").Row("2")
	row, other := table.Row{Key: a, Rev: "r", Doc: []byte(`{"x":1}`)}, table.Row{Key: b, Rev: "r"}
	there := table.Row{Key: a, Rev: "old"}
	ctx := tenant.Bind(t.Context(), ws)
	write := func(actions ...table.Action) func(table.Driver) error {
		return func(d table.Driver) error { return d.Write(ctx, actions) }
	}
	reading := func(keys []table.Key, ranges []table.Range) func(table.Driver) error {
		return func(d table.Driver) error { _, _, err := d.Read(ctx, keys, ranges); return err }
	}
	for name, do := range map[string]func(table.Driver) error{
		"one row":              reading([]table.Key{a}, nil),
		"two rows":             reading([]table.Key{a, b}, nil),
		"a range":              reading(nil, []table.Range{{Of: a.Partition(), Limit: 1}}),
		"put":                  write(table.Put(row)),
		"put on a condition":   write(table.Put(row, table.Unchanged(there))),
		"delete":               write(table.Delete(a)),
		"delete on condition":  write(table.Delete(a, table.Unchanged(there))),
		"add":                  write(table.Add(a, 1)),
		"check":                write(table.Check(a, table.Absent())),
		"check and delete":     write(table.Check(a, table.Absent()), table.Delete(b)),
		"put and add":          write(table.Put(row), table.Add(b, 1)),
		"batch":                func(d table.Driver) error { return d.Batch(ctx, []table.Row{row, other}, nil) },
		"batch with deletions": func(d table.Driver) error { return d.Batch(ctx, []table.Row{row}, []table.Key{b}) },
		"scan":                 func(d table.Driver) error { _, err := d.Scan(ctx, table.Segment{Of: 1, Limit: 1}); return err },
	} {
		var onWire wire
		client := dynamodb.New(dynamodb.Options{
			Region: "eu-west-1", HTTPClient: &onWire, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		})
		if err := do(dynamo.New(client, "t", dynamo.Options{})); err == nil {
			t.Errorf("%s: nothing was called", name)
		}
		var noted []string
		recorded := recordedTable{deaf{}, func(action string, keys ...string) {
			slices.Sort(keys)
			noted = append(noted, fmt.Sprint(action, " ", keys))
		}}
		if err := do(recorded); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		slices.Sort(onWire.seen)
		slices.Sort(noted)
		if diff := cmp.Diff(onWire.seen, noted); diff != "" {
			t.Errorf("%s (- on the wire, + noted):\n%s", name, diff)
		}
	}
}
