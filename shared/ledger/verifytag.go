package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"rubrica/shared/table"
	"rubrica/shared/ulid"
)

// checkTags checks tags, their histories, and the claims of their names.
func (v *verification) checkTags(ctx context.Context, _ *trail, rows []table.Row) error {
	err := v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var t tagRecord
		if d := v.decode(row, tagSchema, &t, ""); d != nil {
			return nil, d
		}
		switch {
		case t.ID != row.Key.SK() || !ulid.Valid(t.ID) || row.Key != tagKey(v.ws, t.ID):
			return nil, []defect{v.finding(MisplacedRow, row.Key, "", "it holds another tag, or none")}
		case t.Version < 1 || t.Name == "" || t.Deleted == row.Expires.IsZero():
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version or name, or it expires without having been deleted")}
		}
		return &timeline{subject: tagSubject(t.ID), keys: v.keysOf(tagSubject(t.ID)), version: t.Version, since: t.CreatedAt, own: &row, ownVersion: 1}, nil
	})
	if err != nil {
		return err
	}
	var keys []table.Key
	for _, row := range rows {
		var t tagRecord
		if v.decode(row, tagSchema, &t, "") == nil && t.exists() {
			keys = append(keys, tagNameKey(v.ws, t.Name))
		}
	}
	claims, err := v.get(ctx, keys...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		err := v.confirm(ctx, v.judgeClaimed(row, claims), row.Key, func(ctx context.Context) ([]defect, error) {
			now, err := v.get(ctx, row.Key)
			if err != nil || len(now) == 0 {
				return nil, err
			}
			var t tagRecord
			if v.decode(now[row.Key], tagSchema, &t, "") != nil || !t.exists() {
				return nil, nil
			}
			claims, err := v.get(ctx, tagNameKey(v.ws, t.Name))
			if err != nil {
				return nil, err
			}
			return v.judgeClaimed(now[row.Key], claims), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judgeClaimed says whether a tag has not claimed its name.
func (v *verification) judgeClaimed(row table.Row, claims map[table.Key]table.Row) []defect {
	var t tagRecord
	if v.decode(row, tagSchema, &t, "") != nil || !t.exists() {
		return nil
	}
	var c tagClaim
	stored := claims[tagNameKey(v.ws, t.Name)]
	if stored.Exists() && decode(stored, tagClaimSchema, &c) == nil && c == (tagClaim{t.ID, t.Name}) {
		return nil
	}
	d := v.finding(HintMissing, tagNameKey(v.ws, t.Name), "", "a tag has not claimed its name")
	if !stored.Exists() {
		d.mend = func(ctx context.Context) error {
			return v.write(ctx, table.Check(row.Key, table.Unchanged(row)), table.Put(claimRow(v.ws, &t.Tag), table.Absent()))
		}
	}
	return []defect{d}
}

// checkTagNames checks claims of names: each must be of a tag of that name.
func (v *verification) checkTagNames(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		judge := func(ctx context.Context, row table.Row) ([]defect, error) {
			var c tagClaim
			if d := v.decode(row, tagClaimSchema, &c, ""); d != nil {
				return d, nil
			}
			var t tagRecord
			if ulid.Valid(c.ID) {
				stored, err := v.get(ctx, tagKey(v.ws, c.ID))
				if err != nil {
					return nil, err
				}
				if r := stored[tagKey(v.ws, c.ID)]; r.Exists() && v.decode(r, tagSchema, &t, "") != nil {
					return nil, nil // the tag is a finding itself
				}
			}
			if t.exists() && t.Name == c.Name && tagNameKey(v.ws, t.Name) == row.Key {
				return nil, nil
			}
			d := v.finding(HintOrphaned, row.Key, "", "no tag has this name")
			d.mend = func(ctx context.Context) error { return v.write(ctx, table.Delete(row.Key, table.Unchanged(row))) }
			return []defect{d}, nil
		}
		found, err := judge(ctx, row)
		if err != nil {
			return err
		}
		err = v.confirm(ctx, found, row.Key, func(ctx context.Context) ([]defect, error) {
			now, err := v.get(ctx, row.Key)
			if err != nil || len(now) == 0 {
				return nil, err
			}
			return judge(ctx, now[row.Key])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// countedAt returns the value of a counted index whose hint or count a key names.
func countedAt(k table.Key) (h Hint, ok bool) {
	parts := k.Partition().Parts()
	if len(parts) != 3 {
		return h, false
	}
	h = Hint{Index(parts[0]), parts[1]}
	return h, h.counted() && ulid.Valid(h.Value)
}

// isCount tells whether a key names the count of a value.
func isCount(k table.Key) bool {
	_, ok := countedAt(k)
	return ok && k.SK() == alone
}

// checkCount holds how many carry a value, in one shard, against its hints, and
// what they carry against what there is.
func (v *verification) checkCount(ctx context.Context, h Hint, of table.Partition) error {
	anchor := of.Row(alone)
	look := func(ctx context.Context) (found []defect, hints tally, err error) {
		stored, err := v.get(ctx, anchor, h.definition(v.ws))
		if err != nil {
			return nil, hints, err
		}
		err = v.ledger.table.All(ctx, table.Range{Of: of, From: "0", Limit: scanPage}, func(row table.Row) error { return hints.add(row) })
		if err != nil {
			return nil, hints, unavailable("counting hints", err)
		}
		return v.judgeCount(h, of, hints.n, stored), hints, nil
	}
	found, _, err := look(ctx)
	if err != nil {
		return err
	}
	// A hint that passes to another contact does not touch the count, and may be
	// counted twice or not at all: what was there twice in a row was there between.
	return v.confirm(ctx, found, anchor, func(ctx context.Context) ([]defect, error) {
		_, before, err := look(ctx)
		if err != nil {
			return nil, err
		}
		found, after, err := look(ctx)
		if err == nil && before != after {
			err = errRaced
		}
		return found, err
	})
}

// tally counts rows; two are the same if they are of the same writes.
type tally struct {
	n   int64
	sum [sha256.Size]byte
}

func (t *tally) add(row table.Row) error {
	t.n++
	t.sum = sha256.Sum256(fmt.Append(t.sum[:], row.Key.SK(), " ", row.Rev))
	return nil
}

func (v *verification) judgeCount(h Hint, of table.Partition, n int64, stored map[table.Key]table.Row) (found []defect) {
	anchor := of.Row(alone)
	count := stored[anchor]
	if count.Count != n {
		d := v.finding(CountWrong, anchor, "", strconv.FormatInt(count.Count, 10)+" instead of "+strconv.FormatInt(n, 10))
		d.mend = func(ctx context.Context) error { // whoever puts or removes a hint changes the count too
			return v.write(ctx, table.Add(anchor, n-count.Count, table.Unchanged(count)))
		}
		found = append(found, d)
	}
	if there, err := h.defined(stored[h.definition(v.ws)]); err == nil && !there && n > 0 {
		d := v.finding(CarriedOn, anchor, "", "contacts carry what is no more")
		d.pending = true
		d.mend = func(ctx context.Context) error { return v.ledger.detach(ctx, v.own(), h) }
		found = append(found, d)
	}
	return found
}
