package schedulefn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/boot/schedulefn"
	"rubrica/shared/table"
)

func env() *boot.Environment {
	return boot.NewEnvironment(func(string) (string, bool) { return "", false }, io.Discard)
}

func TestTask(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var soon time.Time
	next := error(nil)
	h := schedulefn.New(env(), nil, func(*boot.Environment, *table.Table) func(context.Context) error {
		return func(ctx context.Context) error {
			soon, _ = ctx.Deadline()
			return next
		}
	})
	ends := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), ends)
	defer cancel()
	if _, err := h.Invoke(ctx, []byte(`{"source":"aws.events"}`)); err != nil || !soon.Before(ends) {
		t.Errorf("err = %v, work ends at %s, the invocation at %s", err, soon, ends)
	}
	next = broken
	if _, err := h.Invoke(ctx, nil); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

func TestRefreshKeysNeedsAnIssuer(t *testing.T) {
	t.Parallel()
	_, err := boot.Open(env(), schedulefn.Start(schedulefn.RefreshKeys))
	if err == nil || !strings.Contains(err.Error(), boot.Issuer) {
		t.Errorf("err = %v", err)
	}
}

// TestRefreshKeys is invoked by the deployment's start once; the second time
// there is nothing to do.
func TestRefreshKeys(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := boottest.Start(t, boottest.Options{Log: &log})
	d.Invoke(boottest.RefreshKeys, []byte("{}"))
	if got := log.String(); strings.Count(got, `"changed":true`) != 1 || strings.Count(got, `"changed":false`) != 1 {
		t.Errorf("log: %s", got)
	}
}
