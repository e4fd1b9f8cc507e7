package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"rubrica/infra/local/server"
)

// The files of the embedded store stop holding who was deleted, one by one or by a
// job, soon after, without anybody asking; and when the process was killed before,
// after it is started again.
func TestFilesStopHoldingWhoWasDeleted(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	onDisk := func(after time.Duration) *Service {
		return Serve(t, func(o *server.Options) {
			o.Memory, o.Data, o.DynamoDB, o.SQS, o.EraseAfter = false, data, "", "", after
		})
	}
	const many = 60
	fill := func(owner *Client, name string) (ids []string) {
		for i := range many {
			ids = append(ids, owner.Create(t, Object{
				"firstName": name, "email": name + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@example.it", "tags": []string{"t"},
			}).ID())
		}
		return ids
	}
	s := onDisk(50 * time.Millisecond)
	w := s.Workspace(t)
	owner := w.As(t, "owner")
	gone, kept := fill(owner, "quasimodo"), fill(owner, "esmeralda")
	owner.Post(t, "/v1/contacts/"+gone[0]+"/notes", Object{"text": "quasimodo rings"}).Is(http.StatusCreated)
	s.WorkedOff(t)
	if !holds(t, data, "quasimodo") {
		t.Fatal("no file holds the name to begin with: this test could not fail")
	}
	owner.Delete(t, "/v1/contacts/"+gone[0]).Is(http.StatusNoContent)
	j := owner.Post(t, "/v1/jobs", Object{"type": "delete", "select": named(gone[1:]...), "confirm": many - 1}).Is(http.StatusAccepted).JSON().ID()
	came(t, owner.ended(t, j), "completed", many-1, many-1, 0, 0)
	forgotten(t, data, "quasimodo")

	// A process that ends before it comes to it leaves it to the next.
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = onDisk(time.Hour)
	w = s.Named(t, w.Name)
	owner = w.As(t, "owner")
	for _, id := range kept {
		owner.Delete(t, "/v1/contacts/"+id).Is(http.StatusNoContent)
	}
	w.Verified(t)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !holds(t, data, "esmeralda") {
		t.Fatal("it was erased too early for this test")
	}
	w = onDisk(50*time.Millisecond).Named(t, w.Name)
	forgotten(t, data, "esmeralda")
	w.Verified(t)
}

// What says for an hour that an address has just been given away is nobody's row, and
// has the address in its key: the files forget it too, once it has expired.
func TestFilesStopHoldingAddressesThatWereClaimed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var later atomic.Int64 // than the machine's clock
	s := Serve(t, func(o *server.Options) {
		o.Memory, o.Data, o.DynamoDB, o.SQS = false, data, "", ""
		o.EraseAfter, o.EraseAgain = 20*time.Millisecond, 8*time.Second // by then the clock has moved, on a starved machine too
		o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	w := s.Workspace(t)
	owner := w.As(t, "owner")
	owner.Put(t, "/v1/contacts/email:quasimodo@example.it", Object{"email": "quasimodo@example.it"}).Is(http.StatusCreated)
	ids := []string{owner.Create(t, Object{"firstName": "frollo", "externalIds": Object{"sap": "esmeralda"}}).ID()}
	ids = append(ids, owner.Get(t, "/v1/contacts/email:quasimodo@example.it").Is(http.StatusOK).JSON().ID())
	for _, id := range ids {
		owner.Delete(t, "/v1/contacts/"+id).Is(http.StatusNoContent)
	}
	forgotten(t, data, "frollo")
	if !holds(t, data, "quasimodo") || !holds(t, data, "esmeralda") {
		t.Fatal("no file holds what was claimed to begin with: this test could not fail")
	}
	later.Store(int64(2 * time.Hour))
	forgotten(t, data, "quasimodo")
	forgotten(t, data, "esmeralda")
	w.Verified(t)
}

// forgotten waits until no file below a folder holds a text.
func forgotten(t *testing.T, dir, text string) {
	t.Helper()
	for end := time.Now().Add(patience); holds(t, dir, text); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a file still holds %q", text)
		}
	}
}

// holds tells whether a file below a folder holds a text.
func holds(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // just removed
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = found || bytes.Contains(content, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
