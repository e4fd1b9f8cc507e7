package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pocketBase is the product beside which the server is measured, built from its
// own module by its own example of a program.
const pocketBase = "github.com/pocketbase/pocketbase/examples/base@v0.39.0"

// pocketBaseOperations do there what the operations of the same names do here.
var pocketBaseOperations = []operation{
	{"create", func(b *bench, c *client) error { return b.createRecord(c, person) }},
	{"get", func(b *bench, c *client) error { return want(200)(c.do("GET", records+"/"+b.any().id, "")) }},
	{"patch", func(b *bench, c *client) error {
		return want(200)(c.do("PATCH", records+"/"+b.any().id, fmt.Sprintf(`{"city":"City %d"}`, rand.IntN(1_000_000))))
	}},
	{"list50", func(_ *bench, c *client) error {
		return want(200)(c.do("GET", records+"?perPage=50&skipTotal=1&sort=-created", ""))
	}},
	{"find", func(b *bench, c *client) error {
		q := url.Values{"filter": {fmt.Sprintf("email='%s'", address(b.any().n))}, "perPage": {"1"}, "skipTotal": {"1"}}
		return want(200)(c.do("GET", records+"?"+q.Encode(), ""))
	}},
}

const records = "/api/collections/contacts/records"

// startPocketBase builds PocketBase, starts it over an empty folder, and makes its
// collection of contacts: the members that a contact is filled with here, with an
// index of the e-mail, the phone and the time of creation.
func (b *bench) startPocketBase(ctx context.Context, dir string) error {
	install := exec.CommandContext(ctx, "go", "install", pocketBase)
	install.Dir, install.Env = dir, append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod")
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("building it: %w: %s", err, out)
	}
	binary, data := filepath.Join(dir, "base"), filepath.Join(dir, "pb_data")
	if err := os.RemoveAll(data); err != nil { // kept of another time
		return err
	}
	const user, password = "bench@example.com", "a long password"
	if out, err := exec.CommandContext(ctx, binary, "superuser", "upsert", user, password, "--dir", data).CombinedOutput(); err != nil {
		return fmt.Errorf("its first user: %w: %s", err, out)
	}
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	b.server = &process{cmd: exec.CommandContext(ctx, binary, "serve", "--http", addr, "--dir", data), addr: addr, url: "http://" + addr, data: data}
	if err := b.server.cmd.Start(); err != nil {
		return err
	}
	var login struct{ Token string }
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := b.post("/api/collections/_superusers/auth-with-password", map[string]any{"identity": user, "password": password}, &login)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			b.server.stop()
			return err
		}
	}
	b.token = login.Token
	if err := b.post("/api/collections", collection(), nil); err != nil {
		b.server.stop()
		return err
	}
	return nil
}

// collection is what PocketBase is told of contacts.
func collection() map[string]any {
	var members map[string]any
	if err := json.Unmarshal([]byte(person(0)), &members); err != nil {
		panic(err) // person is ours
	}
	fields := []map[string]any{{"name": "created", "type": "autodate", "onCreate": true}, {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true}}
	for name := range members {
		fields = append(fields, map[string]any{"name": name, "type": "text"})
	}
	return map[string]any{"name": "contacts", "type": "base", "fields": fields, "indexes": []string{
		"CREATE INDEX by_email ON contacts (email)", "CREATE INDEX by_phone ON contacts (phone)", "CREATE INDEX by_created ON contacts (created)",
	}}
}

// post sends PocketBase one of the requests that prepare it.
func (b *bench) post(path string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, b.server.url+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", b.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(cmp.Or[any](answer, &struct{}{}))
}

// createRecord makes the next contact in PocketBase.
func (b *bench) createRecord(c *client, body func(int64) string) error {
	n := b.made.Add(1) - 1
	status, answer, err := c.do("POST", records, body(n))
	if err = want(200)(status, answer, err); err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(answer), `"id":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return fmt.Errorf("no id in %s", answer)
	}
	b.mu.Lock()
	b.people = append(b.people, someone{id, n})
	b.mu.Unlock()
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
