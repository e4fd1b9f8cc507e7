package main

import (
	"context"
	"fmt"
)

const (
	messageData = `{"channel":"telegram","text":"Buongiorno, vorrei sapere se domani siete aperti anche di pomeriggio. Grazie!"}`
	accountBody = `{"channel":"telegram","name":"Support"}`
)

// received is the i-th message of a contact.
func (w *world) received(contact string, i int, data string) call {
	body := fmt.Sprintf(`{"id":"telegram-%06d","type":"message.received","at":"2026-11-20T09:30:%02d.%03dZ","contact":%q,"data":%s}`, i, i/1000, i%1000, contact, data)
	return call{method: "POST", path: "/v1/events", header: w.asIntegration(), body: body, want: 202}
}

// messaged is a contact that has written at least a page.
func messaged(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, 1); err != nil {
		return err
	}
	for i := range max(n, 40) {
		if _, err := w.do(ctx, w.received(w.contacts[0], i, messageData)); err != nil {
			return err
		}
	}
	return nil
}

// peopleMessaged have written once each.
func peopleMessaged(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, n); err != nil {
		return err
	}
	for i, id := range w.contacts {
		if _, err := w.do(ctx, w.received(id, i, messageData)); err != nil {
			return err
		}
	}
	return nil
}

// accounts are as many as are needed, half of the most that there may be at least.
func accounts(ctx context.Context, w *world, n int) error {
	for range max(n, 50) {
		id, err := w.make(ctx, "/v1/channels", accountBody, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}
