package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func TestIfMatch(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	// Each is sent at version 2.
	headers := map[string]int{
		`"2"`: 200, `*`: 200, ` * `: 200, `"1", "2"`: 200, `"2","7"`: 200, `W/"1", "2"`: 200, `"abc", "2"`: 200,
		`"1"`: 412, `"3"`: 412, `W/"2"`: 412, `"02"`: 412, `"2.0"`: 412, `"+2"`: 412, `"abc"`: 412, `""`: 412, `"1", "3"`: 412, `" 2"`: 400,
		`2`: 400, `"2`: 400, `2"`: 400, `'2'`: 400, `w/"2"`: 400, `"2" "3"`: 400, `"2", *`: 400, `*, "2"`: 400, `,`: 400, `"1",`: 0,
		"x" + strings.Repeat("x", 300): 400, ``: 400,
	}
	for header, status := range headers {
		t.Run(fmt.Sprintf("%.20s", header), func(t *testing.T) {
			t.Parallel()
			if status == 0 {
				return // an empty element: RFC 9110 lets a server take it or not
			}
			external := fmt.Sprintf("%x", header)
			external = external[:min(len(external), 200)]
			body := Object{"externalIds": Object{"sap": "e" + external}}
			path := "/v1/contacts/" + owner.Create(t, body).ID()
			owner.Patch(t, path, Object{"city": "a"}).Is(200).HasHeader("ETag", `"2"`)
			code := map[int]string{400: "validation", 412: "stale"}[status]
			check := func(a *Answer) {
				t.Helper()
				if status == 200 {
					a.Is(200)
				} else {
					a.Refused(status, code)
				}
			}
			// None of these changes anything, so the version stays.
			check(owner.Patch(t, path, Object{"city": "a"}, "If-Match", header))
			check(owner.Put(t, "/v1/contacts/ext:sap:e"+external, Object{"city": "a"}, "If-Match", header))
			check(owner.Delete(t, path+"/followers/nobody", "If-Match", header))
			check(owner.Delete(t, path+"/identities/email:nobody@example.com", "If-Match", header))
			if status == 200 {
				owner.Patch(t, path, Object{"city": "b"}, "If-Match", header).Is(200).HasHeader("ETag", `"3"`)
				owner.Delete(t, path, "If-Match", `"3"`).Is(204)
				return
			}
			check(owner.Patch(t, path, Object{"city": "b"}, "If-Match", header))
			check(owner.Put(t, path+"/followers/user_1", nil, "If-Match", header))
			check(owner.Put(t, path+"/identities/email:a@example.com", nil, "If-Match", header))
			check(owner.Delete(t, path, "If-Match", header))
			owner.Get(t, path).Is(200).Has(Object{"version": 2.0, "city": "a"})
		})
	}

	t.Run("OfWhatIsNotThere", func(t *testing.T) {
		t.Parallel()
		for _, header := range []string{`"1"`, `*`, `W/"1"`} {
			owner.Patch(t, "/v1/contacts/email:none@example.com", Object{}, "If-Match", header).Refused(404, "")
			owner.Put(t, "/v1/contacts/email:none@example.com", Object{}, "If-Match", header).Refused(412, "")
		}
		owner.Get(t, "/v1/contacts/email:none@example.com").Refused(404, "")
	})

	t.Run("ComesBeforeConflicts", func(t *testing.T) {
		t.Parallel()
		owner.Create(t, Object{"externalIds": Object{"taken": "1"}})
		path := "/v1/contacts/" + owner.Create(t, Object{"firstName": "b"}).ID()
		body := Object{"externalIds": Object{"taken": "1"}}
		owner.Patch(t, path, body, "If-Match", `"7"`).Refused(412, "")
		owner.Patch(t, path, body, "If-Match", `"1"`).Refused(409, "duplicate_identity")
		owner.Patch(t, path, Object{"vip": 1}, "If-Match", `"7"`).Invalid("vip wrong_type")
		owner.Patch(t, path, Object{"followers": users(21)}, "If-Match", `"7"`).Invalid("followers too_many")
	})

	t.Run("IsNotLookedAtWhereNothingIsChanged", func(t *testing.T) {
		t.Parallel()
		path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
		owner.Get(t, path, "If-Match", `"7"`).Is(200)
		owner.Get(t, path, "If-Match", `7`).Is(200)
		owner.Post(t, "/v1/contacts", Object{}, "If-Match", `"7"`).Is(201)
	})
}

func TestVersionsRiseByOne(t *testing.T) {
	t.Parallel()
	owner := Owner(t)
	path := "/v1/contacts/" + owner.Create(t, Object{}).ID()
	for i := range 20 {
		a := owner.Patch(t, path, Object{"city": fmt.Sprint(i)}).Is(200)
		a.HasHeader("ETag", fmt.Sprintf(`"%d"`, i+2)).Has(Object{"version": float64(i + 2)})
	}
	owner.Get(t, path).Is(200).HasHeader("ETag", `"21"`)
}
