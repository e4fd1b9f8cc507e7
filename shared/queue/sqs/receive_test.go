package sqs_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rubrica/shared/queue"
	"rubrica/shared/queue/sqs"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	e := says(ok(`{"Messages":[{"MessageId":"m1","Body":"b","ReceiptHandle":"r1","Attributes":{
		"ApproximateReceiveCount":"3","SentTimestamp":"1795167000123","MessageGroupId":"acme/1","MessageDeduplicationId":"d"}}]}`))
	got, err := over(e, sqs.Options{}).Receive(t.Context(), fifo, 7, 1200*time.Millisecond)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	want := queue.Message{ID: "m1", Body: "b", Receipt: "r1", Receives: 3, Group: "acme/1", Dedup: "d", Sent: time.UnixMilli(1795167000123).UTC()}
	if got[0] != want {
		t.Errorf("message = %+v, want %+v", got[0], want)
	}
	body := e.requests[0].body
	if body["MaxNumberOfMessages"] != 7.0 || body["WaitTimeSeconds"] != 2.0 || body["VisibilityTimeout"] != 60.0 {
		t.Errorf("request = %v", body)
	}
}

func TestReceiveOfFIFOKeepsItsAttemptAcrossRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := says(answer{lost: true}, ok(`{}`))
		if _, err := over(e, sqs.Options{}).Receive(t.Context(), fifo, 1, 0); err != nil {
			t.Fatal(err)
		}
		first, _ := e.requests[0].body["ReceiveRequestAttemptId"].(string)
		if again := e.requests[1].body["ReceiveRequestAttemptId"]; first == "" || again != first {
			t.Errorf("attempts %q and %q", first, again)
		}
	})
}

func TestStaleReceiptsArePassedOver(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code, message string
		want          bool
	}{
		"DeletedTwice":        {"ReceiptHandleIsInvalid", "", true},
		"WithAPrefix":         {"AWS.SimpleQueueService.ReceiptHandleIsInvalid", "", true},
		"NotInFlight":         {"MessageNotInflight", "", true},
		"ExpiredInAFIFOQueue": {"InvalidParameterValue", "Value x for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", true},
		"AnotherInvalidValue": {"InvalidParameterValue", "Value 99999 for parameter VisibilityTimeout is invalid.", false},
		"NoSuchQueue":         {"QueueDoesNotExist", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := queue.Message{Receipt: "r"}
			err := over(says(refusal(400, tc.code, tc.message)), sqs.Options{}).Hide(t.Context(), fifo, m, 0)
			if passed := err == nil; passed != tc.want {
				t.Errorf("hide: %v", err)
			}
			failed := `{"Failed":[{"Id":"0","Code":"` + tc.code + `","Message":"` + tc.message + `","SenderFault":true}]}`
			err = over(says(ok(failed)), sqs.Options{}).Delete(t.Context(), fifo, m)
			if passed := err == nil; passed != tc.want {
				t.Errorf("delete: %v", err)
			}
		})
	}
}

func TestDeleteGoesByTen(t *testing.T) {
	t.Parallel()
	e := says(ok(`{}`))
	if err := over(e, sqs.Options{}).Delete(t.Context(), standard, make([]queue.Message, 25)...); err != nil {
		t.Fatal(err)
	}
	if len(e.requests) != 3 || len(e.requests[2].body["Entries"].([]any)) != 5 {
		t.Errorf("%d requests", len(e.requests))
	}
}

func TestHideSaysZero(t *testing.T) {
	t.Parallel()
	e := says(ok(`{}`))
	if err := over(e, sqs.Options{}).Hide(t.Context(), standard, queue.Message{Receipt: "r"}, 0); err != nil {
		t.Fatal(err)
	}
	if got := e.requests[0].body["VisibilityTimeout"]; got != 0.0 {
		t.Errorf("visibility = %v", got)
	}
}

func TestReceiveUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := says(refusal(503, "ServiceUnavailable", ""))
		if _, err := over(e, sqs.Options{}).Receive(t.Context(), standard, 1, 0); !errors.Is(err, queue.ErrUnavailable) || len(e.requests) != 3 {
			t.Errorf("err = %v after %d requests", err, len(e.requests))
		}
	})
}
