package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"rubrica/shared/consume"
	"rubrica/shared/queue"
	"rubrica/shared/tenant"
)

// TestEventQueue: what comes in by the queue is handled as what comes by HTTP, and
// what cannot be handled is a dead letter that says why.
func TestEventQueue(t *testing.T) {
	t.Parallel()
	s := Serve(t)
	w := s.Workspace(t)
	owner, channel := w.As(t, "owner"), w.As(t, "agent", Integration("x"))
	spec := consume.ReceiveEvents(nil, nil).Queue
	ctx := tenant.BindOperator(t.Context())
	send := func(body any) {
		t.Helper()
		text, isText := body.(string)
		if !isText {
			b, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if err := s.Queues.Send(ctx, spec, queue.Message{Body: text, Group: w.Name}); err != nil {
			t.Fatal(err)
		}
	}
	from := func(workspace string, e Object) Object {
		e = maps.Clone(e)
		e["workspace"] = workspace
		return e
	}
	id := owner.Create(t, Object{"email": "a@example.it"}).ID()
	path := "/v1/contacts/" + id
	gone := owner.Create(t, Object{}).ID()
	owner.Delete(t, "/v1/contacts/"+gone).Is(204)
	stop := from(w.Name, message("q1", id, "email", "STOP", 1))
	stop["integration"] = "mailer"
	send(stop)
	send(stop) // and again
	Eventually(t, func() error {
		if got := textsOf(t, owner, path, ""); len(got) != 1 {
			return fmt.Errorf("messages %q", got)
		}
		return nil
	})
	channel.Post(t, "/v1/events", message("q1", id, "sms", "by the other way", 2)).Is(202)
	send(from(w.Name, message("q2", "email:a@example.it", "sms", "and one more", 3)))
	for reason, body := range map[string]any{
		"validation ":              "no JSON at all",
		"validation at":            from(w.Name, Object{"id": "q3", "type": "message.received", "contact": id, "data": Object{"channel": "sms", "text": "x"}}),
		"validation data.channel":  from(w.Name, message("q4", id, "fax", "x", 1)),
		"validation workspace":     message("q5", id, "sms", "x", 1),
		"unauthenticated":          from("ws-that-is-none", message("q6", id, "sms", "x", 1)),
		"not_found":                from(w.Name, message("q7", "email:b@example.it", "sms", "x", 1)),
		"gone":                     from(w.Name, message("q8", gone, "sms", "x", 1)),
		"validation data.surprise": from(w.Name, event("q9", "automation.started", id, 1, Object{"automation": "a", "surprise": 1})),
	} {
		send(body)
		letter := deadLetter(t, s, spec)
		refused := Object(letter["refused"].(map[string]any))
		got := refused.Text("code")
		if errs, ok := refused["errors"].([]any); ok {
			field, _ := errs[0].(map[string]any)["field"].(string)
			got += " " + field
		}
		if got != reason {
			t.Errorf("refused for %q, want %q: %v", got, reason, letter)
		}
		if o, isEvent := body.(Object); isEvent && letter.ID() != o.ID() || !isEvent && letter.Text("body") != body {
			t.Errorf("the dead letter is %v", letter)
		}
		if reason == "not_found" { // once its reason is gone it can be sent again as it is
			owner.Create(t, Object{"email": "b@example.it"})
			send(map[string]any(letter))
			Eventually(t, func() error {
				if got := textsOf(t, owner, "/v1/contacts/email:b@example.it", ""); len(got) != 1 {
					return fmt.Errorf("messages %q", got)
				}
				return nil
			})
		}
	}
	Eventually(t, func() error {
		if got := textsOf(t, owner, path, ""); len(got) != 2 {
			return fmt.Errorf("messages %q", got)
		}
		return nil
	})
	owner.Get(t, path).Has(Object{"version": 2})
	if who := owner.All(t, path+"/audit")[0]["actor"].(map[string]any); who["type"] != "integration" || who["id"] != "mailer" {
		t.Errorf("%v", who)
	}
	w.Verified(t)
}

// deadLetter waits for a dead letter of the queue, and takes it.
func deadLetter(t *testing.T, s *Service, of queue.Spec) (letter Object) {
	t.Helper()
	ctx := tenant.BindOperator(t.Context())
	Eventually(t, func() error {
		dead := of.Dead()
		messages, err := s.Queues.Receive(ctx, dead, 1, time.Second)
		if err != nil || len(messages) == 0 {
			return fmt.Errorf("no dead letter: %w", err)
		}
		if err := json.Unmarshal([]byte(messages[0].Body), &letter); err != nil {
			return err
		}
		return s.Queues.Delete(ctx, dead, messages...)
	})
	return letter
}
