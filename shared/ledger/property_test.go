package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/problem"
	"rubrica/shared/workspace"
)

// history is a random course of operations on one workspace.
type history struct {
	*system
	mu     sync.Mutex
	ids    []string // of contacts that were created
	merges []string
}

// TestVerifyIsCleanAfterAnyHistory does what users do, several at a time, and
// then holds everything that is stored against what follows from it.
func TestVerifyIsCleanAfterAnyHistory(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{system: s.inNewWorkspace(rt)}
		stop := func() {}
		if rapid.Bool().Draw(rt, "consumers run") {
			stop = sync.OnceFunc(h.start())
			defer stop()
		}
		for range rapid.IntRange(1, 10).Draw(rt, "rounds") {
			h.round(rt)
		}
		stop()
		h.drain(rt)
		h.mustBeClean(rt)
		h.mustBeAsLogged(rt, h.ids)
	})
}

// round does up to four operations at the same time.
func (h *history) round(rt *rapid.T) {
	if rapid.IntRange(0, 9).Draw(rt, "switch") == 0 {
		h.policy(rt, rapid.SampledFrom([]workspace.Duplicates{workspace.Allow, workspace.Reject}).Draw(rt, "policy"))
	}
	operations := make([]func() error, rapid.IntRange(1, 4).Draw(rt, "at once"))
	for i := range operations {
		scope := h.scope(rt)
		if rapid.Bool().Draw(rt, "keyed") {
			key := rapid.StringMatching(`[a-c]`).Draw(rt, "key")
			scope.Idempotency = ledger.NewIdempotency("user", key, []byte(key))
		}
		operations[i] = h.operation(rt, scope)
	}
	var done sync.WaitGroup
	failed := make(chan error, len(operations))
	for _, do := range operations {
		done.Go(func() {
			if err := do(); err != nil && problem.Of(err).Kind == problem.Internal {
				failed <- err
			}
		})
	}
	done.Wait()
	close(failed)
	for err := range failed {
		rt.Fatal(err)
	}
}

// operation draws one operation. Refusals are fine.
func (h *history) operation(rt *rapid.T, s *ledger.Scope) func() error {
	kinds := []string{"create", "create", "upsert", "patch", "replace", "replace", "follow", "unfollow", "add", "remove", "delete", "merge", "merge", "undo", "undo", "tag"}
	kind := rapid.SampledFrom(kinds).Draw(rt, "operation")
	ref := h.ref(rt)
	user := rapid.SampledFrom([]string{"u1", "u2", "u3"}).Draw(rt, "user")
	id, given, err := contact.ParseIdentity("email", emailOf(rapid.IntRange(0, 9).Draw(rt, "address")))
	if err != nil {
		rt.Fatal(err)
	}
	doc := randomDoc(rt)
	if kind == "replace" {
		doc = everything(11 * rapid.IntRange(0, 4).Draw(rt, "elevens"))
	}
	p := patch(rt, doc)
	update := func(apply func(contact.Contact) (contact.Contact, error)) func() error {
		return func() error {
			_, err := h.Update(h.ctx, s, ref, ledger.Operation{Apply: apply, Answer: answerID})
			return err
		}
	}
	switch kind {
	case "create":
		return func() error {
			a, err := h.Create(h.ctx, s, ledger.Operation{Apply: p.Apply, Answer: answerID})
			h.note(a)
			return err
		}
	case "upsert":
		ref := contact.Ref{Identity: id, Given: given}
		return func() error {
			a, err := h.Upsert(h.ctx, s, ref, p.Identities(), func(created bool) ledger.Operation {
				op := ledger.Operation{Apply: p.Apply, Answer: answerID}
				if created {
					op.Apply = func(none contact.Contact) (contact.Contact, error) { return p.Apply(contact.WithIdentity(none, ref)) }
				}
				return op
			})
			h.note(a)
			return err
		}
	case "follow":
		return update(func(c contact.Contact) (contact.Contact, error) { return contact.Follow(c, user) })
	case "unfollow":
		return update(func(c contact.Contact) (contact.Contact, error) { return contact.Unfollow(c, user) })
	case "add":
		return update(func(c contact.Contact) (contact.Contact, error) { return contact.AddOther(c, id, given) })
	case "remove":
		return update(func(c contact.Contact) (contact.Contact, error) { return contact.RemoveOther(c, id) })
	case "tag":
		return func() error {
			_, err := h.Update(h.ctx, s, ref, ledger.Operation{Tag: []string{user}, Apply: same, Answer: answerID})
			return err
		}
	case "merge":
		return h.merging(rt, s)
	case "undo":
		if len(h.merges) == 0 {
			return func() error { return nil }
		}
		id := rapid.SampledFrom(h.merges).Draw(rt, "merge")
		return func() error {
			_, err := h.Undo(h.ctx, s, ledger.Undoing{
				Merge: id, May: func(audit.Actor) error { return nil }, Answer: answerUndo,
			})
			return err
		}
	case "delete":
		return func() error { _, err := h.Delete(h.ctx, s, ref, ledger.IfMatch{}); return err }
	default:
		return update(p.Apply)
	}
}

// same changes nothing.
func same(c contact.Contact) (contact.Contact, error) { return c, nil }

// merging draws a merge of two to four contacts.
func (h *history) merging(rt *rapid.T, s *ledger.Scope) func() error {
	if len(h.ids) < 2 {
		return func() error { return nil }
	}
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(h.ids), 2, min(4, len(h.ids)), rapid.ID).Draw(rt, "contacts")
	return func() error {
		a, err := h.Merge(h.ctx, s, ledger.Merging{Survivor: ids[0], Others: ids[1:], Answer: answerMerge})
		if err == nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.merges = append(h.merges, a.Location)
		}
		return err
	}
}

func (h *history) note(a ledger.Answer) {
	if a.Location != "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ids = append(h.ids, a.Location)
	}
}

// ref draws a contact that was created, there still or not, or an address.
func (h *history) ref(rt *rapid.T) contact.Ref {
	if len(h.ids) == 0 || rapid.IntRange(0, 3).Draw(rt, "by address") == 0 {
		return contact.Ref{Identity: contact.EmailIdentity(emailOf(rapid.IntRange(0, 9).Draw(rt, "address")))}
	}
	return contact.ByID(h.ids[rapid.IntRange(0, len(h.ids)-1).Draw(rt, "contact")])
}

func emailOf(n int) string { return fmt.Sprintf("person%d@example.it", n) }
func phoneOf(n int) string { return fmt.Sprintf("+3935141173%02d", n) }

// randomDoc draws a patch of a few members, from so few values that contacts
// often share one.
func randomDoc(rt *rapid.T) string {
	member := func(name string, values ...string) *rapid.Generator[string] {
		return rapid.Map(rapid.SampledFrom(values), func(v string) string { return fmt.Sprintf("%q:%s", name, v) })
	}
	n := rapid.IntRange(0, 9).Draw(rt, "value")
	members := rapid.SliceOfNDistinct(rapid.OneOf(
		member("firstName", `"Maria"`, `"Anna"`, `null`),
		member("email", fmt.Sprintf("%q", emailOf(n)), `null`),
		member("phone", fmt.Sprintf("%q", phoneOf(n)), `null`),
		member("otherEmails", fmt.Sprintf("[%q,%q]", emailOf(n), emailOf(n+1)), `null`),
		member("otherPhones", fmt.Sprintf("[%q]", phoneOf(n+1)), `null`),
		member("externalIds", fmt.Sprintf(`{"sap":"K-%d"}`, n), `{"sap":null}`, `null`),
		member("owner", `"u1"`, `"u2"`, `null`),
		member("followers", `["u1","u3"]`, `[]`),
		member("vip", `true`, `false`),
		member("country", `"IT"`, `null`),
	), 0, 5, func(m string) string { name, _, _ := strings.Cut(m, ":"); return name }).Draw(rt, "members")
	return "{" + strings.Join(members, ",") + "}"
}

// everything is a patch that gives a contact as many hints as it can have, none
// of them the same from one multiple of eleven to the next: under the policy
// reject, two of them one after the other do not fit into one transaction.
func everything(from int) string {
	list := func(n int, of func(int) string) string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("%q", of(from+i+1))
		}
		return "[" + strings.Join(values, ",") + "]"
	}
	systems := make([]string, 10)
	for i := range systems {
		systems[i] = fmt.Sprintf(`"system%d":"K-%d"`, i, from)
	}
	return fmt.Sprintf(`{"email":%q,"phone":%q,"otherEmails":%s,"otherPhones":%s,"externalIds":{%s},"owner":"u%d","followers":%s,"vip":true}`,
		emailOf(from), phoneOf(from), list(10, emailOf), list(10, phoneOf), strings.Join(systems, ","),
		from, list(20, func(n int) string { return fmt.Sprintf("user%d", n) }))
}
