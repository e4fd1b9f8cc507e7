package fault

import (
	"context"
	"math/rand/v2"
	"slices"

	"rubrica/shared/table"
)

// Read implements table.Driver.
func (d *Driver) Read(ctx context.Context, keys []table.Key, ranges []table.Range) (rows []table.Row, pages []table.Page, err error) {
	err = d.around(ctx, Call{Kind: Read, Keys: slices.Clone(keys), Ranges: slices.Clone(ranges)}, func(f Fault) error {
		switch f.is {
		case torn:
			rows, pages, err = d.readTorn(ctx, keys, ranges, f.between)
			return err
		case short:
			ranges = slices.Clone(ranges)
			for i := range ranges {
				ranges[i].Limit = 1
			}
		}
		rows, pages, err = d.engine.Read(ctx, keys, ranges)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return rows, pages, nil
}

func (d *Driver) readTorn(ctx context.Context, keys []table.Key, ranges []table.Range, between func(int)) ([]table.Row, []table.Page, error) {
	var rows []table.Row
	var pages []table.Page
	for i := range len(keys) + len(ranges) {
		if i > 0 {
			between(i)
		}
		if i < len(keys) {
			row, _, err := d.engine.Read(ctx, keys[i:i+1], nil)
			if err != nil {
				return nil, nil, err
			}
			rows = append(rows, row...)
			continue
		}
		n := i - len(keys)
		_, page, err := d.engine.Read(ctx, nil, ranges[n:n+1])
		if err != nil {
			return nil, nil, err
		}
		pages = append(pages, page...)
	}
	return rows, pages, nil
}

// Write implements table.Driver.
func (d *Driver) Write(ctx context.Context, actions []table.Action) error {
	keys := make([]table.Key, len(actions))
	for i := range actions {
		keys[i] = actions[i].Row.Key
	}
	return d.around(ctx, Call{Kind: Write, Keys: keys, Actions: slices.Clone(actions)}, func(Fault) error {
		return d.engine.Write(ctx, actions)
	})
}

// Batch implements table.Driver.
func (d *Driver) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	keys := make([]table.Key, 0, len(puts)+len(deletes))
	for i := range puts {
		keys = append(keys, puts[i].Key)
	}
	keys = append(keys, deletes...)
	return d.around(ctx, Call{Kind: Batch, Keys: keys}, func(f Fault) error {
		if f.is == failHalfway {
			puts, deletes = puts[:len(puts)/2], deletes[:len(deletes)/2]
			if len(puts)+len(deletes) == 0 {
				return nil
			}
		}
		return d.engine.Batch(ctx, puts, deletes)
	})
}

// Changes implements table.Driver.
func (d *Driver) Changes(ctx context.Context, after string, limit int) (page table.Changes, err error) {
	err = d.around(ctx, Call{Kind: Changes}, func(f Fault) error {
		twice := f.is == repeat && limit > 1
		if f.is == short {
			limit = 1
		} else if twice {
			limit /= 2
		}
		page, err = d.engine.Changes(ctx, after, limit)
		switch {
		case twice:
			page.Items = slices.Concat(page.Items, page.Items)
		case f.is == shuffle:
			page.Items = mixed(page.Items, f.seed)
		}
		return err
	})
	if err != nil {
		return table.Changes{}, err
	}
	return page, nil
}

// mixed draws from the partitions at random, from each in its order.
func mixed(items []table.Change, seed uint64) []table.Change {
	random := rand.New(rand.NewPCG(seed, 0))
	places := map[table.Partition][]int{}
	order := make([]table.Partition, len(items))
	for i, c := range items {
		p := c.Key.Partition()
		order[i] = p
		places[p] = append(places[p], i)
	}
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	out := make([]table.Change, 0, len(items))
	for _, p := range order {
		out = append(out, items[places[p][0]])
		places[p] = places[p][1:]
	}
	return out
}

// Scan implements table.Driver.
func (d *Driver) Scan(ctx context.Context, s table.Segment) (page table.Page, err error) {
	err = d.around(ctx, Call{Kind: Scan}, func(f Fault) error {
		if f.is == short {
			s.Limit = 1
		}
		page, err = d.engine.Scan(ctx, s)
		return err
	})
	if err != nil {
		return table.Page{}, err
	}
	return page, nil
}
