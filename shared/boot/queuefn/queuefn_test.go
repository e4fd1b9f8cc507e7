package queuefn_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
)

func messages(bodies ...string) events.SQSEvent {
	var e events.SQSEvent
	for i, body := range bodies {
		e.Records = append(e.Records, boottest.QueueRecord(queue.Message{ID: string(rune('a' + i)), Body: body, Group: "demo", Receives: 2}))
	}
	return e
}

// TestEachMessageFailsForItself gives the function what it can and what it
// cannot work on, side by side.
func TestEachMessageFailsForItself(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := boottest.Start(t, boottest.Options{Log: &log})
	d.Workspace("ws-queue")
	payload, err := json.Marshal(messages(
		`{"rows":[{"pk":"ws-queue/of/workspace","sk":"change/000000000001"}]}`, // the workspace's own creation
		`no message of ours`,
		`{"rows":[{"pk":"ws-queue/settings","sk":"-"}]}`, // holds no change
		`{"rows":[{"pk":"ws-gone/of/x","sk":"change/000000000001"}]}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	var answer events.SQSEventResponse
	if err := json.Unmarshal(d.Invoke("write-audit", payload), &answer); err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, f := range answer.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	if !slices.Equal(failed, []string{"b", "c"}) {
		t.Errorf("failed: %q", failed)
	}
	token := d.Token(issuer.Claims{Subject: "user_1", Workspace: "ws-queue", Role: "owner"})
	if got := d.Request("GET", "/v1/audit", token, ""); !strings.Contains(got.Body, "workspace.created") {
		t.Errorf("not logged: %s", got.Body)
	}
	for _, want := range []string{`"message":"b"`, `"receives":2`, `"handled":2,"failed":2`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
}

func open(t *testing.T, function string) (lambda.Handler, error) {
	t.Helper()
	store, err := pebble.Open("", pebble.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	env := boot.NewEnvironment(func(string) (string, bool) { return "", false }, io.Discard)
	return boot.Open(env, func(env *boot.Environment) lambda.Handler {
		return queuefn.New(env, function, table.New(store.Table("main")), table.New(store.Table("audit")), consume.WriteAudit)
	})
}

func TestRefusesAnotherFunctionsQueue(t *testing.T) {
	t.Parallel()
	if _, err := open(t, "purge-contact"); err == nil || !strings.Contains(err.Error(), "the queue audit belongs to the function write-audit") {
		t.Errorf("err = %v", err)
	}
}

func TestRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	h, err := open(t, "write-audit")
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{``, `{}`, `{"Records":[]}`, `{"Records":[{"attributes":{"ApproximateReceiveCount":"many"}}]}`} {
		if _, err := h.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("took %q for messages", payload)
		}
	}
}
