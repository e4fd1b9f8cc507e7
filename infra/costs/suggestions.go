package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// doubles are contacts, each of whom shares its address with another one.
func doubles(ctx context.Context, w *world, n int) error {
	n = max(n, 30)
	if err := people(ctx, w, n); err != nil {
		return err
	}
	return w.fill(ctx, n, func(i int) string { return fmt.Sprintf(`{"lastName":"Rossi","otherEmails":[%q]}`, address(i)) })
}

// suggestedDoubles leaves the ids of the doubles' suggestions.
func suggestedDoubles(ctx context.Context, w *world, n int) error {
	if err := doubles(ctx, w, n); err != nil {
		return err
	}
	return w.suggested(ctx, n)
}

// suggestedCrowd is a suggestion of two hundred contacts; it leaves its id.
func suggestedCrowd(ctx context.Context, w *world, _ int) error {
	if err := w.fill(ctx, 200, func(int) string { return fmt.Sprintf(`{"lastName":"Rossi","email":%q}`, address(0)) }); err != nil {
		return err
	}
	return w.suggested(ctx, 1)
}

// suggested leaves the id of the first suggestion of each of the first contacts.
func (w *world) suggested(ctx context.Context, n int) error {
	for i := range n {
		answer, err := w.do(ctx, call{method: "GET", path: "/v1/contacts/" + w.contacts[i] + "/merge-suggestions", want: 200})
		if err != nil {
			return err
		}
		var page struct{ Items []struct{ ID string } }
		if err := json.Unmarshal(answer, &page); err != nil || len(page.Items) == 0 {
			return fmt.Errorf("nothing is suggested: %s: %w", answer, err)
		}
		w.spare = append(w.spare, page.Items[0].ID)
	}
	return nil
}
