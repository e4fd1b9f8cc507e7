package template_test

import (
	"encoding/json"
	"testing"
	"time"

	"rubrica/shared/boot/boottest"
	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/table"
)

// queueName is what a queue's name is behind the stack's.
func queueName(queue any) string { return text(queue, "Properties", "QueueName", "Fn::Sub") }

// deployed is what a queue is called in a deployment.
func deployed(q queue.Spec) string {
	name := "${AWS::StackName}-" + q.Name
	if q.FIFO {
		name += ".fifo"
	}
	return name
}

// TestQueues has each consumer have its queue, with its dead letters and an event
// source, as the code declares them, and no queue more.
func TestQueues(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	queues, functions := tpl.resources("AWS::SQS::Queue"), tpl.functions(t)
	byName := map[string]string{} // logical id
	for id, q := range queues {
		byName[queueName(q)] = id
	}
	sources := map[string]map[string]any{} // by queue
	for _, s := range tpl.resources("AWS::Lambda::EventSourceMapping") {
		sources[ref(at(s, "Properties", "EventSourceArn"))] = s
	}
	known := map[string]bool{byName["${AWS::StackName}-relay-dead"]: true}
	for _, c := range consume.All(nil, nil) {
		id, dead := byName[deployed(c.Queue)], byName[deployed(c.Queue.Dead())]
		if id == "" || dead == "" {
			t.Errorf("%s: queue %q, dead letters %q", c.Queue.Name, id, dead)
			continue
		}
		known[id], known[dead] = true, true
		properties := queues[id]["Properties"]
		for _, q := range []string{id, dead} {
			if is := text(queues[q], "Properties", "FifoQueue") == "true"; is != c.Queue.FIFO {
				t.Errorf("%s keeps an order: %t, want %t", q, is, c.Queue.FIFO)
			}
		}
		if got := number(properties, "VisibilityTimeout"); got != int(c.Queue.Visibility/time.Second) {
			t.Errorf("%s hides messages for %d s, want %s", id, got, c.Queue.Visibility)
		}
		if got := number(properties, "RedrivePolicy", "maxReceiveCount"); got != c.Queue.MaxReceives {
			t.Errorf("%s: dead letters after %d deliveries, want %d", id, got, c.Queue.MaxReceives)
		}
		if got := ref(at(properties, "RedrivePolicy", "deadLetterTargetArn")); got != dead {
			t.Errorf("%s: dead letters go to %s, want %s", id, got, dead)
		}
		f := functions[c.Function]
		if timeout := time.Duration(number(f, "Timeout")) * time.Second; timeout != c.Timeout || c.Queue.Visibility < 6*timeout {
			t.Errorf("%s has %s, want %s and a sixth of the visibility, %s", c.Function, timeout, c.Timeout, c.Queue.Visibility)
		}
		s := at(sources[id], "Properties")
		if got := tpl.folderOf(t, ref(at(s, "FunctionName"))); got != c.Function {
			t.Errorf("%s is worked off by %s, want %s", id, got, c.Function)
		}
		if got := number(s, "BatchSize"); got != c.Batch {
			t.Errorf("%s comes in batches of %d, want %d", id, got, c.Batch)
		}
		reportsFailures(t, id, s)
		if number(s, "ScalingConfig", "MaximumConcurrency") < 2 {
			t.Errorf("%s has no limit of concurrency", id)
		}
	}
	for id, q := range queues {
		if !known[id] {
			t.Errorf("%s (%s) has no consumer", id, queueName(q))
		}
		if got := number(q, "Properties", "MessageRetentionPeriod"); got != 14*24*3600 {
			t.Errorf("%s keeps messages for %d s", id, got)
		}
	}
}

func reportsFailures(t *testing.T, of string, source any) {
	t.Helper()
	if got := texts(source, "FunctionResponseTypes"); len(got) != 1 || got[0] != "ReportBatchItemFailures" {
		t.Errorf("the event source of %s takes no notice of single failures: %q", of, got)
	}
}

// TestStream holds the relay's event source to what the relay relies on.
func TestStream(t *testing.T) {
	t.Parallel()
	tpl := read(t)
	var source any
	for _, s := range tpl.resources("AWS::Lambda::EventSourceMapping") {
		if text(s, "Properties", "EventSourceArn", "Fn::GetAtt") == "MainTable.StreamArn" {
			source = s["Properties"]
		}
	}
	if got := tpl.folderOf(t, ref(at(source, "FunctionName"))); got != boottest.Relay {
		t.Errorf("the stream goes to %q", got)
	}
	reportsFailures(t, "the stream", source)
	for name, want := range map[string]string{
		"BisectBatchOnFunctionError": "true", "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": "-1",
	} {
		if got := text(source, name); got != want {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
	if age := number(source, "MaximumRecordAgeInSeconds"); age < 3600 || age >= 24*3600 {
		t.Errorf("records are given up after %d s; the stream keeps 24 hours", age)
	}
	if got := ref(at(source, "DestinationConfig", "OnFailure", "Destination")); got != "RelayDead" {
		t.Errorf("records that are given up go to %q", got)
	}
	filters := list(source, "FilterCriteria", "Filters")
	if len(filters) != 1 {
		t.Fatalf("filters: %v", filters)
	}
	var pattern, want any
	if err := json.Unmarshal([]byte(text(filters[0], "Pattern")), &pattern); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"`+table.AttrOut+`":{"S":[{"exists":true}]}}}}`), &want); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(pattern)
	if wanted, _ := json.Marshal(want); string(got) != string(wanted) {
		t.Errorf("filter %s, want %s", got, wanted)
	}
}

// TestTables holds the tables to the driver and to what an operator relies on.
func TestTables(t *testing.T) {
	t.Parallel()
	tables := read(t).resources("AWS::DynamoDB::Table")
	if len(tables) != 2 {
		t.Errorf("%d tables", len(tables))
	}
	for id, r := range tables {
		properties := r["Properties"]
		var keys []string
		for _, k := range list(properties, "KeySchema") {
			keys = append(keys, text(k, "AttributeName")+" "+text(k, "KeyType"))
		}
		if len(keys) != 2 || keys[0] != table.AttrPK+" HASH" || keys[1] != table.AttrSK+" RANGE" {
			t.Errorf("%s has the keys %q", id, keys)
		}
		if text(properties, "TimeToLiveSpecification", "AttributeName") != table.AttrExpires {
			t.Errorf("rows of %s do not expire", id)
		}
		for _, held := range [][]string{
			{"DeletionProtectionEnabled"}, {"SSESpecification", "SSEEnabled"}, {"TimeToLiveSpecification", "Enabled"},
			{"PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"},
		} {
			if text(properties, held...) != "true" {
				t.Errorf("%s: %v is %q", id, held, text(properties, held...))
			}
		}
		if text(r, "DeletionPolicy") != "Retain" || text(r, "UpdateReplacePolicy") != "Retain" {
			t.Errorf("%s goes with the stack", id)
		}
	}
	// A restore needs an empty table beside the old one: a name that can change.
	for id, want := range map[string]string{
		"MainTable": "${AWS::StackName}-main${MainTableSuffix}", "AuditTable": "${AWS::StackName}-audit${AuditTableSuffix}",
	} {
		if got := text(tables[id], "Properties", "TableName", "Fn::Sub"); got != want {
			t.Errorf("%s is called %q, want %q", id, got, want)
		}
	}
	if got := text(tables["MainTable"], "Properties", "StreamSpecification", "StreamViewType"); got != "NEW_IMAGE" {
		t.Errorf("the main table's stream shows %q", got)
	}
	if tables["AuditTable"]["Properties"].(map[string]any)["StreamSpecification"] != nil {
		t.Error("the audit table has a stream that nobody reads")
	}
}
