package main

import (
	"context"
	"fmt"
)

func people(ctx context.Context, w *world, n int) error { return w.fill(ctx, n, person) }

func peopleAndKey(ctx context.Context, w *world, n int) error {
	text, err := w.make(ctx, "/v1/tokens", tokenBody, "token")
	if err != nil {
		return err
	}
	w.spare = append(w.spare, text)
	if err := people(ctx, w, n); err != nil {
		return err
	}
	// The first use of a day is noted, which is not what every call costs.
	_, err = w.do(ctx, call{method: "GET", path: "/v1/me", header: []string{"authorization", "Bearer " + text}, want: 200})
	return err
}

func rejecting(ctx context.Context, w *world, _ int) error {
	_, err := w.do(ctx, call{method: "PATCH", path: "/v1/workspace", body: `{"duplicates":"reject"}`, want: 200})
	return err
}

func peopleRejecting(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, n); err != nil {
		return err
	}
	return rejecting(ctx, w, n)
}

func peopleFollowed(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"followers":["`+owner+`"]`) })
}

func peopleOfTwoAddresses(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"otherEmails":["`+address(5000+i)+`"]`) })
}

// crowd is so many contacts of one owner that each of the four shards over which
// chance spreads them has more than a page asks it for: what a page reads is then
// no matter of chance.
func crowd(ctx context.Context, w *world, _ int) error {
	return w.fill(ctx, 300, func(i int) string { return personWith(i, `,"owner":"`+owner+`"`) })
}

func createdKeyed(ctx context.Context, w *world, n int) error {
	for i := range n {
		if _, err := w.do(ctx, createKeyed(w, i)); err != nil {
			return err
		}
	}
	return nil
}

// celebrities have as many addresses, numbers, external ids and followers as a
// contact may have: 54 rows beside their own.
func celebrities(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return celebrity(i, "old") })
}

// historic is a contact with more changes than a page shows.
func historic(ctx context.Context, w *world, _ int) error {
	if err := people(ctx, w, 1); err != nil {
		return err
	}
	for i := range 40 {
		c := patch(fmt.Sprintf(`{"city":"Torino %02d"}`, i))(w, 0)
		if _, err := w.do(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func tokens(ctx context.Context, w *world, n int) error {
	for range max(n, 30) {
		id, err := w.make(ctx, "/v1/tokens", tokenBody, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}

func defined(ctx context.Context, w *world, n int) error {
	for i := range n {
		if _, err := w.make(ctx, "/v1/fields", fieldBody(i), "key"); err != nil {
			return err
		}
	}
	return nil
}

func foldered(ctx context.Context, w *world, n int) error {
	for i := range n {
		id, err := w.make(ctx, "/v1/folders", folderBody(i), "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}

func tagName(i int) string { return fmt.Sprintf("tag_%03d", i) }

// tagsMade are tags that nobody carries, the two that contacts are given the last
// of them. Whoever has made them knows for a minute how many there are.
func tagsMade(ctx context.Context, w *world, n int) error {
	var names []string
	for i := range max(n, 30) {
		names = append(names, tagName(i))
	}
	for _, name := range append(names, "lead", "Torino") {
		id, err := w.make(ctx, "/v1/tags", `{"name":"`+name+`"}`, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}

func peopleAndTags(ctx context.Context, w *world, n int) error {
	if err := tagsMade(ctx, w, n); err != nil {
		return err
	}
	return people(ctx, w, n)
}

func peopleTagged(ctx context.Context, w *world, n int) error {
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"tags":["lead"]`) })
}

// peopleTaggedApart carry a tag each that nobody else carries.
func peopleTaggedApart(ctx context.Context, w *world, n int) error {
	if err := tagsMade(ctx, w, n); err != nil {
		return err
	}
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"tags":["`+tagName(i)+`"]`) })
}

func taggedCrowd(ctx context.Context, w *world, _ int) error {
	return w.fill(ctx, 300, func(i int) string { return personWith(i, `,"tags":["lead"]`) })
}

func vipCrowd(ctx context.Context, w *world, _ int) error {
	return w.fill(ctx, 300, func(i int) string { return personWith(i, `,"vip":true`) })
}

// companies leaves the ids of companies that no contact has.
func companies(ctx context.Context, w *world, n int) error {
	for i := range max(n, 30) {
		id, err := w.make(ctx, "/v1/companies", companyBody(i), "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}

func peopleAndCompanies(ctx context.Context, w *world, n int) error {
	if err := companies(ctx, w, n); err != nil {
		return err
	}
	return people(ctx, w, n)
}

// peopleOfCompanies have a company each.
func peopleOfCompanies(ctx context.Context, w *world, n int) error {
	if err := companies(ctx, w, n); err != nil {
		return err
	}
	return w.fill(ctx, n, func(i int) string { return personWith(i, `,"companyId":"`+w.spare[i]+`"`) })
}

func companyCrowd(ctx context.Context, w *world, _ int) error {
	if err := companies(ctx, w, 1); err != nil {
		return err
	}
	return w.fill(ctx, 300, func(i int) string { return personWith(i, `,"companyId":"`+w.spare[0]+`"`) })
}

// noted is a contact with more notes than a page shows.
func noted(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, 1); err != nil {
		return err
	}
	for range max(n, 40) {
		id, err := w.make(ctx, "/v1/contacts/"+w.contacts[0]+"/notes", noteBody, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}

func peopleBlocked(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, n); err != nil {
		return err
	}
	return w.block(ctx, n)
}

func blockedCrowd(ctx context.Context, w *world, n int) error {
	if err := crowd(ctx, w, n); err != nil {
		return err
	}
	return w.block(ctx, len(w.contacts))
}

// block blocks the first n contacts.
func (w *world) block(ctx context.Context, n int) error {
	for i := range n {
		if _, err := w.do(ctx, consenting("POST", "/block", blockBody)(w, i)); err != nil {
			return err
		}
	}
	return nil
}

func leased(ctx context.Context, w *world, n int) error {
	if err := people(ctx, w, n); err != nil {
		return err
	}
	for i := range n {
		if _, err := w.do(ctx, lease("PUT", leaseBody, 200)(w, i)); err != nil {
			return err
		}
	}
	return nil
}

// couples are two contacts for each call.
func couples(ctx context.Context, w *world, n int) error { return people(ctx, w, 2*n) }

func couplesTagged(ctx context.Context, w *world, n int) error {
	tags := []string{`,"tags":["lead","Torino"]`, `,"tags":["VIP","Milano"]`}
	return w.fill(ctx, 2*n, func(i int) string { return personWith(i, tags[i%2]) })
}

// peopleMerged are couples of which one contact was made; it leaves the merges' ids.
func peopleMerged(ctx context.Context, w *world, n int) error {
	n = max(n, 30)
	if err := couples(ctx, w, n); err != nil {
		return err
	}
	for i := range n {
		c := mergeOf("", 201)(w, i)
		id, err := w.make(ctx, c.path, c.body, "id")
		if err != nil {
			return err
		}
		w.spare = append(w.spare, id)
	}
	return nil
}
