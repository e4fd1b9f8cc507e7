package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rubrica/shared/audit"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/workspace"
)

// Finding is one thing that is stored and should not be, or the other way
// round. It is comparable.
type Finding struct {
	Kind FindingKind
	// Key is the row's as it is stored, but for parts that may hold a value of a
	// person: of these it has a digest, the same one for the same value.
	Key string
	// ContactID is the contact that it is about; "" if none.
	ContactID string
	// Detail says what is wrong, in a few words without values.
	Detail string
}

// FindingKind is a class of findings.
type FindingKind string

// The kinds of findings. Repair mends those marked with a star.
const (
	UnknownRow      FindingKind = "unknown-row"      // a row that nothing here writes
	UnreadableRow   FindingKind = "unreadable-row"   // its document is none of ours
	MisplacedRow    FindingKind = "misplaced-row"    // its key does not fit what it holds
	MalformedRow    FindingKind = "malformed-row"    // (*, hints and heads) it has what it must not have, or lacks something
	LeftOver        FindingKind = "left-over"        // the workspace is closed, the row is there
	HintMissing     FindingKind = "hint-missing"     // * the contact cannot be found by a value that it carries
	HintOrphaned    FindingKind = "hint-orphaned"    // * its contact is gone, or neither carries nor marks it
	CountWrong      FindingKind = "count-wrong"      // * how many carry a value is not how many hints there are
	CarriedOn       FindingKind = "carried-on"       // * contacts carry a tag or company that was deleted
	StaleLeft       FindingKind = "stale-left"       // * marked hints were not removed
	VersionMissing  FindingKind = "version-missing"  // a change that is recorded nowhere
	VersionUnknown  FindingKind = "version-unknown"  // a change to a version that the subject is not at
	VersionTwice    FindingKind = "version-twice"    // several changes to one version; expected after a restore
	EntryMissing    FindingKind = "entry-missing"    // * a change that is not in the audit log, or in half of it
	EntryAltered    FindingKind = "entry-altered"    // copies of one change differ
	Sealed          FindingKind = "sealed"           // values that the key does not open
	Returned        FindingKind = "returned"         // * (if asked to) a contact that was deleted, and is there; expected after a restore
	NotPurged       FindingKind = "not-purged"       // * a deleted contact was not purged
	HistoryLeft     FindingKind = "history-left"     // * (if the log has the deletion) history of a contact that is gone
	Vanished        FindingKind = "vanished"         // gone without having been deleted
	SuggestionWrong FindingKind = "suggestion-wrong" // * a value that several contacts share is not listed, or the other way round
	Astray          FindingKind = "astray"           // an absorbed contact and its survivor do not know each other
)

// maxFindings is how many findings a report lists; all are counted.
const maxFindings = 1000

// Report is what Verify saw.
type Report struct {
	// Findings are the first thousand, by kind and key; Found counts all.
	Findings []Finding
	Found    map[FindingKind]int
	// What was looked at: rows of both tables, contacts, entries of the log.
	Rows, Contacts, Entries int
	// Pending counts work that is on its way through stream and queues.
	Pending int
	// Busy counts what changed each time it was looked at, and was passed over.
	Busy int
}

// Clean tells whether nothing is wrong.
func (r *Report) Clean() bool { return len(r.Found) == 0 }

// VerifyOption says what Verify may rely on.
type VerifyOption func(*verification)

// Idle says that stream and queues have been worked off: what is still to come
// is a finding then, not pending.
func Idle() VerifyOption { return func(v *verification) { v.idle = true } }

// Verify holds what is stored of a workspace against what can be derived: every
// row of both tables is looked at, in bounded memory whatever there is. It reads
// both tables in full, those of a shared DynamoDB with all other workspaces, and
// about five times as many rows of this one: for operators and tests.
//
// It may run beside writers: whatever looks wrong is read again until the
// contact holds still, and only then a finding. problem.NotFound for a workspace
// that never was; of a closed one every row left is a finding.
func (l *Ledger) Verify(ctx context.Context, ws tenant.Workspace, options ...VerifyOption) (Report, error) {
	ctx = tenant.Bind(ctx, ws)
	v, err := l.newVerification(ctx, ws)
	if err != nil {
		return Report{}, err
	}
	for _, set := range options {
		set(v)
	}
	err = v.walk(ctx)
	return v.sorted(), err
}

// verification is one walk over a workspace.
type verification struct {
	ledger *Ledger
	scope  *Scope
	ws     tenant.Workspace
	idle   bool
	// mending says that what can be mended is, erasing that this goes for those
	// who are back.
	mending, erasing bool
	// inLog is how long an entry is in the audit log for sure.
	inLog time.Duration

	mu     sync.Mutex
	report Report
	mended map[FindingKind]int
}

func (l *Ledger) newVerification(ctx context.Context, ws tenant.Workspace) (*verification, error) {
	row, err := l.table.GetOne(ctx, SettingsKey(ws))
	if err != nil {
		return nil, unavailable("reading the workspace", err)
	}
	if !row.Exists() {
		return nil, problem.New(problem.NotFound, "There is no workspace of this name.")
	}
	s := &Scope{Workspace: ws, Actor: audit.Actor{Type: audit.System, ID: "verify"}, settingsRow: row}
	if err := decode(row, settingsSchema, &s.Settings); err != nil {
		return nil, err
	}
	v := &verification{
		ledger: l, scope: s, ws: ws,
		report: Report{Found: map[FindingKind]int{}}, mended: map[FindingKind]int{},
	}
	v.inLog, err = v.retention(ctx)
	return v, err
}

// own is a scope to work with: several places are looked at side by side.
func (v *verification) own() *Scope { return v.scope.apart() }

func (v *verification) closed() bool { return v.scope.Settings.Status == workspace.Closed }

const (
	segments = 4   // walked side by side
	scanPage = 500 // rows of one page of a scan
)

// trail is what a segment's walk remembers from page to page: the last subject
// that it came across, and the last counted index. The rows of one follow each
// other.
type trail struct {
	subject   string
	partition table.Partition
	// identity is the last identity, shared whether two hints of it were seen.
	identity table.Partition
	shared   bool
}

// walk looks at all rows of the main table, then at all of the audit table.
func (v *verification) walk(ctx context.Context) error {
	if err := v.walkTable(ctx, v.ledger.table.Scan, v.checkPage); err != nil {
		return err
	}
	return v.walkTable(ctx, v.ledger.log.Scan, v.checkLogPage)
}

func (v *verification) walkTable(ctx context.Context, scan func(context.Context, table.Segment) (table.Page, error),
	check func(context.Context, *trail, []table.Row) error,
) error {
	all, ctx := errgroup.WithContext(ctx)
	for i := range segments {
		all.Go(func() error {
			at := table.Segment{Index: i, Of: segments, Limit: scanPage}
			t := new(trail)
			for {
				page, err := scan(ctx, at)
				if err != nil {
					return unavailable("scanning", err)
				}
				v.tally(func(r *Report) { r.Rows += len(page.Rows) })
				if err := check(ctx, t, page.Rows); err != nil {
					return err
				}
				if page.Next == "" {
					return nil
				}
				at.After = page.Next
			}
		})
	}
	return all.Wait()
}

// tally changes the counts of the report.
func (v *verification) tally(add func(*Report)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	add(&v.report)
}

func (v *verification) add(found []defect) {
	v.tally(func(r *Report) {
		for _, d := range found {
			r.Found[d.Kind]++
			if len(r.Findings) < maxFindings {
				r.Findings = append(r.Findings, d.Finding)
			}
		}
	})
}

func (v *verification) sorted() Report {
	slices.SortFunc(v.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
	})
	return v.report
}

// get reads rows of the main table by key, each once, a hundred at a time;
// absent ones are left out.
func (v *verification) get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Row, error) {
	return getAll(ctx, v.ledger.table.Get, keys)
}

func getAll(ctx context.Context, get func(context.Context, ...table.Key) ([]table.Row, error), keys []table.Key) (map[table.Key]table.Row, error) {
	found := make(map[table.Key]table.Row, len(keys))
	for _, k := range keys {
		found[k] = table.Row{}
	}
	for some := range slices.Chunk(slices.Collect(maps.Keys(found)), table.MaxGet) {
		rows, err := get(ctx, some...)
		if err != nil {
			return nil, unavailable("reading rows", err)
		}
		for i, k := range some {
			if rows[i].Exists() {
				found[k] = rows[i]
			} else {
				delete(found, k)
			}
		}
	}
	return found, nil
}
