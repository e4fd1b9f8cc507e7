package ledger

import (
	"context"
	"strings"

	"rubrica/shared/company"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// checkCompanies checks companies, their histories, and their places in the order
// of names.
func (v *verification) checkCompanies(ctx context.Context, _ *trail, rows []table.Row) error {
	err := v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var c company.Company
		if d := v.decode(row, companySchema, &c, ""); d != nil {
			return nil, d
		}
		switch {
		case c.ID != row.Key.SK() || !ulid.Valid(c.ID):
			return nil, []defect{v.finding(MisplacedRow, row.Key, "", "it holds another company, or none")}
		case c.Version < 1 || c.Name == "" || !row.Expires.IsZero():
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version or name, or it expires")}
		}
		return &timeline{subject: companySubject(c.ID), keys: v.keysOf(companySubject(c.ID)), version: c.Version, since: since(companySubject(c.ID))}, nil
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		look := func(ctx context.Context) ([]defect, error) {
			stored, err := v.get(ctx, row.Key)
			if err != nil {
				return nil, err
			}
			c, err := decodeCompany(stored[row.Key])
			if err != nil || c.ID == "" {
				return nil, nil // gone, or a finding itself
			}
			place := companyNameKey(v.ws, &c)
			if stored, err = v.get(ctx, place); err != nil || stored[place].Exists() {
				return nil, err
			}
			d := v.finding(HintMissing, place, "", "a company is not in the order of names")
			d.mend = func(ctx context.Context) error {
				return v.write(ctx, table.Check(row.Key, table.Unchanged(row)), table.Put(table.Row{Key: place}))
			}
			return []defect{d}, nil
		}
		found, err := look(ctx)
		if err != nil {
			return err
		}
		if err := v.confirm(ctx, found, row.Key, look); err != nil {
			return err
		}
	}
	return nil
}

// checkCompanyNames checks places in the order of names: each must be a company's.
func (v *verification) checkCompanyNames(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		id := row.Key.SK()[strings.LastIndexByte(row.Key.SK(), ' ')+1:]
		if !ulid.Valid(id) {
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
			continue
		}
		look := func(ctx context.Context) ([]defect, error) {
			stored, err := v.get(ctx, companyKey(v.ws, id), row.Key)
			if err != nil || !stored[row.Key].Exists() {
				return nil, err
			}
			c, err := decodeCompany(stored[companyKey(v.ws, id)])
			if err != nil || c.ID != "" && companyNameKey(v.ws, &c) == row.Key {
				return nil, nil
			}
			d := v.finding(HintOrphaned, row.Key, "", "no company has this name")
			d.mend = func(ctx context.Context) error { return v.write(ctx, table.Delete(row.Key)) }
			return []defect{d}, nil
		}
		found, err := look(ctx)
		if err != nil {
			return err
		}
		if err := v.confirm(ctx, found, companyKey(v.ws, id), look); err != nil {
			return err
		}
	}
	return nil
}
