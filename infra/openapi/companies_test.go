package openapi_test

// companies does what can be done with companies, and with that of the contact at
// path.
func (d *desk) companies(path string) {
	d.t.Helper()
	key := map[string]string{"Idempotency-Key": "a-company"}
	made := call{method: "POST", path: "/v1/companies", header: key,
		body: `{"name": " Rossi srl", "domain": "Rossi.Example", "phone": "+39061234567", "website": "https://rossi.example"}`}
	id := d.must(201, made).text(d.t, "id")
	d.must(201, made) // replayed
	at := "/v1/companies/" + id
	d.must(201, call{method: "POST", path: "/v1/companies", body: `{"name": "Rossi srl", "domain": null, "phone": "", "website": null}`})
	d.must(201, call{method: "POST", path: "/v1/contacts", body: `{"companyId": "` + id + `"}`})
	d.must(200, call{method: "PATCH", path: path, body: `{"companyId": "` + id + `"}`})
	d.must(201, call{method: "PUT", path: "/v1/contacts/ext:erp:of-a-company", body: `{"companyId": ""}`})
	d.must(200, call{method: "GET", path: at})
	for _, query := range []string{"", "prefix=", "prefix=ROS", "prefix=%20", "prefix=%C3%A9", "limit=100"} {
		d.must(200, call{method: "GET", path: "/v1/companies", query: query})
	}
	next := d.must(200, call{method: "GET", path: "/v1/companies", query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: "/v1/companies", query: "limit=1&cursor=" + next})
	for _, query := range []string{"company=" + id, "company=" + unknownID, "company=" + id + "&sort=vip&limit=1"} {
		d.must(200, call{method: "GET", path: "/v1/contacts", query: query})
	}
	d.must(200, call{method: "PATCH", path: path, body: `{"companyId": null}`})
	d.must(200, call{method: "PATCH", path: path, body: `{"companyId": "` + id + `"}`})
	again := map[string]string{"Idempotency-Key": "another-company", "Content-Type": "application/merge-patch+json", "If-Match": `"1"`}
	for range 2 { // the second time replayed
		d.must(200, call{method: "PATCH", path: at, body: `{"name": "Rossi e figli", "domain": "figli.rossi.example", "phone": null}`, header: again})
	}
	d.must(200, call{method: "PATCH", path: at, body: `{"website": ""}`, header: map[string]string{"If-Match": "*"}})
	gone := call{method: "DELETE", path: at, header: map[string]string{"Idempotency-Key": "no-company", "If-Match": `"3"`}}
	d.must(204, gone)
	d.must(204, gone)
}
