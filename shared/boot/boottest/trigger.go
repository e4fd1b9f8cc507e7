package boottest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"rubrica/shared/api/frame"
	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Answer is what a client of the gateway gets.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Request sends a request through the gateway to the function that has its
// route. The target's path is as functions see it, decoded; headers are pairs of
// name and value. What is no route is answered as API Gateway does, by itself.
func (d *Deployment) Request(method, target, token, body string, headers ...string) Answer {
	d.tb.Helper()
	path, query, _ := strings.Cut(target, "?")
	endpoint := d.Route(method, path)
	if endpoint == nil {
		return Answer{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, RawQueryString: query, Body: body,
		Headers: map[string]string{"content-type": "application/json"},
	}
	if token != "" {
		e.Headers["authorization"] = "Bearer " + token
	}
	for i := 0; i+1 < len(headers); i += 2 {
		e.Headers[strings.ToLower(headers[i])] = headers[i+1]
	}
	e.RequestContext.RequestID = "JKJaXmPLvHcESHA="
	e.RequestContext.HTTP.Method = method
	var answer events.APIGatewayV2HTTPResponse
	d.exchange(endpoint.Function, e, &answer)
	a := Answer{Status: answer.StatusCode, Header: http.Header{}, Body: answer.Body}
	for name, value := range answer.Headers {
		a.Header.Set(name, value)
	}
	return a
}

// Route is the endpoint of the route that a request takes, nil if there is none.
func (d *Deployment) Route(method, path string) *frame.Endpoint {
	var found *frame.Endpoint
	most := -1
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		if n, ok := literals(e.Pattern, path); ok && e.Method == method && n > most {
			most, found = n, e
		}
	}
	return found
}

// literals tells whether a path fits a pattern, and in how many segments to the
// letter: the more, the sooner it is the route.
func literals(pattern, path string) (n int, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	for i, segment := range want {
		switch {
		case segment == got[i]:
			n++
		case !strings.HasPrefix(segment, "{") || got[i] == "":
			return 0, false
		}
	}
	return n, true
}

func (d *Deployment) exchange(function string, event, answer any) {
	d.tb.Helper()
	payload, err := json.Marshal(event)
	if err == nil {
		err = json.Unmarshal(d.Invoke(function, payload), answer)
	}
	if err != nil {
		d.tb.Fatalf("%s: %v", function, err)
	}
}

// Settle delivers changes and messages until there are none left. A change or a
// message that fails fails the test.
func (d *Deployment) Settle() {
	d.tb.Helper()
	for d.relay() || d.consume() {
		continue
	}
}

// Send sends a message to a queue that others than the relay send to.
func (d *Deployment) Send(name, body string) {
	d.tb.Helper()
	if err := d.queues.Send(d.tb.Context(), queue.Spec{Name: name}, queue.Message{Body: body, Group: "events"}); err != nil {
		d.tb.Fatal(err)
	}
}

// relay delivers a page of the change stream, and tells whether there was one.
func (d *Deployment) relay() bool {
	d.tb.Helper()
	page, err := d.main.Changes(tenant.BindOperator(d.tb.Context()), d.relayed, 100)
	if err != nil {
		d.tb.Fatal(err)
	}
	if d.relayed = page.Next; len(page.Items) == 0 {
		return false
	}
	var e events.DynamoDBEvent
	for i, c := range page.Items {
		e.Records = append(e.Records, StreamRecord(strconv.Itoa(i), c))
	}
	var answer events.DynamoDBEventResponse
	if d.exchange(Relay, e, &answer); len(answer.BatchItemFailures) > 0 {
		d.tb.Fatalf("the relay failed at %v", answer.BatchItemFailures)
	}
	return true
}

// StreamRecord is a change as the stream shows it.
func StreamRecord(sequence string, c table.Change) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{
		EventID: sequence, EventName: "INSERT", EventSource: "aws:dynamodb",
		Change: events.DynamoDBStreamRecord{
			SequenceNumber: sequence, StreamViewType: "NEW_IMAGE",
			NewImage: map[string]events.DynamoDBAttributeValue{
				table.AttrPK: events.NewStringAttribute(c.Key.PK()), table.AttrSK: events.NewStringAttribute(c.Key.SK()),
				table.AttrOut: events.NewStringAttribute(c.Out), table.AttrSchema: events.NewNumberAttribute("1"),
			},
		},
	}
}

// consume delivers a batch of each queue, and tells whether there was one.
func (d *Deployment) consume() (any bool) {
	d.tb.Helper()
	for i := range d.Consumers {
		any = d.deliver(&d.Consumers[i]) || any
	}
	return any
}

// Relay delivers changes until there are none left, and no message.
func (d *Deployment) Relay() {
	d.tb.Helper()
	for d.relay() {
		continue
	}
}

// Deliver delivers a batch of one queue.
func (d *Deployment) Deliver(name string) {
	d.tb.Helper()
	for i := range d.Consumers {
		if d.Consumers[i].Queue.Name == name {
			d.deliver(&d.Consumers[i])
		}
	}
}

func (d *Deployment) deliver(c *consume.Consumer) bool {
	d.tb.Helper()
	messages, err := d.queues.Receive(d.tb.Context(), c.Queue, min(c.Batch, queue.MaxBatch), 0)
	if err != nil {
		d.tb.Fatal(err)
	}
	if len(messages) == 0 {
		return false
	}
	var e events.SQSEvent
	for _, m := range messages {
		e.Records = append(e.Records, QueueRecord(m))
	}
	var answer events.SQSEventResponse
	if d.exchange(c.Function, e, &answer); len(answer.BatchItemFailures) > 0 {
		d.tb.Fatalf("%s failed at %v", c.Function, answer.BatchItemFailures)
	}
	if err := d.queues.Delete(d.tb.Context(), c.Queue, messages...); err != nil {
		d.tb.Fatal(err)
	}
	return true
}

// QueueRecord is a received message as Lambda shows it.
func QueueRecord(m queue.Message) events.SQSMessage {
	return events.SQSMessage{
		MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, EventSource: "aws:sqs",
		Attributes: map[string]string{
			"ApproximateReceiveCount": strconv.Itoa(m.Receives), "SentTimestamp": strconv.FormatInt(m.Sent.UnixMilli(), 10),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(time.Now().UnixMilli(), 10),
			"SenderId":                         "AROAEXAMPLE:relay-changes", "MessageGroupId": m.Group,
		},
	}
}
