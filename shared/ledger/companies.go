package ledger

import (
	"context"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/company"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tag"
	"rubrica/shared/tenant"
)

// A company is two rows: itself, by its id, and its place in the order of names,
// which need not be unique. A third kind counts its contacts, see counts.go.

const companySchema = 1

// companyKind begins the subjects that are companies.
const companyKind = "company"

func companySubject(id string) string { return companyKind + ":" + id }

func companyKey(ws tenant.Workspace, id string) table.Key { return table.In(ws, "companies").Row(id) }

func companyNamesIn(ws tenant.Workspace) table.Partition { return table.In(ws, "companynames") }

// companyNameKey places a company in the order of folded names, then of ids.
func companyNameKey(ws tenant.Workspace, c *company.Company) table.Key {
	return companyNamesIn(ws).Row(companyOrder(c.Name) + " " + c.ID)
}

// companyOrder is a name as it stands in keys, or the beginning of a long one.
func companyOrder(name string) string { return cutText(tag.Fold(name), maxNameKey) }

func companyRow(ws tenant.Workspace, c *company.Company) table.Row {
	return table.Row{Key: companyKey(ws, c.ID), Schema: companySchema, Doc: encode(c)}
}

// decodeCompany reads a company's row; that of an absent one is zero.
func decodeCompany(row table.Row) (c company.Company, err error) {
	if row.Exists() {
		err = decode(row, companySchema, &c)
	}
	return c, err
}

// companyDetail says in the log which company it was.
func companyDetail(id string) map[string]any { return map[string]any{"company": id} }

// WantCompany asks for a company; "" for none.
func WantCompany(ws tenant.Workspace, id string) Want {
	if id == "" {
		return Want{}
	}
	return Want{Keys: []table.Key{companyKey(ws, id)}}
}

// WantCountedCompany asks for a company with how many contacts it has.
func (l *Ledger) WantCountedCompany(ws tenant.Workspace, id string) Want {
	return WantCompany(ws, id).Plus(Want{Keys: countKeys(ws, l.Guess(ws).Shards, Hint{IndexCompany, id})})
}

// HasCompany tells whether there is a company, for a contact that is to get it:
// its answer will show it. No round trip after WantCompany.
func (l *Ledger) HasCompany(ctx context.Context, s *Scope, id string) (bool, error) {
	rows, err := l.get(ctx, s, companyKey(s.Workspace, id))
	if err != nil {
		return false, err
	}
	c, err := decodeCompany(rows[0])
	if err == nil && c.ID != "" {
		s.name(id, c.Name)
	}
	return c.ID != "", err
}

// CompanyCount is a company with how many contacts it has.
type CompanyCount struct {
	company.Company
	Contacts int64

	row table.Row
}

// Company returns a company. Strongly consistent; one round trip, none after
// WantCountedCompany. problem.NotFound if there is none.
func (l *Ledger) Company(ctx context.Context, s *Scope, id string) (CompanyCount, error) {
	all, err := l.companies(ctx, s, id)
	if err != nil {
		return CompanyCount{}, err
	}
	if all[0].ID == "" {
		return CompanyCount{}, NoCompany()
	}
	return all[0], nil
}

// NoCompany is the refusal of an id that no company has.
func NoCompany() error { return problem.New(problem.NotFound, "There is no such company.") }

// companies reads companies with their counts, in one round trip; those that are
// not there are zero.
func (l *Ledger) companies(ctx context.Context, s *Scope, ids ...string) ([]CompanyCount, error) {
	each := 1 + s.Settings.Shards
	keys := make([]table.Key, 0, len(ids)*each)
	for _, id := range ids {
		keys = append(append(keys, companyKey(s.Workspace, id)), countKeys(s.Workspace, s.Settings.Shards, Hint{IndexCompany, id})...)
	}
	rows, err := l.get(ctx, s, keys...)
	if err != nil {
		return nil, err
	}
	all := make([]CompanyCount, len(ids))
	for i := range ids {
		own := rows[i*each:][:each]
		if all[i].Company, err = decodeCompany(own[0]); err != nil {
			return nil, err
		}
		all[i].Contacts, all[i].row = sum(own[1:]), own[0]
	}
	if s.Sees != nil && len(ids) > 0 {
		seen, err := l.seen(ctx, s, IndexCompany)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			all[i].Contacts = seen[id]
		}
	}
	return all, nil
}

// WantCompanies asks for a page of Companies.
func WantCompanies(ws tenant.Workspace, prefix, after string, limit int) Want {
	return Want{Ranges: []table.Range{companyNames(ws, prefix, after, limit)}}
}

func companyNames(ws tenant.Workspace, prefix, after string, limit int) table.Range {
	return table.Range{Of: companyNamesIn(ws), Prefix: companyOrder(prefix), After: after, Limit: limit}
}

// Companies returns a page of the companies whose names begin with a prefix,
// without case, in the order of their folded names; next is the After of the next
// page, "" at the end. Two round trips.
func (l *Ledger) Companies(ctx context.Context, s *Scope, prefix, after string, limit int) (page []CompanyCount, next string, err error) {
	names, err := l.pages(ctx, s, []table.Range{companyNames(s.Workspace, prefix, after, limit)})
	if err != nil || len(names[0].Rows) == 0 {
		return nil, "", err
	}
	ids := make([]string, len(names[0].Rows))
	for i, row := range names[0].Rows {
		ids[i] = row.Key.SK()[strings.LastIndexByte(row.Key.SK(), ' ')+1:]
	}
	all, err := l.companies(ctx, s, ids...)
	if err != nil {
		return nil, "", err
	}
	for i := range all {
		// Else it was deleted in between, or a prefix too long for keys left it in.
		if all[i].ID != "" && strings.HasPrefix(tag.Fold(all[i].Name), tag.Fold(prefix)) {
			page = append(page, all[i])
		}
	}
	return page, names[0].Next, nil
}

// CreateCompany makes a company.
func (l *Ledger) CreateCompany(ctx context.Context, s *Scope, c company.Company, answer func(company.Company, int64) Answer) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		c.ID, c.Version = l.ids.New(), 1
		return l.commitSubject(ctx, s, subjectChange{
			subject: companySubject(c.ID), version: 1, action: audit.CompanyCreated, changes: companyChanges(company.Company{}, c), detail: companyDetail(c.ID),
			actions: []table.Action{
				table.Put(companyRow(s.Workspace, &c), table.Absent()),
				table.Put(table.Row{Key: companyNameKey(s.Workspace, &c)}),
			},
			answer: answer(c, 0),
		})
	})
}

// UpdateCompany changes a company; apply is pure. Where nothing differs nothing is
// written.
func (l *Ledger) UpdateCompany(ctx context.Context, s *Scope, id string, match IfMatch, apply func(company.Company) company.Company,
	answer func(company.Company, int64) Answer,
) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		before, err := l.Company(ctx, s, id)
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(before.Version) {
			return Answer{}, staleCompany()
		}
		after := apply(before.Company)
		changes := companyChanges(before.Company, after)
		if len(changes) == 0 {
			return l.keepOnly(ctx, s, answer(before.Company, before.Contacts), s.sealers())
		}
		after.Version++
		actions := []table.Action{table.Put(companyRow(s.Workspace, &after), table.Unchanged(before.row))}
		if from, to := companyNameKey(s.Workspace, &before.Company), companyNameKey(s.Workspace, &after); from != to {
			actions = append(actions, table.Delete(from), table.Put(table.Row{Key: to}))
		}
		return l.commitSubject(ctx, s, subjectChange{
			subject: companySubject(id), version: after.Version, action: audit.CompanyUpdated, changes: changes, detail: companyDetail(id),
			actions: actions, answer: answer(after, before.Contacts),
		})
	})
}

func staleCompany() error {
	return problem.New(problem.Stale, "The company is not at the version that If-Match names; read it again.")
}

// DeleteCompany deletes a company. From the moment that this returns no contact
// shows it; they are rid of it in the background.
func (l *Ledger) DeleteCompany(ctx context.Context, s *Scope, id string, match IfMatch, answer Answer) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		before, err := l.Company(ctx, s, id)
		if err != nil {
			return Answer{}, err
		}
		if !match.Allows(before.Version) {
			return Answer{}, staleCompany()
		}
		return l.commitSubject(ctx, s, subjectChange{
			subject: companySubject(id), version: before.Version + 1, action: audit.CompanyDeleted, detail: companyDetail(id),
			changes: companyChanges(before.Company, company.Company{}), out: TopicDetach,
			actions: []table.Action{
				table.Delete(companyKey(s.Workspace, id), table.Unchanged(before.row)),
				table.Delete(companyNameKey(s.Workspace, &before.Company)),
				s.nextEpoch(),
			},
			answer: answer,
		})
	})
}

// companyChanges lists what differs between two states of a company.
func companyChanges(before, after company.Company) []contact.Change {
	var changes []contact.Change
	for _, m := range company.Members() {
		if from, to := *m.At(&before), *m.At(&after); from != to {
			changes = append(changes, contact.Change{Field: m.Name, From: orNil(from), To: orNil(to)})
		}
	}
	return changes
}
