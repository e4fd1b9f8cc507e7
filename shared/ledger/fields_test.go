package ledger_test

import (
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/ledger"
)

// define makes a custom field by way of a ledger.
func (s *system) define(t tester, l *ledger.Ledger, key string) {
	t.Helper()
	_, err := l.ChangeFields(s.ctx, s.scope(t), func(set field.Set) (ledger.FieldsChange, error) {
		after, _, err := set.Create(field.Draft{Key: key, Type: field.Text})
		return ledger.FieldsChange{Set: after, Action: audit.FieldCreated, Changes: []contact.Change{{Field: "label", To: key}}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// undefine deletes one.
func (s *system) undefine(t tester, l *ledger.Ledger, key string) {
	t.Helper()
	_, err := l.ChangeFields(s.ctx, s.scope(t), func(set field.Set) (ledger.FieldsChange, error) {
		after, _, err := set.Delete(key)
		return ledger.FieldsChange{Set: after, Action: audit.FieldDeleted, Changes: []contact.Change{{Field: "label", From: key}}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// set gives a contact a custom value by way of a ledger, in a scope.
func (s *system) set(t tester, l *ledger.Ledger, scope *ledger.Scope, id, doc string) map[string]string {
	t.Helper()
	p := patch(t, doc)
	fields, err := l.Fields(s.ctx, scope)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := p.Resolve(fields, ""); len(wrong) > 0 {
		t.Fatalf("%s: %v", doc, wrong)
	}
	answered := map[string]string{}
	_, err = l.Update(s.ctx, scope, contact.ByID(id), ledger.Operation{Apply: p.Apply, Answer: func(c *contact.Contact) ledger.Answer {
		for key, v := range c.View(scope.Shown()).Fields {
			answered[key] = string(v)
		}
		return ledger.Answer{Status: 200}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return answered
}

// values are what a new request sees.
func (s *system) values(t tester, l *ledger.Ledger, id string) map[string]string {
	t.Helper()
	scope, err := l.Enter(s.ctx, s.ws, audit.Actor{Type: audit.User, ID: "user_1"}, "request")
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Find(s.ctx, scope, contact.ByID(id))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := l.Fields(s.ctx, scope, *c)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for key, v := range c.View(&contact.Terms{Fields: fields}).Fields {
		seen[key] = string(v)
	}
	return seen
}

// TestWhoBeganBeforeAFieldWasMade knows nothing of it, and leaves its values alone
// all the same: the field may be made, and given a value, between two reads.
func TestWhoBeganBeforeAFieldWasMade(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.consume(t)
	another := ledger.New(s.main, audit.NewLog(s.audit), s.clock.now) // with what it remembers by itself
	id := s.create(t, `{"firstName":"Maria"}`)
	for _, l := range []*ledger.Ledger{s.Ledger, another} {
		old, oldReader := s.scope(t), s.scope(t)
		if l == another {
			s.values(t, another, id) // remembers the fields as they are
		}
		key := map[bool]string{true: "first", false: "second"}[l == s.Ledger]
		s.define(t, s.Ledger, key)
		s.set(t, s.Ledger, s.scope(t), id, `{"fields":{"`+key+`":"kept"}}`)
		if got := s.set(t, l, old, id, `{"city":"`+key+`"}`); got[key] != `"kept"` {
			t.Errorf("the change is answered with the values %v", got)
		}
		c, err := l.Find(s.ctx, oldReader, contact.ByID(id))
		if err != nil {
			t.Fatal(err)
		}
		fields, err := l.Fields(s.ctx, oldReader, *c)
		if err != nil || string(c.View(&contact.Terms{Fields: fields}).Fields[key]) != `"kept"` {
			t.Errorf("a reader sees the values %v, %v", c.View(&contact.Terms{Fields: fields}).Fields, err)
		}
		if got := s.values(t, l, id); got[key] != `"kept"` {
			t.Errorf("afterwards the values are %v", got)
		}
	}
	s.idle(t)
	s.mustBeClean(t)
}

// TestWhoBeganBeforeAFieldWasDeleted may still write its value, under an id that
// stands for nothing any more: nobody sees it, and it is not the value of a field
// that has the key anew.
func TestWhoBeganBeforeAFieldWasDeleted(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.consume(t)
	another := ledger.New(s.main, audit.NewLog(s.audit), s.clock.now)
	id := s.create(t, `{"firstName":"Maria"}`)
	s.define(t, s.Ledger, "score")
	s.values(t, another, id)
	old := s.scope(t)
	if _, err := another.Fields(s.ctx, old); err != nil {
		t.Fatal(err)
	}
	s.undefine(t, s.Ledger, "score")
	s.set(t, another, old, id, `{"fields":{"score":"late"}}`)
	s.define(t, s.Ledger, "score")
	for name, l := range map[string]*ledger.Ledger{"who deleted it": s.Ledger, "who was late": another} {
		if got := s.values(t, l, id); len(got) != 0 {
			t.Errorf("%s sees %v", name, got)
		}
	}
	s.idle(t)
	s.mustBeClean(t)
	s.set(t, s.Ledger, s.scope(t), id, `{"fields":{"score":"new"}}`)
	if got := s.values(t, another, id); got["score"] != `"new"` {
		t.Errorf("the values are %v", got)
	}
	s.idle(t)
	s.mustBeClean(t)
}
