package consume

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/audit"
	"rubrica/shared/body"
	"rubrica/shared/event"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/queue"
	"rubrica/shared/tenant"
)

// ReceiveEvents handles the events that channels and other systems send to the
// queue of events (N2). A message is an event as POST /v1/events takes it, with the
// name of its workspace and, if it likes, of the integration that it is from: who
// may send to the queue is believed.
//
// What can never be handled (no event, no such contact) goes at once to the dead
// letters, with the reason; what storage keeps from being handled is tried again.
func ReceiveEvents(l *ledger.Ledger, queues *queue.Queues) Consumer {
	const timeout = 30 * time.Second
	c := Consumer{
		Function: "receive-events", Batch: 10, Timeout: timeout, ledger: l,
		Queue: queue.Spec{Name: "events", Visibility: 6 * timeout, MaxReceives: maxReceives},
	}
	r := &receiver{l, queues, c.Queue.Dead(), c.Function}
	c.receive = r.receive
	return c
}

type receiver struct {
	ledger   *ledger.Ledger
	queues   *queue.Queues
	dead     queue.Spec
	function string
}

func (r *receiver) receive(ctx context.Context, m queue.Message) error {
	err := r.handle(ctx, m)
	if err == nil {
		return nil
	}
	switch p := problem.Of(err); p.Kind {
	case problem.Validation, problem.NotFound, problem.Conflict, problem.Gone, problem.Forbidden, problem.Unauthenticated:
		return r.bury(ctx, m, p)
	}
	return err
}

// handle works on one event. One that was handled before is done, whatever the
// rest of it says.
func (r *receiver) handle(ctx context.Context, m queue.Message) error {
	f, err := body.Parse([]byte(m.Body))
	if err != nil {
		return err
	}
	ws, integration, wrong := sender(f)
	e := event.Read(f, instant.Of(r.ledger.Now()))
	f.Take(refused) // of a dead letter that was sent again
	if wrong != nil {
		return wrong
	}
	ctx = tenant.Bind(ctx, ws)
	want := ledger.Want{}
	if e.ID != "" {
		want = r.ledger.WantEvent(ws, e)
	}
	s, _, err := r.ledger.Begin(ctx, ws, want)
	if err != nil {
		return err
	}
	s.RequestID, s.Integration = m.ID, integration
	s.Actor = audit.Actor{Type: audit.System, ID: r.function}
	if integration != "" {
		s.Actor = audit.Actor{Type: audit.Integration, ID: integration}
	}
	if err := s.Settings.Status.Refusal(); err != nil {
		return err
	}
	if err := f.Err(); err != nil {
		if e.ID != "" {
			if _, done, again := r.ledger.Repeated(ctx, s, e.ID); done || again != nil {
				return again
			}
		}
		return err
	}
	_, err = r.ledger.Receive(ctx, s, e)
	return err
}

// sender takes from a message what a token says of a request: the workspace, and
// the integration that it is from.
func sender(f *body.Form) (ws tenant.Workspace, integration string, err error) {
	name := f.Text("workspace", format.MaxText)
	integration = f.Text("integration", format.MaxText)
	f.Require("workspace", name != "" || f.Refused("workspace"))
	if f.Refused("workspace") {
		return ws, "", problem.InvalidField("workspace", body.CodeRequired, "Must be the name of a workspace.")
	}
	if ws, err = tenant.Parse(name); err != nil {
		return ws, "", problem.InvalidField("workspace", body.CodeInvalid, "Must be the name of a workspace.")
	}
	return ws, integration, nil
}

// refused is the member that a dead letter says its reason in: a problem document.
const refused = "refused"

// bury sends a message that can never be handled to the dead letters, as it is but
// for the reason in it: once that is gone it can be sent again unchanged. What does
// not fit goes there by itself after its last delivery.
func (r *receiver) bury(ctx context.Context, m queue.Message, why *problem.Error) error {
	letter := append([]byte(`{"`+refused+`":`), why.Document(m.ID)...)
	add := func(name string, value []byte) error {
		var err error
		if letter, err = jsontext.AppendQuote(append(letter, ','), name); err == nil {
			letter = append(append(letter, ':'), value...)
		}
		return err
	}
	err := error(nil)
	if _, malformed := body.Parse([]byte(m.Body)); malformed == nil {
		for _, member := range body.Members(jsontext.Value(m.Body)) {
			if member.Name != refused {
				err = errors.Join(err, add(member.Name, member.Value))
			}
		}
	} else {
		text, e := jsontext.AppendQuote(nil, m.Body)
		err = errors.Join(e, add("body", text))
	}
	if letter = append(letter, '}'); err != nil || len(letter) > queue.MaxBody {
		return errors.Join(why, err)
	}
	group := m.Group
	if group == "" {
		group = r.function
	}
	return r.queues.Send(ctx, r.dead, queue.Message{Body: string(letter), Group: group})
}
