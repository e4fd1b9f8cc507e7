package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMovesDown: what moves behind others stands behind them afterwards.
func TestMovesDown(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	manager := w.As(t, "manager")
	same := func(what string, want, got []string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the order differs (-want +got):\n%s", what, diff)
		}
	}

	manager.Patch(t, "/v1/fields/phone", Object{"position": 4}).Is(200).Has(Object{"position": 4})
	same("phone down by one", []string{"firstName", "lastName", "email", "dateOfBirth", "phone", "source", "type"}, keys(t, manager, "contact"))
	if f := field(t, manager, "dateOfBirth"); f["position"] != 3.0 {
		t.Errorf("who stood there closes the gap: %v", f)
	}
	manager.Patch(t, "/v1/fields/firstName", Object{"position": 6}).Is(200).Has(Object{"position": 6})
	same("firstName to the end", []string{"lastName", "email", "dateOfBirth", "phone", "source", "type", "firstName"}, keys(t, manager, "contact"))
	manager.Patch(t, "/v1/fields/type", Object{"position": 0}).Is(200).Has(Object{"position": 0})
	same("type to the front", []string{"type", "lastName", "email", "dateOfBirth", "phone", "source", "firstName"}, keys(t, manager, "contact"))
	manager.Patch(t, "/v1/fields/type", Object{"position": nil}).Is(200).Has(Object{"position": 6})
	same("type back to its own place", []string{"lastName", "email", "dateOfBirth", "phone", "source", "firstName", "type"}, keys(t, manager, "contact"))

	manager.Patch(t, "/v1/folders/contact", Object{"position": 1}).Is(200).Has(Object{"position": 1})
	same("a folder down by one", []string{"General Info", "Contact", "Additional Info"}, folderNames(t, manager))
	manager.Patch(t, "/v1/folders/general", Object{"position": 2}).Is(200).Has(Object{"position": 2})
	same("a folder to the end", []string{"Contact", "Additional Info", "General Info"}, folderNames(t, manager))
	w.Verified(t)
}
