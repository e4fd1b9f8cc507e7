package dynamo_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"rubrica/shared/table"
	"rubrica/shared/table/dynamo"
)

// lossy lets every request through to the engine, and loses every other answer,
// from the first on: what was applied is always sent again.
type lossy struct {
	sent  int
	inner http.Client
}

func (l *lossy) Do(r *http.Request) (*http.Response, error) {
	response, err := l.inner.Do(r)
	if err != nil {
		return nil, err
	}
	if l.sent++; l.sent%2 == 0 {
		return response, nil
	}
	response.Body.Close()
	return nil, errors.New("read: connection reset by peer")
}

// Every write is applied, its answer lost, and sent again: none may be applied
// twice, nor be denied.
func TestLostAnswersOverAnEngine(t *testing.T) {
	t.Parallel()
	_, name := newTable(t)
	url, credentials := endpoint(t)
	l := &lossy{}
	client := dynamodb.New(dynamodb.Options{Region: "eu-west-1", BaseEndpoint: url, Credentials: credentials, HTTPClient: l})
	tbl := table.New(dynamo.New(client, name, dynamo.Options{}))
	ctx, ws := workspace(t, "lossy")
	p := table.In(ws, "x")
	write := func(what string, actions ...table.Action) {
		t.Helper()
		if err := tbl.Write(ctx, actions...); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	read := func(sk string) table.Row {
		t.Helper()
		row, err := tbl.GetOne(ctx, p.Row(sk))
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	row := table.Row{Key: p.Row("a"), Doc: []byte(`{"n":1}`)}
	write("put of an absent row", table.Put(row, table.Absent()))
	write("put of an unchanged row", table.Put(row, table.Unchanged(read("a"))))
	for range 3 {
		write("add", table.Add(p.Row("n"), 1))
	}
	write("add on a condition", table.Add(p.Row("n"), 10, table.Unchanged(read("n"))))
	write("several", table.Put(row, table.Unchanged(read("a"))), table.Add(p.Row("n"), 100), table.Put(table.Row{Key: p.Row("b")}, table.Absent()))
	write("delete of one that is there", table.Delete(p.Row("b"), table.Exists()))
	write("delete", table.Delete(p.Row("a")))
	if n := read("n").Count; n != 113 {
		t.Errorf("count = %d, want 113", n)
	}
	if read("a").Exists() || read("b").Exists() {
		t.Error("what was deleted is there")
	}
	if _, ok := errors.AsType[*table.ConditionError](tbl.Write(ctx, table.Delete(p.Row("b"), table.Exists()))); !ok {
		t.Error("a delete of what is gone is no condition error")
	}
	if l.sent != 2*16 {
		t.Errorf("%d requests, want two of each call", l.sent)
	}
}
