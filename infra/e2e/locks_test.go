package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// soon is a time from now, as the contract writes it.
func soon(d time.Duration) string {
	return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z")
}

func TestLeases(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("KeepThePhone", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner, dialer := w.As(t, "owner"), w.As(t, "agent", Integration("dialer"))
		id := owner.Create(t, Object{"phone": "+5511987654321", "otherPhones": []any{"+390612345671"}}).ID()
		path := "/v1/contacts/" + id
		until, later := soon(time.Hour), soon(2*time.Hour)
		lease := dialer.Put(t, path+"/locks/spring", Object{"expiresAt": until}).Is(200).JSON()
		if diff := cmp.Diff(Object{"campaign": "spring", "holder": "dialer", "expiresAt": until}, lease); diff != "" {
			t.Error(diff)
		}
		dialer.Put(t, path+"/locks/summer%20sale", Object{"expiresAt": later}).Is(200)
		locked := func(a *Answer) {
			t.Helper()
			got := a.Refused(409, "phone_locked")
			if diff := cmp.Diff([]any{"spring", "summer sale"}, got["campaigns"]); diff != "" || got["until"] != later {
				t.Errorf("%v: %s", a, diff)
			}
		}
		locked(owner.Patch(t, path, Object{"phone": "+390612345672"}))
		locked(owner.Patch(t, path, Object{"phone": nil}))
		locked(owner.Patch(t, path, Object{"phone": "+551187654321"}))                                          // another spelling of it
		locked(owner.Put(t, "/v1/contacts/phone:+390612345671", Object{"phone": "+390612345671", "city": "x"})) // found by the other one
		owner.Patch(t, path, Object{"phone": "+5511987654321", "city": "Roma", "otherPhones": []any{"+390612345674"}}).Is(200).Has(Object{"version": 2})
		owner.Get(t, path).Is(200).Has(Object{"version": 2})
		card := owner.Get(t, path+"/card").Is(200)
		if got := fmt.Sprint(card.JSON()); !strings.Contains(got, "why:In use by the running campaigns spring, summer sale until "+later) {
			t.Errorf("the card does not say why the phone is locked: %s", got)
		}

		// Renewing it, with what changes nothing; another's; ending it.
		dialer.Put(t, path+"/locks/spring", Object{"expiresAt": until}).Is(200)
		dialer.Put(t, path+"/locks/spring", Object{"expiresAt": later}).Is(200).Has(Object{"expiresAt": later})
		other := w.As(t, "manager", Integration("other"))
		other.Put(t, path+"/locks/spring", Object{"expiresAt": later}).Refused(403, "forbidden")
		other.Delete(t, path+"/locks/spring").Refused(403, "forbidden")
		owner.Put(t, path+"/locks/own", Object{"expiresAt": later}).Refused(403, "forbidden")
		owner.Delete(t, path+"/locks/spring").Invalid("reason required")
		owner.Do(t, "DELETE", path+"/locks/spring", Object{"reason": "the customer asked"}).Is(204)
		owner.Do(t, "DELETE", path+"/locks/spring", Object{"reason": "again"}).Refused(404, "not_found")
		dialer.Delete(t, path+"/locks/summer%20sale").Is(204)
		owner.Patch(t, path, Object{"phone": "+390612345672"}).Is(200).Has(Object{"version": 3})

		var log []string
		for _, e := range owner.All(t, path+"/audit") {
			if e.Version() == 0 {
				d := e["detail"].(map[string]any)
				log = append(log, fmt.Sprint(e.Text("action"), " ", d["campaign"], " ", d["reason"]))
			}
		}
		slices.Reverse(log)
		if diff := cmp.Diff([]string{
			"contact.locked spring <nil>", "contact.locked summer sale <nil>", "contact.locked spring <nil>",
			"contact.lock_removed spring the customer asked", "contact.lock_removed summer sale <nil>",
		}, log); diff != "" {
			t.Error(diff)
		}
		w.Verified(t)
	})

	t.Run("WherePhonesAreMissingToo", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner, dialer := w.As(t, "owner"), w.As(t, "agent", Integration("dialer"))
		id := owner.Create(t, Object{}).ID()
		dialer.Put(t, "/v1/contacts/"+id+"/locks/c", Object{"expiresAt": soon(time.Hour)}).Is(200)
		owner.Patch(t, "/v1/contacts/"+id, Object{"phone": "+390612345672"}).Refused(409, "phone_locked")
		owner.Delete(t, "/v1/contacts/"+id).Is(204) // goes through, and ends it
		w.Verified(t)
	})

	t.Run("StopByThemselves", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner, dialer := w.As(t, "owner"), w.As(t, "agent", Integration("dialer"))
		path := "/v1/contacts/" + owner.Create(t, Object{"phone": "+390612345672"}).ID()
		dialer.Put(t, path+"/locks/c", Object{"expiresAt": soon(5 * time.Second)}).Is(200)
		owner.Patch(t, path, Object{"phone": "+390612345673"}).Refused(409, "phone_locked")
		Eventually(t, func() error {
			if a := owner.Patch(t, path, Object{"phone": "+390612345673"}); a.Status != 200 {
				return fmt.Errorf("%v", a)
			}
			return nil
		})
		w.Verified(t)
	})

	t.Run("AreTwentyAtMost", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		dialer := w.As(t, "agent", Integration("dialer"))
		path := "/v1/contacts/" + w.As(t, "owner").Create(t, Object{}).ID() + "/locks/"
		for i := range 20 {
			dialer.Put(t, path+fmt.Sprint("c", i), Object{"expiresAt": soon(time.Hour)}).Is(200)
		}
		if got := dialer.Put(t, path+"one-more", Object{"expiresAt": soon(time.Hour)}).Refused(400, ""); got["errors"].([]any)[0].(map[string]any)["code"] != "too_many" {
			t.Errorf("%v", got)
		}
		dialer.Put(t, path+"c7", Object{"expiresAt": soon(2 * time.Hour)}).Is(200)
		dialer.Delete(t, path+"c8").Is(204)
		dialer.Put(t, path+"one-more", Object{"expiresAt": soon(time.Hour)}).Is(200)
		for body, want := range map[string]string{
			`{}`: "expiresAt required", `{"expiresAt":"tomorrow"}`: "expiresAt invalid_datetime", `{"expiresAt":"` + soon(-time.Second) + `"}`: "expiresAt invalid_value",
			`{"expiresAt":"` + soon(time.Hour) + `","holder":"x"}`: "holder unknown_member",
		} {
			dialer.Put(t, path+"c9", body).Invalid(want)
		}
		w.Verified(t)
	})
}
