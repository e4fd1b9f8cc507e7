package openapi_test

import "strings"

// tags does what can be done with tags, and with those of the contact at path.
func (d *desk) tags(path string) {
	d.t.Helper()
	d.manyTags()
	key := map[string]string{"Idempotency-Key": "a-tag"}
	made := call{method: "POST", path: "/v1/tags", header: key, body: `{"name": "Milano", "color": " #FF8800", "description": "By the office"}`}
	id := d.must(201, made).text(d.t, "id")
	d.must(201, made) // replayed
	d.must(201, call{method: "POST", path: "/v1/tags", body: `{"name": "lead", "color": null, "description": ""}`})
	d.must(200, call{method: "POST", path: path + "/tags", body: `{"tags": ["` + id + `", "LEAD", "Straße"]}`, header: map[string]string{"If-Match": "*"}})
	d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"tags": ["lead", "of a new contact"]}`})
	d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"tags": null}`})
	d.must(201, call{method: "PUT", path: "/v1/contacts/ext:erp:tagged", body: `{"tags": ["lead"]}`})
	d.must(200, call{method: "PUT", path: "/v1/contacts/ext:erp:tagged", body: `{"tags": ["Milano"], "city": "Milano"}`})
	for _, name := range []string{"STRASSE", "milano", "of%20a%20new%20contact"} {
		d.must(200, call{method: "DELETE", path: path + "/tags/" + name})
	}
	for _, query := range []string{"", "prefix=", "prefix=MI", "prefix=%20", "prefix=%C3%A9", "limit=100"} {
		d.must(200, call{method: "GET", path: "/v1/tags", query: query})
	}
	next := d.must(200, call{method: "GET", path: "/v1/tags", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: "/v1/tags", query: "limit=1&cursor=" + next})
	for _, query := range []string{"tag=lead", "tag=" + id, "tag=nobody", "tag=LEAD&owner=none&sort=createdAt&limit=1"} {
		d.must(200, call{method: "GET", path: "/v1/contacts", query: query})
	}
	again := map[string]string{"Idempotency-Key": "another-tag", "Content-Type": "application/merge-patch+json"}
	for range 2 { // the second time replayed
		d.must(200, call{method: "PATCH", path: "/v1/tags/" + id, body: `{"name": "Roma", "color": null}`, header: again})
	}
	d.must(200, call{method: "PATCH", path: "/v1/tags/ROMA", body: `{"color": "#001122", "description": "x"}`})
	d.must(204, call{method: "DELETE", path: "/v1/tags/" + id, header: map[string]string{"Idempotency-Key": "no-tag"}})
	d.must(204, call{method: "DELETE", path: "/v1/tags/" + id, header: map[string]string{"Idempotency-Key": "no-tag"}})
}

// manyTags gives one contact more tags than it may have.
func (d *desk) manyTags() {
	d.t.Helper()
	path := "/v1/contacts/" + d.contact("{}") + "/tags"
	add := func(word string) call {
		var names []string
		for i := range 20 {
			names = append(names, word+string(rune('a'+i)))
		}
		return call{method: "POST", path: path, body: `{"tags": ["` + strings.Join(names, `", "`) + `"]}`}
	}
	for _, word := range []string{"v", "w", "x", "y", "z"} {
		d.must(200, add(word))
	}
	if codes := d.must(400, add("u")).codes(d.t); len(codes) != 1 || codes[0] != "too_many" {
		d.t.Errorf("101 tags are refused for %v", codes)
	}
}
