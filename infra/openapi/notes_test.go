package openapi_test

import "strings"

// notes does what can be done with the notes of the contact at path.
func (d *desk) notes(path string) {
	d.t.Helper()
	path += "/notes"
	key := map[string]string{"Idempotency-Key": "a-note", "If-Match": "*"}
	made := call{method: "POST", path: path, header: key, body: `{"text": " Likes cats,\r\n\tnot dogs ", "pinned": true}`}
	id := d.must(201, made).text(d.t, "id")
	d.must(201, made) // replayed
	d.must(201, call{method: "POST", path: path, body: `{"text": "` + strings.Repeat("é", 10_000) + `", "pinned": null}`})
	d.must(200, call{method: "GET", path: path})
	next := d.must(200, call{method: "GET", path: path, query: "limit=1"}).text(d.t, "nextCursor")
	d.must(200, call{method: "GET", path: path, query: "limit=100&cursor=" + next})
	again := map[string]string{"Idempotency-Key": "another-note", "Content-Type": "application/merge-patch+json"}
	for range 2 { // the second time replayed
		d.must(200, call{method: "PATCH", path: path + "/" + id, body: `{"text": "Likes no cats"}`, header: again})
	}
	for _, body := range []string{`{"text": "Likes no cats"}`, `{"pinned": ""}`, `{"pinned": true}`, `{}`} {
		d.must(200, call{method: "PATCH", path: path + "/" + id, body: body})
	}
	gone := call{method: "DELETE", path: path + "/" + id, header: map[string]string{"Idempotency-Key": "no-note"}}
	d.must(204, gone)
	d.must(204, gone)
}
