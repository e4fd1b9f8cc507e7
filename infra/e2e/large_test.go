package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// largest is a contact in which every member is as long and every list as full
// as it may be, each value another one for another mark.
func largest(mark string) Object {
	long := func(n int) string { return mark + strings.Repeat("😀", n-1) }
	o := Object{
		"website": "https://" + mark + ".example/" + strings.Repeat("山", 900), "timezone": "America/Argentina/ComodRivadavia", "language": "de-DE-u-co-phonebk",
		"country": "IT", "dateOfBirth": "1990-04-01", "description": long(10_000), "vip": true, "status": "inactive",
		"email": mark + "@" + strings.Repeat("d", 60) + ".example.com", "phone": "+3935100000" + fmt.Sprint(10+int(mark[0]-'a')), "owner": long(255),
		"otherEmails": list(10, func(i int) any {
			return fmt.Sprintf("%s%d%s@%s.%s.%s.com", mark, i, strings.Repeat("l", 62), strings.Repeat("d", 60), strings.Repeat("e", 60), strings.Repeat("f", 57))
		}),
		"otherPhones": list(10, func(i int) any { return fmt.Sprintf("+39352%s%06d", fmt.Sprint(int(mark[0]-'a')), i) }),
		"followers":   list(20, func(i int) any { return fmt.Sprintf("%s%02d%s", mark, i, strings.Repeat("😀", 252)) }),
	}
	for _, member := range []string{
		"firstName", "lastName", "source", "type", "businessName", "streetAddress", "city", "state", "postalCode", "department",
	} {
		o[member] = long(1000)
	}
	external := Object{}
	for i := range 10 {
		// The worst of keys: long in bytes, or longer still once escaped.
		external[fmt.Sprintf("s%062d", i)] = mark + strings.Repeat([]string{"😀", "/", "%"}[i%3], 254)
	}
	o["externalIds"] = external
	return o
}

// TestTheLargestContact gives a contact all that it may have, changes all of it
// at once, twice, and deletes it: more than one transaction of storage holds.
func TestTheLargestContact(t *testing.T) {
	t.Parallel()
	w := Serve(t).Workspace(t)
	owner := w.As(t, "owner")
	owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
	a, b := largest("a"), largest("b")

	id := owner.Post(t, "/v1/contacts", a, "Idempotency-Key", "create").Is(201).Has(a).ID()
	path := "/v1/contacts/" + id
	found := func(in Object, status int) {
		t.Helper()
		for _, kind := range []string{"otherEmails", "otherPhones"} {
			for _, v := range in[kind].([]any) {
				owner.Get(t, "/v1/contacts/"+map[string]string{"otherEmails": "email:", "otherPhones": "phone:"}[kind]+v.(string)).Is(status)
			}
		}
		for system, key := range in["externalIds"].(Object) {
			owner.Get(t, "/v1/contacts/"+escaped("ext:"+system+":"+key.(string))).Is(status)
		}
		n := 0
		if status == 200 {
			n = 1
		}
		for _, user := range in["followers"].([]any) {
			if got := owner.All(t, "/v1/contacts?follower="+escaped(user.(string))); len(got) != n {
				t.Errorf("%d contacts of a follower, want %d", len(got), n)
			}
		}
		if got := owner.All(t, "/v1/contacts?owner="+escaped(in.Text("owner"))); len(got) != n {
			t.Errorf("%d contacts of the owner, want %d", len(got), n)
		}
	}
	found(a, 200)
	// Systems are merged, so the names of both must be the same ones.
	owner.Patch(t, path, b, "Idempotency-Key", "change").Is(200).Has(b)
	found(a, 404)
	found(b, 200)
	owner.Patch(t, path, a).Is(200).Has(a)
	owner.Patch(t, path, b).Is(200).Has(b)
	found(a, 404)
	found(b, 200)
	if n := len(changes(t, owner.All(t, path+"/audit")[0])); n < 19 {
		t.Errorf("%d changes are told", n)
	}

	// What it gave up others may have at once.
	var ids []string
	for i := range 10 {
		ids = append(ids, owner.Create(t, Object{"email": a["otherEmails"].([]any)[i], "phone": a["otherPhones"].([]any)[i]}).ID())
	}
	owner.Patch(t, path, Object{"otherEmails": a["otherEmails"]}).Refused(409, "duplicate_identity")

	if got := owner.All(t, "/v1/contacts"); len(got) != 11 {
		t.Errorf("%d contacts, want 11", len(got))
	}
	versions := w.Versions(t, append(ids, id)...)
	w.Complete(t, versions)
	w.Verified(t)
	owner.Delete(t, path).Is(204)
	found(b, 404)
	owner.Create(t, b)
	w.Verified(t)
}
