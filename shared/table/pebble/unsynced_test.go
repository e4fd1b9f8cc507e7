package pebble_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"

	"rubrica/shared/table"
	"rubrica/shared/table/pebble"
	"rubrica/shared/tenant"
)

// gate is a file system in memory whose syncs wait while it is shut.
type gate struct {
	vfs.FS
	mu     sync.Mutex
	opened chan struct{} // nil while it is open
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}

func (g *gate) isShut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened != nil
}

func (g *gate) wait() {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	if opened != nil {
		<-opened
	}
}

func (g *gate) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := g.FS.Create(name, c)
	return gatedFile{f, g}, err
}

type gatedFile struct {
	vfs.File
	gate *gate
}

func (f gatedFile) Sync() error     { f.gate.wait(); return f.File.Sync() }
func (f gatedFile) SyncData() error { f.gate.wait(); return f.File.SyncData() }
func (f gatedFile) SyncTo(n int64) (bool, error) {
	f.gate.wait()
	return f.File.SyncTo(n)
}

// pending is a table in which some writes are visible and not durable: the
// gate is shut, and the writers wait for it. It lives in a bubble of synctest,
// so that "waits" means that nothing but the gate would let it go on.
type pending struct {
	*table.Table
	driver   *pebble.Table
	gate     *gate
	ctx      context.Context
	operator context.Context
	ws       tenant.Workspace
	writers  sync.WaitGroup
}

func newPending(t *testing.T) *pending {
	t.Helper()
	p := &pending{gate: &gate{FS: vfs.NewMem()}, ws: workspace(t)}
	store, err := pebble.OpenFiles(p.gate, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.gate.open()
		p.writers.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	p.driver = store.Table("main")
	p.Table = table.New(p.driver)
	p.ctx = tenant.Bind(t.Context(), p.ws)
	p.operator = tenant.BindOperator(t.Context())
	if err := p.Batch(p.ctx, []table.Row{p.row("b"), p.row("d"), p.row("f"), {Key: table.In(p.ws, "other").Row("a")}}, nil); err != nil {
		t.Fatal(err)
	}

	p.gate.shut()
	for _, actions := range [][]table.Action{
		{table.Put(p.row("c"), table.Absent()), table.Put(table.Row{Key: table.In(p.ws, "new").Row("a"), Out: "audit"})},
		{table.Delete(p.key("d"))},
	} {
		p.writers.Go(func() {
			if err := p.Write(p.ctx, actions...); err != nil {
				t.Error(err)
			}
			if p.gate.isShut() {
				t.Error("a write was answered before it was durable")
			}
		})
	}
	synctest.Wait() // for them to be applied
	return p
}

func (p *pending) key(sk string) table.Key { return table.In(p.ws, "things").Row(sk) }

func (p *pending) row(sk string) table.Row { return table.Row{Key: p.key(sk), Doc: []byte(`{}`)} }

func (p *pending) query(r table.Range) error {
	r.Of = p.key("x").Partition()
	_, err := p.Query(p.ctx, r)
	return err
}

func TestNoAnswerBeforeWhatItShowsIsDurable(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(p *pending) error{
		"GetOfARowThatWasPut": func(p *pending) error {
			_, err := p.GetOne(p.ctx, p.key("c"))
			return err
		},
		"GetOfARowThatWasDeleted": func(p *pending) error {
			_, err := p.GetOne(p.ctx, p.key("d"))
			return err
		},
		"GetAmongOthers": func(p *pending) error {
			_, err := p.Get(p.ctx, p.key("b"), table.In(p.ws, "new").Row("a"), p.key("f"))
			return err
		},
		"QueryOfAll":                func(p *pending) error { return p.query(table.Range{Limit: 10}) },
		"QueryThatEndsAtThePut":     func(p *pending) error { return p.query(table.Range{Limit: 10, To: "c"}) },
		"QueryOverTheDeleted":       func(p *pending) error { return p.query(table.Range{Limit: 10, From: "d", To: "e"}) },
		"QueryThatSeesThePutIsNext": func(p *pending) error { return p.query(table.Range{Limit: 1}) },
		"QueryDownToThePut":         func(p *pending) error { return p.query(table.Range{Limit: 2, Descending: true}) },
		"QueryByPrefix":             func(p *pending) error { return p.query(table.Range{Limit: 2, Prefix: "c"}) },
		"QueryBehindTheRowBefore":   func(p *pending) error { return p.query(table.Range{Limit: 1, After: "b"}) },
		"Scan": func(p *pending) error {
			_, err := p.Scan(p.ctx, table.Segment{Of: 1, Limit: 10})
			return err
		},
		"ConditionThatFailsOnAPut": func(p *pending) error {
			err := p.Write(p.ctx, table.Put(p.row("c"), table.Absent()))
			return want[*table.ConditionError](err)
		},
		"ConditionThatFailsOnADelete": func(p *pending) error {
			err := p.Write(p.ctx, table.Put(p.row("a")), table.Check(p.key("d"), table.Exists()))
			return want[*table.ConditionError](err)
		},
		"CheckThatHolds": func(p *pending) error { return p.Write(p.ctx, table.Check(p.key("c"), table.Exists())) },
		"AnotherWrite":   func(p *pending) error { return p.Write(p.ctx, table.Put(p.row("z"))) },
		"Batch":          func(p *pending) error { return p.Batch(p.ctx, []table.Row{p.row("z")}, nil) },
		"WaitForChanges": func(p *pending) error { return p.driver.Wait(p.ctx, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPending(t)
				answered := make(chan error, 1)
				go func() { answered <- call(p) }()
				synctest.Wait()
				select {
				case <-answered:
					t.Error("answered while the gate was shut")
				default:
					p.gate.open()
					if err := <-answered; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestWhatIsDurableIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(p *pending) error{
		"GetOfAnotherRow": func(p *pending) error {
			rows, err := p.Get(p.ctx, p.key("b"), p.key("f"), p.key("absent"))
			if err == nil && (!rows[0].Exists() || !rows[1].Exists()) {
				err = errors.New("rows are missing")
			}
			return err
		},
		"QueryOfAnotherPartition": func(p *pending) error {
			_, err := p.Query(p.ctx, table.Range{Of: table.In(p.ws, "other"), Limit: 10})
			return err
		},
		"QueryBefore":         func(p *pending) error { return p.query(table.Range{Limit: 10, To: "b"}) },
		"QueryBehind":         func(p *pending) error { return p.query(table.Range{Limit: 10, From: "e"}) },
		"QueryThatEndsBefore": func(p *pending) error { return p.query(table.Range{Limit: 1, Descending: true, From: "e"}) },
		"ConditionThatFailsOnAnotherRow": func(p *pending) error {
			return want[*table.ConditionError](p.Write(p.ctx, table.Put(p.row("b"), table.Absent())))
		},
		"ChangesShowNone": func(p *pending) error {
			page, err := p.Changes(p.operator, "", 10)
			if err == nil && len(page.Items) > 0 {
				err = errors.New("a change is told before it is durable")
			}
			return err
		},
		"GetThatGivesUp": func(p *pending) error {
			ctx, cancel := context.WithCancel(p.ctx)
			cancel()
			_, err := p.GetOne(ctx, p.key("c"))
			if !errors.Is(err, table.ErrUnavailable) || !errors.Is(err, context.Canceled) {
				return errors.New("no sign that it gave up")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPending(t)
				answered := make(chan error, 1)
				go func() { answered <- call(p) }()
				synctest.Wait()
				select {
				case err := <-answered:
					if err != nil {
						t.Error(err)
					}
				default:
					t.Error("not answered, the gate being shut")
				}
			})
		})
	}
}

// want turns an expected error into none.
func want[E error](err error) error {
	if _, ok := errors.AsType[E](err); ok {
		return nil
	}
	return errors.Join(errors.New("not the error that was expected"), err)
}
