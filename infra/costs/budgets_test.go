package main

import "testing"

// TestBudgets holds operations to the budgets of the architecture: round trips
// and write units of answering, and the two units of an audit entry behind it.
func TestBudgets(t *testing.T) {
	t.Parallel()
	budgets := map[string]struct{ trips, writes float64 }{
		"get by id":                   {1, 0},
		"get by e-mail address":       {2, 0},
		"get by id with an API token": {1, 0}, // revoking works at once, and costs no trip
		"list 50":                     {2, 0},
		"list 50 of an owner":         {2, 0},
		// The budgets are of a contact with two tags, which are 8 units more.
		"create, duplicates allowed":  {2, 16 - 8},
		"create, duplicates rejected": {3, 20 - 8},
		// Two units per KB of the kept answer.
		"create with an Idempotency-Key":         {2, 16 - 8 + 4},
		"the same create once more":              {2, 0},
		"upsert that creates":                    {2, 12},
		"upsert that updates":                    {3, 4},
		"patch":                                  {2, 4},
		"patch of the phone, duplicates allowed": {2, 10},
		"patch that changes nothing":             {1, 0},
		"patch of the owner":                     {2, 6}, // a row that it is found by, as of one that is blocked
		"follower added":                         {2, 6},
		"follower removed":                       {2, 6},
		"delete":                                 {2, 8},
	}
	for _, m := range everything(t) {
		b, ok := budgets[m.name]
		if !ok {
			continue
		}
		delete(budgets, m.name)
		if m.request.trips > b.trips {
			t.Errorf("%s: %v round trips, want at most %v", m.name, m.request.trips, b.trips)
		}
		if m.request.writes > b.writes {
			t.Errorf("%s: %v write units, want at most %v", m.name, m.request.writes, b.writes)
		}
		if m.id == "updateContact" && m.request.writes > 0 && m.behind.writes != 2 {
			t.Errorf("%s: %v write units behind it, want the audit entry's 2", m.name, m.behind.writes)
		}
		if m.amid.calls > m.behind.calls/5 {
			t.Errorf("%s: among %d of its kind %v calls behind it, alone %v", m.name, busy, m.amid.calls, m.behind.calls)
		}
	}
	for name := range budgets {
		t.Errorf("no operation %q", name)
	}
}
