package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"rubrica/events"
)

// worker takes invocations from a Runtime API as a function's process does.
func worker(t *testing.T, address string, handle func(event []byte) (path string, body string)) {
	t.Helper()
	base := "http://" + address + "/2018-06-01/runtime/invocation/"
	ctx, cancel := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() {
		for {
			req, err := http.NewRequestWithContext(ctx, "GET", base+"next", nil)
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return // the test is over
			}
			event, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			id, deadline := resp.Header.Get("Lambda-Runtime-Aws-Request-Id"), resp.Header.Get("Lambda-Runtime-Deadline-Ms")
			if err != nil || id == "" || deadline == "" {
				return
			}
			path, body := handle(event)
			answered, err := http.Post(base+id+"/"+path, "application/json", strings.NewReader(body))
			if err != nil {
				return
			}
			_ = answered.Body.Close()
		}
	})
	t.Cleanup(func() { cancel(); working.Wait() })
}

func serve(t *testing.T) *runtimeAPI {
	t.Helper()
	api, err := serveRuntimeAPI()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.close)
	return api
}

func TestRuntimeAPIHandsOutInvocationsOneByOne(t *testing.T) {
	t.Parallel()
	api := serve(t)
	worker(t, api.address, func(event []byte) (string, string) { return "response", string(event) + "!" })
	if err := api.polled(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{`{"n":1}`, `{"n":2}`, `{"n":3}`} {
		began := time.Now()
		got, err := api.invoke(t.Context(), []byte(event))
		if err != nil || string(got.body) != event+"!" || got.at.Before(began) {
			t.Fatalf("%s: %s, %v", event, got.body, err)
		}
	}
}

func TestRuntimeAPITellsFailures(t *testing.T) {
	t.Parallel()
	api := serve(t)
	worker(t, api.address, func([]byte) (string, string) { return "error", `{"errorMessage":"no table"}` })
	if err := api.polled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := api.invoke(t.Context(), []byte("{}")); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Errorf("err = %v", err)
	}

	starting := serve(t)
	go func() {
		resp, err := http.Post("http://"+starting.address+"/2018-06-01/runtime/init/error", "application/json", strings.NewReader("no setting"))
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	if err := starting.polled(t.Context()); err == nil || !strings.Contains(err.Error(), "no setting") {
		t.Errorf("err = %v", err)
	}

	idle := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := idle.polled(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// TestRecorderKeepsRounds makes two calls side by side, and one behind them.
func TestRecorderKeepsRounds(t *testing.T) {
	t.Parallel()
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Engine", "yes")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(bytes.ToUpper(body))
	}))
	t.Cleanup(engine.Close)
	r, err := record(engine.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	call := func(action, body string) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusTeapot || resp.Header.Get("X-Engine") != "yes" || string(answer) != strings.ToUpper(body) {
			t.Errorf("%s: %d %s", action, resp.StatusCode, answer)
		}
	}
	call("GetItem", `{"forgotten":1}`)
	r.forget()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { call("Query", `{"a":1}`) })
	}
	both.Wait()
	call("PutItem", `{"b":2}`)
	want := [][]recorded{{{"Query", []byte(`{"a":1}`)}, {"Query", []byte(`{"a":1}`)}}, {{"PutItem", []byte(`{"b":2}`)}}}
	if diff := cmp.Diff(want, r.calls()); diff != "" {
		t.Error(diff)
	}
}

// TestRecorderKeepsWhatIsDeleted: a row that is there, before it goes.
func TestRecorderKeepsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	there := true
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		switch {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems"):
			there = false
			_, _ = io.WriteString(w, `{}`)
		case there && bytes.Contains(body, []byte(`"k1"`)):
			_, _ = io.WriteString(w, `{"Item":{"pk":{"S":"k1"},"n":{"N":"7"}}}`)
		default:
			_, _ = io.WriteString(w, `{}`)
		}
	}))
	t.Cleanup(engine.Close)
	r, err := record(engine.URL, dynamodb.New(dynamodb.Options{
		BaseEndpoint: &engine.URL, Region: "eu-west-1", Credentials: aws.AnonymousCredentials{},
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/", strings.NewReader(
		`{"TransactItems":[{"Put":{"TableName":"t","Item":{"pk":{"S":"k0"}}}},{"Delete":{"TableName":"t","Key":{"pk":{"S":"k1"}}}},{"Delete":{"TableName":"t","Key":{"pk":{"S":"k2"}}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.TransactWriteItems")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(r.deleted) != 1 {
		t.Fatalf("%d rows", len(r.deleted))
	}
	if n, ok := r.deleted[0].Put.Item["n"].(*types.AttributeValueMemberN); !ok || n.Value != "7" || *r.deleted[0].Put.TableName != "t" {
		t.Errorf("%+v", r.deleted[0].Put)
	}
	if r.forget(); len(r.deleted) != 0 {
		t.Error("they are not forgotten")
	}
}

func TestReportFlagsWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	runs := func(warm ...time.Duration) []figures {
		all := make([]figures, len(warm))
		for i, w := range warm {
			all[i] = figures{poll: 4 * time.Millisecond, started: 3 * time.Millisecond, answer: 9 * time.Millisecond, answered: 5 * time.Millisecond, warm: w, memory: 10 << 20}
		}
		return all
	}
	minimal := &target{name: "minimal/table", size: 10_000_000, runs: runs(100*time.Microsecond, time.Second, 0)}
	twin := &target{runs: runs(400 * time.Microsecond)}
	lean := &target{size: 9_000_000, runs: runs(0)}
	function := &target{name: "get-contact", minimal: minimal, lean: lean, twin: twin, size: 13_000_000, runs: runs(500 * time.Microsecond)}
	lines := strings.Split(report([]*target{minimal, function}), "\n")
	if got, want := strings.Fields(lines[1]), []string{"minimal/table", "10.00", "4.0", "3.0", "9.0", "5.0", "100", "10.0"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	want := []string{
		"get-contact", "13.00", "1.30", "/", "1.44!", "4.0", "1.00", "/", "1.00", "3.0", "1.00", "/", "1.00", "9.0", "1.00", "/", "1.00",
		"5.0", "1.00", "/", "1.00", "500", "5.00!", "/", "1.25", "10.0", "1.00", "/", "1.00",
	}
	if got := strings.Fields(lines[2]); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSamplesDiffer: neither a kept answer nor an address is met twice.
func TestSamplesDiffer(t *testing.T) {
	t.Parallel()
	for _, function := range events.Functions() {
		plain, err := sample(function, events.Fill{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		first, err := sample(function, events.Fill{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		second, err := sample(function, events.Fill{}, 2)
		if err != nil {
			t.Fatal(err)
		}
		keyed := bytes.Contains(plain, []byte("idempotency-key")) && function != "manage-fields"
		if differ := !bytes.Equal(first, second); differ != keyed {
			t.Errorf("%s: differ %t, has a key %t", function, differ, keyed)
		}
	}
}

// A setting that template.yaml has begun to give to a function must be here too, or
// the function does not start. Names of claims may be empty.
func TestFunctionsHaveTheSettingsOfTheTemplate(t *testing.T) {
	t.Parallel()
	template, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given := strings.Join(settings(""), "\n")
	names := regexp.MustCompile(`RUBRICA_[A-Z_]+`).FindAllString(string(template), -1)
	if len(names) == 0 {
		t.Fatal("the template has no settings")
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "RUBRICA_CLAIM_") && !strings.Contains(given, name+"=") {
			t.Errorf("functions are measured without %s", name)
		}
	}
}
