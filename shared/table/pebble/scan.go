package pebble

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	lsm "github.com/cockroachdb/pebble/v2"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Scan implements table.Driver. A partition belongs to one segment, by the hash
// of its key; the partitions of other segments are stepped over. So a segment
// costs a seek for every partition of the others: segments share the work of
// whoever handles the rows, not that of finding them.
func (t *Table) Scan(ctx context.Context, s table.Segment) (table.Page, error) {
	if err := t.store.begin(ctx); err != nil {
		return table.Page{}, err
	}
	defer t.store.leave()
	ws := ""
	if bound, one := tenant.Bound(ctx); one {
		ws = bound.String()
	}
	it, err := t.store.db.NewIter(t.scanBounds(ws))
	if err != nil {
		return table.Page{}, t.store.broken(err)
	}
	sc := scan{t: t, it: it, segment: s, workspace: ws, now: t.store.now().Unix()}
	page, err := sc.page(ctx)
	if closing := it.Close(); err == nil && closing != nil {
		err = t.store.broken(closing)
	}
	if err == nil && !t.unsynced.none() {
		err = t.unsynced.last().wait(ctx)
	}
	if err != nil {
		return table.Page{}, err
	}
	return page, nil
}

// scanBounds are the rows of a workspace, or all for "". There may be some of
// other workspaces among them, whose names begin alike.
func (t *Table) scanBounds(ws string) *lsm.IterOptions {
	lower := append(bytes.Clone(t.prefix), ws...)
	upper := bytes.Clone(lower)
	if ws == "" {
		upper[len(upper)-1] = afterNUL
	} else {
		// Its partition keys are its name alone, or the name and a slash.
		upper = append(upper, '/'+1)
	}
	return &lsm.IterOptions{LowerBound: lower, UpperBound: upper}
}

// scan is one page of a Scan on its way.
type scan struct {
	t         *Table
	it        *lsm.Iterator
	segment   table.Segment
	workspace string
	now       int64

	partition table.Partition // the one being read
	ours      bool            // whether it is of the workspace and the segment
	seek      []byte
}

func (s *scan) page(ctx context.Context) (page table.Page, err error) {
	var more bool
	if s.segment.After == "" {
		more = s.it.First()
	} else {
		s.seek = append(append(s.seek[:0], s.t.prefix...), s.segment.After...)
		if more = s.it.SeekGE(s.seek); more && bytes.Equal(s.it.Key(), s.seek) {
			more = s.it.Next()
		}
	}
	own := copies{rows: s.segment.Limit}
	var last []byte
	read, size := 0, 0
	for steps := 1; more; steps++ {
		if steps%1024 == 0 && ctx.Err() != nil {
			return page, fmt.Errorf("%w: %w", table.ErrUnavailable, ctx.Err())
		}
		rest := s.it.Key()[len(s.t.prefix):]
		sk, err := s.enter(rest)
		if err != nil {
			return page, err
		}
		if !s.ours {
			s.seek = append(append(s.seek[:0], s.t.prefix...), rest[:len(rest)-len(sk)]...)
			s.seek[len(s.seek)-1] = afterNUL
			more = s.it.SeekGE(s.seek)
			continue
		}
		encoded := s.it.Value()
		size += len(rest) + len(encoded)
		if read == s.segment.Limit || read > 0 && size > table.MaxPage {
			page.Next = string(last)
			break
		}
		read++
		h, err := parse(encoded)
		if err != nil {
			return page, err
		}
		if !h.expired(s.now) {
			key, encoded := own.of(sk, encoded)
			page.Rows = append(page.Rows, rowOf(s.partition.Row(key), &h, encoded))
		}
		last = append(last[:0], rest...)
		more = s.it.Next()
	}
	if err := s.it.Error(); err != nil {
		return page, s.t.store.broken(err)
	}
	return page, nil
}

// enter finds out which partition a key is in, and returns its sort key.
func (s *scan) enter(rest []byte) (sk []byte, err error) {
	pk, sk, err := cutRow(rest)
	if err != nil || s.partition.PK() == string(pk) {
		return sk, err
	}
	key, err := table.StoredKey(string(pk), "")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s.partition = key.Partition()
	s.ours = s.belongs(s.partition.PK())
	return sk, nil
}

func (s *scan) belongs(pk string) bool {
	if rest, ok := strings.CutPrefix(pk, s.workspace); !ok || s.workspace != "" && rest != "" && rest[0] != '/' {
		return false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(pk))
	return int(h.Sum32()%uint32(s.segment.Of)) == s.segment.Index
}
