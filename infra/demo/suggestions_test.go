package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rubrica/infra/e2e"
	"rubrica/shared/contact"
)

// people is a file as contact managers export them: many stand in it twice and
// more, in other spellings. The same file every time.
func people() string {
	random := rand.New(rand.NewPCG(6, 7)) //nolint:gosec // nothing is secret
	var b strings.Builder
	b.WriteString("First Name,Phone,Email\n")
	for n := range 400 {
		subscriber := 71000000 + random.IntN(250)
		phone := []string{"", fmt.Sprintf("+55119%d", subscriber), fmt.Sprintf("+5511%d", subscriber), fmt.Sprintf("+55 11 9%d", subscriber)}[random.IntN(4)]
		email := ""
		if random.IntN(3) > 0 {
			email = fmt.Sprintf([]string{"P%d@example.com", "p%d@Example.COM"}[random.IntN(2)], random.IntN(250))
		}
		fmt.Fprintf(&b, "N%d,%s,%s\n", n, phone, email)
	}
	return b.String()
}

// TestSuggestionsAreWhatBruteForceFinds loads a file, RUBRICA_CONTACTS if it is
// set, and compares every canonical value of every contact with every other.
func TestSuggestionsAreWhatBruteForceFinds(t *testing.T) {
	t.Parallel()
	text := people()
	if name := os.Getenv("RUBRICA_CONTACTS"); name != "" {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	service := e2e.Serve(t)
	if out, err := demo(t, text, "-url", service.URL); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := service.Named(t, "demo")
	owner := w.As(t, "owner")
	contacts := owner.All(t, "/v1/contacts?limit=100&sort=createdAt")
	want := bruteForce(contacts)
	if len(want) == 0 {
		t.Fatal("nobody shares anything")
	}
	t.Logf("%d suggestions of %d contacts", len(want), len(contacts))
	e2e.Eventually(t, func() error {
		got := map[string]string{}
		for _, s := range owner.All(t, "/v1/merge-suggestions?limit=100") {
			group, matches := shownAs(s)
			if got[group] != "" {
				return fmt.Errorf("twice: %s", group)
			}
			got[group] = matches
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
	for _, c := range contacts[:min(len(contacts), 200)] {
		got := map[string]string{}
		for _, s := range owner.All(t, "/v1/contacts/"+c.ID()+"/merge-suggestions") {
			group, matches := shownAs(s)
			got[group] = matches
		}
		mine := map[string]string{}
		for group, matches := range want {
			if slices.Contains(strings.Fields(group), c.ID()) {
				mine[group] = matches
			}
		}
		if diff := gocmp.Diff(mine, got); diff != "" {
			t.Errorf("of %s (-want +got):\n%s", c.ID(), diff)
		}
	}
	w.Verified(t)
}

// shownAs is a suggestion as bruteForce has it; no one here is of more than ten.
func shownAs(s e2e.Object) (group, matches string) {
	var ids, values []string
	for _, id := range s["contacts"].([]any) {
		ids = append(ids, id.(string))
	}
	for _, m := range s["matches"].([]any) {
		match := m.(map[string]any)
		for _, v := range match["values"].([]any) {
			o := v.(map[string]any)
			values = append(values, fmt.Sprint(match["kind"], " ", o["contactId"], " ", o["field"], " ", o["value"]))
		}
	}
	slices.Sort(values)
	return strings.Join(ids, " "), strings.Join(values, "\n")
}

// bruteForce finds, by the ids of contacts that share values, where they have them.
func bruteForce(contacts []e2e.Object) map[string]string {
	type place struct{ id, field, value string }
	var places []place
	for _, c := range contacts {
		for _, field := range []string{"email", "phone"} {
			if s := c.Text(field); s != "" {
				places = append(places, place{c.ID(), field, s})
			}
		}
	}
	same := func(a, b place) bool {
		if a.field == "email" {
			return a.field == b.field && contact.EmailIdentity(a.value) == contact.EmailIdentity(b.value)
		}
		return a.field == b.field && contact.PhoneIdentity(a.value) == contact.PhoneIdentity(b.value)
	}
	found := map[string][]string{}
	for i, a := range places {
		var ids, values []string
		first := true
		for j, b := range places {
			if same(a, b) {
				first = first && j >= i
				ids = append(ids, b.id)
				values = append(values, b.field+" "+b.id+" "+b.field+" "+b.value)
			}
		}
		if slices.SortFunc(ids, cmp.Compare[string]); first && len(ids) > 1 {
			key := strings.Join(ids[:min(len(ids), 10)], " ")
			found[key] = append(found[key], values...)
		}
	}
	texts := map[string]string{}
	for key, values := range found {
		slices.Sort(values)
		texts[key] = strings.Join(values, "\n")
	}
	return texts
}
