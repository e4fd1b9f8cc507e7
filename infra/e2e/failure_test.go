package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"rubrica/infra/local/server"
	"rubrica/shared/table"
)

// failing is a driver that fails with an error while there is one.
type failing struct {
	table.Driver
	err atomic.Pointer[error]
}

func (f *failing) fail(err error) {
	if err == nil {
		f.err.Store(nil)
		return
	}
	f.err.Store(&err)
}

func (f *failing) now() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (f *failing) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	if err := f.now(); err != nil {
		return nil, nil, err
	}
	return f.Driver.Read(ctx, keys, ranges)
}

// TestStorageThatFails looks at what clients are told, and that they can go on.
func TestStorageThatFails(t *testing.T) {
	t.Parallel()
	var drivers []*failing
	service := Serve(t, func(o *server.Options) {
		o.WrapTable = func(d table.Driver) table.Driver {
			drivers = append(drivers, &failing{Driver: d})
			return drivers[len(drivers)-1]
		}
	})
	owner := service.Workspace(t).As(t, "owner")
	path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
	calls := func() []*Answer {
		return []*Answer{
			owner.Get(t, path), owner.Get(t, "/v1/contacts"), owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "k"),
			owner.Patch(t, path, Object{"city": "Roma"}), owner.Delete(t, path), owner.Get(t, "/v1/me"), owner.Get(t, "/v1/audit"),
			owner.Put(t, "/v1/contacts/email:a@example.com", Object{}), owner.Get(t, path+"/audit"), owner.Get(t, "/v1/tokens"),
		}
	}

	drivers[0].fail(fmt.Errorf("%w: host db-17.internal, user secret", table.ErrUnavailable))
	for _, a := range calls() {
		a.Refused(503, "")
		if after := a.Header.Get("Retry-After"); after == "" || after == "0" || strings.Trim(after, "0123456789") != "" {
			t.Errorf("%v\nwith Retry-After %q, want whole seconds", a, after)
		}
		if strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "internal") {
			t.Errorf("%v\nwhich tells of the inside", a)
		}
	}
	service.Anonymous().Get(t, "/v1/health").Is(200)
	owner.Get(t, "/v1/nothing").Refused(404, "")
	owner.With("rub_x").Get(t, path).Refused(401, "")

	drivers[0].fail(errors.New("a defect: secret"))
	for _, a := range calls() {
		a.Refused(500, "")
		if strings.Contains(string(a.Body), "secret") {
			t.Errorf("%v\nwhich tells of the inside", a)
		}
	}

	drivers[0].fail(nil)
	owner.Post(t, "/v1/contacts", Object{}, "Idempotency-Key", "k").Is(201).HasHeader("Idempotency-Replayed", "")
	owner.Get(t, path).Is(200).Has(Object{"version": 1})
	// The audit log's table is another one: the contact's own records tell without it.
	drivers[1].fail(fmt.Errorf("%w: secret", table.ErrUnavailable))
	owner.Get(t, "/v1/audit").Refused(503, "")
	owner.Patch(t, path, Object{"city": "Roma"}).Is(200)
	drivers[1].fail(nil)
	owner.Get(t, "/v1/audit").Is(200)
}
