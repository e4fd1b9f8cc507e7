package sweep

import (
	"context"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/table"
)

// bug is a mistake built into the process under test; the zero bug is none.
type bug struct {
	// table stands between the ledger and the main table.
	table func(table.Driver) table.Driver
	// forward stands in for the relay.
	forward func(forward) forward
	// acknowledgesFirst deletes messages before they are handled.
	acknowledgesFirst bool
}

func (b bug) around(d table.Driver) table.Driver {
	if b.table == nil {
		return d
	}
	return b.table(d)
}

func (b bug) relay(f forward) forward {
	if b.forward == nil {
		return f
	}
	return b.forward(f)
}

// mistake is a bug, and the operation whose sweep is to find it.
type mistake struct {
	bug bug
	in  string
}

// mistakes are bugs none of which shows while nothing goes wrong.
func mistakes() map[string]mistake {
	return map[string]mistake{
		"AnIndexRowOutsideTheTransaction":     {bug{table: apart("identity", "owner", "follower", "vip")}, "create"},
		"AnIndexRowThatIsRemovedBefore":       {bug{table: apart("contacts")}, "identity/remove"},
		"AChangeRecordOutsideTheTransaction":  {bug{table: apart("of")}, "patch"},
		"AKeptAnswerOutsideTheTransaction":    {bug{table: apart("idempotency")}, "create"},
		"ACountOutsideTheTransaction":         {bug{table: apart("tag")}, "tag/add a known one"},
		"AClaimOfANameOutsideTheTransaction":  {bug{table: apart("tagnames")}, "tag/make"},
		"ACountThatIsSentAgain":               {bug{table: func(d table.Driver) table.Driver { return &insistent{d} }}, "tag/remove"},
		"ACompanysCountOutsideIt":             {bug{table: apart("company")}, "company/give"},
		"APlaceAmongNamesOutsideIt":           {bug{table: apart("companynames")}, "company/rename"},
		"ANoteOutsideTheTransaction":          {bug{table: apart("of")}, "note/add"},
		"ABlockOutsideTheTransaction":         {bug{table: apart("blocked")}, "block"},
		"AMessageOutsideTheTransaction":       {bug{table: apart("of")}, "event/message that shows nothing"},
		"AnEventOutsideTheTransaction":        {bug{table: apart("event")}, "event/by the queue, that shows nothing"},
		"ARedirectOutsideTheTransaction":      {bug{table: apart("former")}, "merge/two"},
		"AMergeOutsideTheTransaction":         {bug{table: apart("merges")}, "undo"},
		"ProgressOutsideTheTransaction":       {bug{table: apart("job")}, "job/tag"},
		"ALeaseOverSomebodyElsesChange":       {bug{table: func(d table.Driver) table.Driver { return &heedless{d} }}, "lease/take"},
		"AnAnswerBeforeTheCommit":             {bug{table: func(d table.Driver) table.Driver { return &hasty{Driver: d} }}, "patch"},
		"AWriteOverSomebodyElses":             {bug{table: func(d table.Driver) table.Driver { return &heedless{d} }}, "patch"},
		"AFailedWriteThatCountsAsDone":        {bug{table: func(d table.Driver) table.Driver { return &hopeful{d} }}, "delete"},
		"ARelayThatForgetsOnRetry":            {bug{forward: forgetful}, "create"},
		"ARelayThatForgetsWhatFailed":         {bug{forward: careless}, "delete"},
		"AConsumerThatAcknowledgesTooEarly":   {bug{acknowledgesFirst: true}, "create"},
		"AReaderThatTakesTheFirstPageForAll":  {bug{table: func(d table.Driver) table.Driver { return &impatient{d} }}, "get/an ambiguous address"},
		"AReaderThatTakesAnErrorForNothing":   {bug{table: func(d table.Driver) table.Driver { return &trusting{d} }}, "get"},
		"APurgeThatNeverHearsOfItsOwnFailure": {bug{table: func(d table.Driver) table.Driver { return &sloppy{d} }}, "delete"},
	}
}

// TestSweepFinds builds mistakes in and sees the sweep find each.
func TestSweepFinds(t *testing.T) {
	t.Parallel()
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m.mustBeFound(t, embeddedStore(t))
		})
	}
}

// TestSweepFindsDynamoDB does the same over the DynamoDB that RUBRICA_DYNAMODB
// names.
func TestSweepFindsDynamoDB(t *testing.T) {
	t.Parallel()
	needsDynamoDB(t)
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m.mustBeFound(t, dynamoStore(t))
		})
	}
}

// mustBeFound sweeps until something is found.
func (m mistake) mustBeFound(t *testing.T, st *store) {
	t.Helper()
	all := operations()
	i := slices.IndexFunc(all, func(o operation) bool { return o.name == m.in })
	w, err := newSweeper(t.Context(), &all[i], st, m.bug)
	if err != nil {
		t.Fatalf("it shows with nothing going wrong: %v", err)
	}
	w.stopAt = 1
	for _, p := range w.points() {
		if w.one(t.Context(), p); w.enough() {
			what, _, _ := strings.Cut(w.findings[0], "\n")
			t.Logf("%s: found in run %d: %s", t.Name(), w.runs, what)
			return
		}
	}
	t.Errorf("not found in %d runs", w.runs)
}

// apart writes rows of some kinds in a second transaction.
func apart(kinds ...string) func(table.Driver) table.Driver {
	return func(d table.Driver) table.Driver { return &split{d, kinds} }
}

type split struct {
	table.Driver
	kinds []string
}

func (d *split) Write(ctx context.Context, actions []table.Action) error {
	var together, later []table.Action
	for _, a := range actions {
		if slices.Contains(d.kinds, a.Row.Key.Partition().Parts()[0]) {
			later = append(later, a)
		} else {
			together = append(together, a)
		}
	}
	for _, some := range [][]table.Action{together, later} {
		if len(some) > 0 {
			if err := d.Driver.Write(ctx, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasty says that a write is done and does it before the next call.
type hasty struct {
	table.Driver
	pending func()
}

func (d *hasty) catchUp() {
	if do := d.pending; do != nil {
		d.pending = nil
		do()
	}
}

func (d *hasty) Write(ctx context.Context, actions []table.Action) error {
	d.catchUp()
	ctx, actions = context.WithoutCancel(ctx), slices.Clone(actions)
	d.pending = func() { _ = d.Driver.Write(ctx, actions) }
	return nil
}

func (d *hasty) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	d.catchUp()
	return d.Driver.Read(ctx, keys, ranges)
}

func (d *hasty) Changes(ctx context.Context, after string, limit int) (table.Changes, error) {
	d.catchUp()
	return d.Driver.Changes(ctx, after, limit)
}

// heedless writes whatever was written meanwhile.
type heedless struct{ table.Driver }

func (d *heedless) Write(ctx context.Context, actions []table.Action) error {
	actions = slices.Clone(actions)
	for i := range actions {
		if actions[i].Verb != table.VerbCheck {
			actions[i].If = table.Condition{}
		}
	}
	return d.Driver.Write(ctx, actions)
}

// insistent sees to it that what is added is added, also where a write that failed
// has done so.
type insistent struct{ table.Driver }

func (d *insistent) Write(ctx context.Context, actions []table.Action) error {
	err := d.Driver.Write(ctx, actions)
	for _, a := range actions {
		if err != nil && a.Verb == table.VerbAdd {
			_ = d.Driver.Write(ctx, []table.Action{a})
		}
	}
	return err
}

// hopeful takes a write that failed for one that was applied.
type hopeful struct{ table.Driver }

func (d *hopeful) Write(ctx context.Context, actions []table.Action) error {
	_ = d.Driver.Write(ctx, actions)
	return nil
}

// sloppy takes a batch that failed for one that was done.
type sloppy struct{ table.Driver }

func (d *sloppy) Batch(ctx context.Context, puts []table.Row, deletes []table.Key) error {
	_ = d.Driver.Batch(ctx, puts, deletes)
	return nil
}

// impatient never asks for what is behind the first page.
type impatient struct{ table.Driver }

func (d *impatient) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := d.Driver.Read(ctx, keys, ranges)
	for i := range pages {
		if len(pages[i].Rows) < ranges[i].Limit { // there is more only where a page is full
			pages[i].Next = ""
		}
	}
	return rows, pages, err
}

// trusting takes rows that could not be read for rows that are not there.
type trusting struct{ table.Driver }

func (d *trusting) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := d.Driver.Read(ctx, keys, ranges)
	if err != nil {
		return make([]table.Row, len(keys)), make([]table.Page, len(ranges)), nil
	}
	return rows, pages, nil
}

// forgetful drops a batch when it is handed over again.
func forgetful(forward forward) forward {
	failed := false
	return func(ctx context.Context, changes []table.Change) error {
		if failed {
			failed = false
			return nil
		}
		err := forward(ctx, changes)
		failed = err != nil
		return err
	}
}

// careless does not tell that it failed.
func careless(forward forward) forward {
	return func(ctx context.Context, changes []table.Change) error {
		_ = forward(ctx, changes)
		return nil
	}
}
