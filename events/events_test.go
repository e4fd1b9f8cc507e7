package events_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	aws "github.com/aws/aws-lambda-go/events"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rubrica/events"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/caller/issuer"
)

func TestEveryFunctionHasASample(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, f := range events.Functions() {
		have[f] = true
	}
	want := map[string]bool{}
	for _, f := range boottest.Start(t, boottest.Options{}).Functions() {
		want[f] = true
	}
	if !maps.Equal(have, want) {
		t.Errorf("samples of %v, functions %v", slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(want)))
	}
}

// TestSamplesAreAnswered invokes every function with its sample.
func TestSamplesAreAnswered(t *testing.T) {
	t.Parallel()
	d := boottest.Start(t, boottest.Options{})
	d.Workspace(events.Workspace)
	fill := events.Fill{Token: d.Token(issuer.Claims{Subject: "user_1", Workspace: events.Workspace, Role: "owner", Integration: "crm"})}
	for _, function := range events.Functions() {
		payload, err := events.Sample(function, fill)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.Invoke(function, payload)
		if err := events.Check(function, answer); err != nil {
			t.Errorf("%s: %v", function, err)
		}
		if function == "create-contact" {
			if fill.Contact, err = events.Contact(answer); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSamplesAreWhatAWSSends decodes the samples with the types that AWS keeps
// for its events: they have no member that those do not know.
func TestSamplesAreWhatAWSSends(t *testing.T) {
	t.Parallel()
	for _, function := range events.Functions() {
		var event any
		switch function {
		case "relay-changes":
			event = new(aws.DynamoDBEvent)
		case "write-audit", "reindex-contact", "refresh-suggestions", "purge-contact", "detach-contacts", "receive-events", "plan-job", "run-job":
			event = new(aws.SQSEvent)
		case "refresh-keys":
			event = new(aws.EventBridgeEvent)
		default:
			event = new(aws.APIGatewayV2HTTPRequest)
		}
		sample, err := events.Sample(function, events.Fill{})
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(sample))
		d.DisallowUnknownFields()
		if err := d.Decode(event); err != nil {
			t.Errorf("%s: %v", function, err)
		}
	}
}

// TestQueueSampleFitsItsSchema holds the sample of an event in the queue to its schema,
// which has to notice what is not as it says.
func TestQueueSampleFitsItsSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("in.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var sample aws.SQSEvent
	payload, err := events.Sample("receive-events", events.Fill{Contact: "01JD3Q6V5T8X0N2K4M6P8R0S2D"})
	if err == nil {
		err = json.Unmarshal(payload, &sample)
	}
	if err != nil {
		t.Fatal(err)
	}
	good := sample.Records[0].Body
	for body, fits := range map[string]bool{
		good: true,
		strings.Replace(good, `"workspace"`, `"tenant"`, 1):               false,
		strings.Replace(good, "message.received", "message.sent", 1):      false,
		strings.Replace(good, `"channel"`, `"kanal"`, 1):                  false,
		strings.Replace(good, `"data":{`, `"data":{"link":"x",`, 1):       false,
		strings.Replace(good, `"data":{`, `"refused":{},"data":{`, 1):     true,
		strings.Replace(good, "message.received", "channel.connected", 1): false,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.Validate(value); (got == nil) != fits {
			t.Errorf("%s: fits is to be %t: %v", body, fits, got)
		}
	}
}

// TestCheckNotices has Check refuse what another function answers.
func TestCheckNotices(t *testing.T) {
	t.Parallel()
	for _, function := range append(events.Functions(), "unknown") {
		for _, answer := range []string{``, `null`, `{"statusCode":500,"body":""}`, `{"batchItemFailures":[{"itemIdentifier":"1"}]}`} {
			if events.Check(function, []byte(answer)) == nil {
				t.Errorf("%s may answer %s", function, answer)
			}
		}
	}
}
