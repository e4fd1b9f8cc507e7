package openapi_test

import "encoding/json"

// doubles makes two contacts that share a number.
func (d *desk) doubles() (id string) {
	d.t.Helper()
	id = d.contact(`{"phone": "+5511987654321"}`)
	d.contact(`{"otherPhones": ["+551187654321"]}`)
	return id
}

// suggestion is the id of what is suggested of a contact first.
func (d *desk) suggestion(contact string) string {
	d.t.Helper()
	r := d.must(200, call{method: "GET", path: "/v1/contacts/" + contact + "/merge-suggestions"})
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(r.body, &page); err != nil || len(page.Items) == 0 {
		d.t.Fatalf("%s suggests nothing: %v", r.body, err)
	}
	return page.Items[0].ID
}

// suggestions does what can be done with suggestions.
func (d *desk) suggestions() {
	d.t.Helper()
	double := d.doubles()
	d.must(200, call{method: "PATCH", path: "/v1/contacts/" + double, body: `{"email": "double@example.com"}`})
	d.contact(`{"otherEmails": ["Double@example.com"]}`)
	path := "/v1/contacts/" + double + "/merge-suggestions"
	next := d.must(200, call{method: "GET", path: path, query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: path, query: "limit=1&cursor=" + next})
	d.must(200, call{method: "GET", path: "/v1/merge-suggestions", query: "limit=100"})
	dismissed := call{method: "DELETE", path: "/v1/merge-suggestions/" + d.suggestion(double), header: map[string]string{"Idempotency-Key": "no-double", "If-Match": "*"}}
	d.must(204, dismissed)
	d.must(204, dismissed) // replayed
}
