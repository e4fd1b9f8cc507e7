package ledger_test

import (
	"fmt"
	"testing"
)

// Contacts of one message are purged together: one with a long history, one
// whose row is damaged, one that is still there, one that never was.
func TestOneContactThatCannotBePurgedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	long, usual := s.create(t, `{"email":"long@example.it"}`), s.create(t, `{"email":"usual@example.it"}`)
	damaged, there := s.create(t, `{"firstName":"Damaged"}`), s.create(t, `{"firstName":"There"}`)
	for i := range 120 {
		s.change(t, long, fmt.Sprintf(`{"city":"City %d"}`, i))
	}
	s.drain(t)
	for _, id := range []string{long, usual, damaged} {
		s.delete(t, id)
	}
	row := s.row(t, s.main, "former", damaged)
	intact := row.Doc
	row.Doc = []byte(`{"deleted":1}`)
	s.put(t, s.main, row)

	purge := func() error {
		return s.Purge(s.ctx, s.scope(t), long, there, damaged, "01M7ZFRV2W3FX7HYXMWVHNQK81", usual)
	}
	if err := purge(); err == nil {
		t.Error("nobody heard of the damaged row")
	}
	for id, want := range map[string]int{long: 0, usual: 0, damaged: 1, there: 1} {
		if n := len(s.rows(t, s.main, "of", id)); n != want {
			t.Errorf("%d rows of the history of %s are left, want %d", n, id, want)
		}
	}
	if n := len(s.rows(t, s.audit, "of", long)); n != 121 {
		t.Errorf("%d entries in the log, want 121", n)
	}

	row.Doc = intact
	s.put(t, s.main, row)
	for range 2 { // twice is as good as once
		if err := purge(); err != nil {
			t.Fatal(err)
		}
	}
	s.drain(t)
	s.mustBeClean(t)
	left := s.row(t, s.main, "former", long)
	if left.Out != "" || left.Expires.IsZero() {
		t.Errorf("what is left of a purged contact: out %q, expires %s", left.Out, left.Expires)
	}
}
