package caller_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rubrica/shared/caller"
	"rubrica/shared/caller/internal/memory"
	"rubrica/shared/problem"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// deployment is a verifier over stored keys, and what is behind it.
type deployment struct {
	*caller.Verifier
	rows  *memory.Rows
	table *table.Table
	clock *clock
}

func newDeployment() deployment {
	rows, clock := &memory.Rows{}, newClock()
	tab := table.New(rows)
	v := verifier(caller.NewStoredKeys(tab, clock.now))
	v.Now = clock.now
	return deployment{v, rows, tab, clock}
}

// publish makes the given keys the stored ones.
func (d deployment) publish(t *testing.T, keys ...keyPair) {
	t.Helper()
	set := keySet(t, keys...)
	_, err := caller.StoreKeys(t.Context(), d.table, func(context.Context) (*caller.KeySet, error) { return set, nil })
	check(t, err)
}

// accepts checks whether a token is accepted, and how many reads that took.
func (d deployment) accepts(t *testing.T, token string, want bool, reads int) {
	t.Helper()
	before := d.rows.Reads()
	_, err := d.Verify(t.Context(), token)
	if err != nil && !problem.Is(err, problem.Unauthenticated) {
		t.Fatal(err)
	}
	if (err == nil) != want {
		t.Errorf("Verify: %v, want accepted: %t", err, want)
	}
	if got := d.rows.Reads() - before; got != reads {
		t.Errorf("Verify took %d reads, want %d", got, reads)
	}
}

// signed is a token that outlives every test.
func signed(t testing.TB, key keyPair) string {
	t.Helper()
	return key.sign(t, claims(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}), nil)
}

func TestStoredKeysAreReadOnce(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.publish(t, key)
	d.accepts(t, signed(t, key), true, 1)
	d.accepts(t, signed(t, key), true, 0)
	d.clock.pass(5*time.Minute - time.Second)
	d.accepts(t, signed(t, key), true, 0)
	d.clock.pass(time.Second)
	d.accepts(t, signed(t, key), true, 1)
	d.accepts(t, signed(t, key), true, 0)
}

func TestStoredKeysFollowARotation(t *testing.T) {
	t.Parallel()
	d, older, newer := newDeployment(), newKey(t, "k1", jose.RS256), newKey(t, "k2", jose.ES256)
	d.publish(t, older)
	warm := signed(t, older)
	d.accepts(t, warm, true, 1)
	d.clock.pass(10 * time.Second)
	d.publish(t, older, newer) // a new key is seen as soon as a token names it
	d.accepts(t, signed(t, newer), true, 1)
	d.accepts(t, warm, true, 0)
	d.publish(t, newer) // a withdrawn one lives for 5 minutes
	d.clock.pass(5*time.Minute - time.Second)
	d.accepts(t, warm, true, 0)
	d.clock.pass(time.Second)
	d.accepts(t, warm, false, 1) // though it had been verified and has not expired
	d.accepts(t, signed(t, newer), true, 0)
}

// A key that keeps its id and changes its value is another key.
func TestStoredKeysFollowAReplacedKey(t *testing.T) {
	t.Parallel()
	d, older, newer := newDeployment(), newKey(t, "k1", jose.EdDSA), newKey(t, "k1", jose.EdDSA)
	d.publish(t, older)
	warm := signed(t, older)
	d.accepts(t, warm, true, 1)
	d.publish(t, newer)
	d.clock.pass(5 * time.Minute)
	d.accepts(t, warm, false, 1)
	d.accepts(t, signed(t, newer), true, 0)
}

func TestStoredKeysAreNotReadForMadeUpIDs(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.publish(t, key)
	d.accepts(t, signed(t, newKey(t, "x0", jose.EdDSA)), false, 1)
	for i := range 20 {
		d.accepts(t, signed(t, newKey(t, fmt.Sprintf("x%d", i), jose.EdDSA)), false, 0)
	}
	d.clock.pass(10 * time.Second)
	d.accepts(t, signed(t, newKey(t, "y0", jose.EdDSA)), false, 1)
	d.accepts(t, signed(t, newKey(t, "y1", jose.EdDSA)), false, 0)
}

func TestMalformedTokensCostNoRead(t *testing.T) {
	t.Parallel()
	d := newDeployment()
	for _, token := range []string{"", "x", "a.b", "a.b.c.d", "a b.c.d", "..", string(make([]byte, 1<<20))} {
		d.accepts(t, token, false, 0)
	}
}

func TestStoredKeysWithoutARow(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.accepts(t, signed(t, key), false, 1)
	d.accepts(t, signed(t, key), false, 0)
	d.publish(t, key)
	d.clock.pass(10 * time.Second)
	d.accepts(t, signed(t, key), true, 1)
}

func TestStoredKeysOutliveTheStore(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.publish(t, key)
	d.accepts(t, signed(t, key), true, 1)
	d.rows.Fail(table.ErrUnavailable)
	d.clock.pass(time.Hour)
	d.accepts(t, signed(t, key), true, 1)
	d.accepts(t, signed(t, key), true, 0) // it is not asked for each request
	d.accepts(t, signed(t, newKey(t, "k2", jose.EdDSA)), false, 0)
	d.clock.pass(10 * time.Second)
	d.accepts(t, signed(t, key), true, 1)
	d.rows.Fail(nil)
	d.publish(t) // withdrawn
	d.clock.pass(10 * time.Second)
	d.accepts(t, signed(t, key), false, 1)
}

func TestStoredKeysWithoutAStore(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.publish(t, key)
	d.rows.Fail(fmt.Errorf("dynamo: %w", table.ErrUnavailable))
	_, err := d.Verify(t.Context(), signed(t, key))
	if !problem.Is(err, problem.Unavailable) || problem.Of(err).RetryAfter <= 0 {
		t.Errorf("Verify: %v, want unavailable, to be tried again", err)
	}
	d.rows.Fail(errors.New("a defect"))
	if _, err := d.Verify(t.Context(), signed(t, key)); problem.Of(err).Kind != problem.Internal {
		t.Errorf("Verify: %v, want an internal error", err)
	}
	d.rows.Fail(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Verify(ctx, signed(t, key)); !problem.Is(err, problem.Unavailable) {
		t.Errorf("Verify under a context that is done: %v, want unavailable", err)
	}
	d.accepts(t, signed(t, key), true, 1) // and nothing of it sticks
}

// A request's context is bound to its own workspace; the keys are read under
// their own all the same.
func TestStoredKeysAreTheSystems(t *testing.T) {
	t.Parallel()
	d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
	d.publish(t, key)
	if _, err := d.Verify(tenant.Bind(t.Context(), workspace(t, "acme")), signed(t, key)); err != nil {
		t.Error(err)
	}
}

func TestStoredKeysUnreadable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]table.Row{
		"later schema": {Schema: 2, Doc: []byte(`{"issuer":"x","keys":[]}`)},
		"no list":      {Schema: 1, Doc: []byte(`{"issuer":"x","keys":"x"}`)},
		"no text":      {Schema: 1, Doc: []byte(`{"issuer":1,"keys":[]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
			row.Key = table.In(tenant.System(), "keys").Row("jwks")
			check(t, d.table.Write(tenant.Bind(t.Context(), tenant.System()), table.Put(row)))
			if _, err := d.Verify(t.Context(), signed(t, key)); problem.Of(err).Kind != problem.Internal {
				t.Errorf("Verify: %v, want an internal error", err)
			}
			d.publish(t, key) // which mends it
			d.accepts(t, signed(t, key), true, 1)
		})
	}
}

// However many requests come while nothing is known yet, the row is read once;
// while something is known, nobody waits for a routine read but who makes it.
func TestStoredKeysAreReadByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
		d.publish(t, key)
		token := signed(t, key)
		together := func(waiting, reads int) {
			t.Helper()
			before := d.rows.Reads()
			d.rows.Hold = make(chan struct{})
			var done atomic.Int32
			for range 8 {
				go func() {
					if _, err := d.Verify(t.Context(), token); err != nil {
						t.Error(err)
					}
					done.Add(1)
				}()
			}
			synctest.Wait()
			if got := 8 - int(done.Load()); got != waiting {
				t.Errorf("%d requests wait, want %d", got, waiting)
			}
			close(d.rows.Hold)
			synctest.Wait()
			if got := d.rows.Reads() - before; got != reads || done.Load() != 8 {
				t.Errorf("%d reads, want %d; %d requests were answered", got, reads, done.Load())
			}
		}
		together(8, 1)
		together(0, 0)
		d.clock.pass(5 * time.Minute)
		together(1, 1)
		// a new key: all who bring it wait, for what is known will not do
		newer := newKey(t, "k2", jose.EdDSA)
		d.publish(t, key, newer)
		d.clock.pass(10 * time.Second)
		token = signed(t, newer)
		together(8, 1)
	})
}

// Who waits for somebody else's read waits no longer than its own context.
func TestStoredKeysEndWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, key := newDeployment(), newKey(t, "k1", jose.EdDSA)
		d.publish(t, key)
		d.rows.Hold = make(chan struct{})
		token := signed(t, key)
		go func() { _, _ = d.Verify(t.Context(), token) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.Verify(ctx, token); !problem.Is(err, problem.Unavailable) {
			t.Errorf("Verify: %v, want unavailable", err)
		}
		close(d.rows.Hold)
		synctest.Wait()
	})
}
