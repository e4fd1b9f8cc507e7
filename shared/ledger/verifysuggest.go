package ledger

import (
	"context"
	"strings"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// checkSuggestions checks the rows of shared values: that they are what they say,
// and that somebody shares them. Those that are missing are found from the
// identities' hints.
func (v *verification) checkSuggestions(ctx context.Context, _ *trail, rows []table.Row) error {
	for _, row := range rows {
		if row.Key != suggestionKey(v.ws, row.Key.SK()) {
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
			continue
		}
		if err := v.checkSuggestion(ctx, row.Key, contact.Identity{}); err != nil {
			return err
		}
	}
	return nil
}

// checkShared notes which identities more than one hint stands for, as the rows of
// a table are walked, and checks that each has its row.
func (v *verification) checkShared(ctx context.Context, t *trail, hint table.Key) error {
	h, _, _ := hintAt(hint)
	value, ok := h.identity()
	if !ok || value.Kind == contact.ByExternal {
		return nil
	}
	if of := hint.Partition(); t.identity != of {
		t.identity, t.shared = of, false
		return nil
	}
	if t.shared {
		return nil
	}
	t.shared = true
	value.Value = strings.Clone(value.Value)
	return v.checkSuggestion(ctx, suggestionKey(v.ws, digestOf(v.scope, value)), value)
}

// checkSuggestion holds the row of a value against who holds it. value is the zero
// Identity if only the row tells.
func (v *verification) checkSuggestion(ctx context.Context, key table.Key, value contact.Identity) error {
	look := func(ctx context.Context) ([]defect, error) { return v.judgeSuggestion(ctx, key, value) }
	found, err := look(ctx)
	if err != nil {
		return err
	}
	return v.confirm(ctx, found, key, look)
}

func (v *verification) judgeSuggestion(ctx context.Context, key table.Key, value contact.Identity) ([]defect, error) {
	rows, err := v.get(ctx, key)
	if err != nil {
		return nil, err
	}
	row := rows[key]
	d, sealed, err := readSuggestion(v.scope, row)
	switch {
	case err != nil:
		return []defect{v.finding(UnreadableRow, key, "", "it holds no value that the workspace's key opens")}, nil
	case row.Exists() && suggestionKey(v.ws, digestOf(v.scope, sealed)) != key:
		return []defect{v.finding(MisplacedRow, key, "", "it holds another value")}, nil
	case row.Exists() && (!row.Expires.IsZero() || row.Out != ""):
		return []defect{v.finding(MalformedRow, key, "", "it expires, or asks for something")}, nil
	case row.Exists():
		value = sealed
	case value == contact.Identity{}:
		return nil, nil // gone since
	}
	due, err := v.ledger.due(ctx, v.own(), value, &d)
	if err != nil || due == row.Exists() {
		return nil, err
	}
	found := v.finding(SuggestionWrong, key, "", "several contacts share a value that is not listed")
	if !due {
		found.Detail = "a value is listed that not even two contacts share"
	}
	found.pending = true
	found.mend = func(ctx context.Context) error { return v.ledger.refreshValue(ctx, v.own(), value) }
	return []defect{found}, nil
}

// RebuildSuggestions makes the list of shared values anew, as far as it is not what
// follows from the contacts, and returns how many rows were wrong. It reads the
// whole table, and the contacts that share something. For the operator; safe
// beside writers. problem.NotFound if there is no such workspace, or it is closed.
func (l *Ledger) RebuildSuggestions(ctx context.Context, ws tenant.Workspace) (int, error) {
	ctx = tenant.Bind(ctx, ws)
	v, err := l.newVerification(ctx, ws)
	if err != nil {
		return 0, err
	}
	if v.closed() {
		return 0, problem.New(problem.NotFound, "The workspace is closed.")
	}
	v.scope.Actor = audit.Actor{Type: audit.System, ID: "rebuild-suggestions"}
	v.idle, v.mending = true, true
	err = v.walkTable(ctx, l.table.Scan, func(ctx context.Context, t *trail, rows []table.Row) error {
		for _, row := range rows {
			var err error
			if _, _, ok := hintAt(row.Key); ok {
				err = v.checkShared(ctx, t, row.Key)
			} else if row.Key.Partition() == suggestionsIn(ws) {
				err = v.checkSuggestions(ctx, t, []table.Row{row})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return v.mended[SuggestionWrong], err
}
