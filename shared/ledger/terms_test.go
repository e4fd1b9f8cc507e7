package ledger_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/company"
	"rubrica/shared/contact"
	"rubrica/shared/ledger"
	"rubrica/shared/table"
	"rubrica/shared/tag"
)

// between is a driver that does something else once, before the next write.
type between struct {
	table.Driver

	do func()
}

func (b *between) Write(ctx context.Context, actions []table.Action) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Driver.Write(ctx, actions)
}

// hiding is a driver that does not see the tags themselves for a while.
type hiding struct {
	table.Driver

	hide bool
}

func (h *hiding) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := h.Driver.Read(ctx, keys, ranges)
	for i, k := range keys {
		if h.hide && err == nil && k.Partition().Parts()[0] == "tags" {
			rows[i] = table.Row{}
		}
	}
	return rows, pages, err
}

// anotherProcess is the same system, with none of what this one has met.
func (s *system) anotherProcess() *system {
	other := *s
	other.Ledger = ledger.New(s.main, audit.NewLog(s.audit), s.clock.now)
	return &other
}

// tag gives a contact tags and returns those that the answer shows.
func (s *system) tag(t tester, id string, names ...string) []string {
	t.Helper()
	return s.shownAfter(t, id, ledger.Operation{Tag: names, Apply: contact.Same}).Tags
}

// shownAfter changes a contact, which may get the companies, and returns it as the
// answer shows it.
func (s *system) shownAfter(t tester, id string, op ledger.Operation, companies ...string) (shown contact.View) {
	t.Helper()
	scope := s.scope(t)
	for _, company := range companies {
		if _, err := s.HasCompany(s.ctx, scope, company); err != nil {
			t.Fatal(err)
		}
	}
	op.Answer = func(c *contact.Contact) ledger.Answer {
		shown = c.View(scope.Shown())
		return answerID(c)
	}
	if _, err := s.Update(s.ctx, scope, contact.ByID(id), op); err != nil {
		t.Fatal(err)
	}
	return shown
}

// shown reads a contact as it is shown to a request whose scope began earlier.
func (s *system) shown(t tester, scope *ledger.Scope, id string) contact.View {
	t.Helper()
	c, err := s.Find(s.ctx, scope, contact.ByID(id))
	if err != nil {
		t.Fatal(err)
	}
	terms, err := s.Terms(s.ctx, scope, *c)
	if err != nil {
		t.Fatal(err)
	}
	return c.View(terms)
}

// remakeTag deletes a tag and gives the contact another one of its name.
func (s *system) remakeTag(t tester, id, name string) {
	t.Helper()
	if _, err := s.DeleteTag(s.ctx, s.scope(t), name, ledger.Answer{}); err != nil {
		t.Fatal(err)
	}
	s.tag(t, id, name)
}

// mustBeSound verifies while deleted tags and companies wait to be detached.
func mustBeSound(t *testing.T, s *system) {
	t.Helper()
	if report := s.mustVerify(t); !report.Clean() {
		t.Errorf("verify: %+v", report)
	}
}

func mustShow(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the contact shows the tags %q, want %q", got, want)
	}
}

// TestAnotherAttemptKnowsTheNamesOfNow: while somebody tags a contact, one of its
// tags is deleted, made anew and given to it again.
func TestAnotherAttemptKnowsTheNamesOfNow(t *testing.T) {
	t.Parallel()
	b := &between{}
	s := newSystem(t, func(d table.Driver) table.Driver { b.Driver = d; return b })
	id := s.create(t, `{"firstName":"Maria"}`)
	s.tag(t, id, "a", "c")
	b.do = func() { s.remakeTag(t, id, "a") }
	mustShow(t, s.tag(t, id, "b"), "a", "b", "c")
	b.do = func() {
		_, err := s.UpdateTag(s.ctx, s.scope(t), "c", func(x tag.Tag) tag.Tag { x.Name = "d"; return x }, func(tag.Tag, int64) ledger.Answer { return ledger.Answer{} })
		if err != nil {
			t.Error(err)
		}
		s.tag(t, id, "c")
	}
	mustShow(t, s.tag(t, id, "e"), "a", "b", "c", "d", "e")
	mustBeSound(t, s)
}

// TestAnotherAttemptShowsTheCompany: the company of the request is looked up
// once, and the contact that gets it written twice.
func TestAnotherAttemptShowsTheCompany(t *testing.T) {
	t.Parallel()
	b := &between{}
	s := newSystem(t, func(d table.Driver) table.Driver { b.Driver = d; return b })
	id := s.create(t, `{"firstName":"Maria"}`)
	var made string
	_, err := s.CreateCompany(s.ctx, s.scope(t), company.Company{Name: "Rossi"}, func(c company.Company, _ int64) ledger.Answer {
		made = c.ID
		return ledger.Answer{}
	})
	if err != nil {
		t.Fatal(err)
	}
	give := ledger.Operation{Apply: patch(t, `{"companyId":"`+made+`"}`).Apply}
	b.do = func() { s.change(t, id, `{"city":"Torino"}`) }
	if shown := s.shownAfter(t, id, give, made); shown.CompanyID != made || shown.Version != 3 {
		t.Errorf("version %d shows the company %q, want 3 and %q", shown.Version, shown.CompanyID, made)
	}
	s.change(t, id, `{"companyId":null}`)
	b.do = func() { // deleted under the request: it is as if it came just before
		s.change(t, id, `{"city":"Roma"}`)
		if _, err := s.DeleteCompany(s.ctx, s.scope(t), made, ledger.IfMatch{}, ledger.Answer{}); err != nil {
			t.Error(err)
		}
	}
	if shown := s.shownAfter(t, id, give, made); shown.CompanyID != "" {
		t.Errorf("a company that was deleted is shown: %q", shown.CompanyID)
	}
	mustBeSound(t, s)
}

// TestNamesAreAsNewAsTheContact: between the settings and the contact of one
// request a tag is renamed, and another one of its old name given.
func TestNamesAreAsNewAsTheContact(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := s.create(t, `{"firstName":"Maria"}`)
	s.tag(t, id, "a", "b")
	other := s.anotherProcess()
	mustShow(t, other.shown(t, other.scope(t), id).Tags, "a", "b")
	scope := other.scope(t)
	_, err := s.UpdateTag(s.ctx, s.scope(t), "a", func(x tag.Tag) tag.Tag { x.Name = "d"; return x }, func(tag.Tag, int64) ledger.Answer { return ledger.Answer{} })
	if err != nil {
		t.Fatal(err)
	}
	s.tag(t, id, "a")
	mustShow(t, other.shown(t, scope, id).Tags, "a", "b", "d")
}

// TestATagThatIsNotSeenYetStays: DynamoDB shows the rows of one transaction one
// by one, so that a reader may meet a new tag on a contact before the tag.
func TestATagThatIsNotSeenYetStays(t *testing.T) {
	t.Parallel()
	h := &hiding{}
	s := newSystem(t, func(d table.Driver) table.Driver { h.Driver = d; return h })
	id := s.create(t, `{"firstName":"Maria"}`)
	s.tag(t, id, "a")
	other := s.anotherProcess()
	h.hide = true
	mustShow(t, other.shown(t, other.scope(t), id).Tags)
	other.change(t, id, `{"city":"Torino"}`)
	h.hide = false
	mustShow(t, other.shown(t, other.scope(t), id).Tags, "a")
	s.drain(t)
	s.mustBeClean(t)
}

// TestPrefixLongerThanKeys: of a name that is too long for a key the beginning
// stands there; what is found by it begins with the prefix all the same.
func TestPrefixLongerThanKeys(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	long := strings.Repeat("😀", 230)
	for _, name := range []string{long + "x", long + "y", "z"} {
		if _, err := s.CreateTag(s.ctx, s.scope(t), tag.Tag{Name: name}, func(tag.Tag) ledger.Answer { return ledger.Answer{} }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateCompany(s.ctx, s.scope(t), company.Company{Name: name}, func(company.Company, int64) ledger.Answer { return ledger.Answer{} }); err != nil {
			t.Fatal(err)
		}
	}
	tags, _, err := s.Tags(s.ctx, s.scope(t), long+"Y", "", 10)
	if err != nil || len(tags) != 1 || tags[0].Name != long+"y" {
		t.Errorf("%d tags, %v; want the one that begins so", len(tags), err)
	}
	companies, _, err := s.Companies(s.ctx, s.scope(t), long+"Y", "", 10)
	if err != nil || len(companies) != 1 || companies[0].Name != long+"y" {
		t.Errorf("%d companies, %v; want the one that begins so", len(companies), err)
	}
}
