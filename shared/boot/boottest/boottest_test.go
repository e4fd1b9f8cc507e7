package boottest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/audit"
	"rubrica/shared/boot"
	"rubrica/shared/boot/boottest"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/table"
)

// TestDeployment takes a contact's creation from the request to the audit log.
func TestDeployment(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	d := boottest.Start(t, boottest.Options{Log: &log})
	ws := d.Workspace("ws-deployment")
	token := d.Token(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner"})
	if made := d.Request("POST", "/v1/contacts", token, `{"firstName":"Maria","email":"maria@example.it"}`); made.Status != 201 {
		t.Fatal(made)
	}
	if listed := d.Request("GET", "/v1/audit?action=contact.created", token, ""); strings.Contains(listed.Body, "contact.created") {
		t.Fatal("logged before it was relayed")
	}
	d.Settle()
	listed := d.Request("GET", "/v1/audit?action=contact.created", token, "")
	if listed.Status != 200 || !strings.Contains(listed.Body, `"action":"contact.created"`) {
		t.Error(listed)
	}
	if strings.Contains(strings.ToLower(log.String()), "maria") {
		t.Errorf("the log holds personal data: %s", log.String())
	}
	for _, metrics := range []string{`"Name":"micros"`, `"Name":"handled"`, `"Name":"relayed"`} {
		if !strings.Contains(log.String(), metrics) {
			t.Errorf("nothing measures %s: %s", metrics, log.String())
		}
	}
	if unknown := d.Request("GET", "/v1/nothing", token, ""); unknown.Status != 404 || unknown.Body != `{"message":"Not Found"}` {
		t.Error(unknown)
	}
}

// forgetful reads no change to version 2.
type forgetful struct{ table.Driver }

func (f forgetful) Read(ctx context.Context, keys []table.Key, ranges []table.Range) ([]table.Row, []table.Page, error) {
	rows, pages, err := f.Driver.Read(ctx, keys, ranges)
	for i := range pages {
		pages[i].Rows = slices.DeleteFunc(pages[i].Rows, func(row table.Row) bool {
			return strings.HasSuffix(row.Key.SK(), audit.VersionText(2))
		})
	}
	return rows, pages, err
}

// TestGapIsToldTheOperator loses an entry, and has whoever reads the log set off
// the alarm: with ids, and no values.
func TestGapIsToldTheOperator(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	d := boottest.Start(t, boottest.Options{Log: &log, WrapTable: func(function, _ string, driver table.Driver) table.Driver {
		if function == "read-audit" {
			return forgetful{driver}
		}
		return driver
	}})
	ws := d.Workspace("ws-gap")
	token := d.Token(issuer.Claims{Subject: "user_1", Workspace: ws.String(), Role: "owner"})
	made := d.Request("POST", "/v1/contacts", token, `{"firstName":"Maria"}`)
	where := made.Header.Get("Location")
	for _, name := range []string{"Ada", "Eva"} {
		if got := d.Request("PATCH", where, token, `{"firstName":"`+name+`"}`); got.Status != 200 {
			t.Fatal(got)
		}
	}
	if got := d.Request("GET", where+"/audit", token, ""); got.Status != 200 {
		t.Fatal(got)
	}
	line := ""
	for l := range strings.Lines(log.String()) {
		if strings.Contains(l, `"message":"`+audit.GapFound+`"`) {
			line += l
		}
	}
	if strings.Count(line, "\n") != 1 || boot.Gap != audit.GapFound || strings.Contains(line, "Maria") {
		t.Fatalf("told: %q", line)
	}
	for _, want := range []string{`"auditGaps":1`, `"workspace":"ws-gap"`, `"requestId":"`, strings.TrimPrefix(where, "/v1/contacts/"), `"Name":"auditGaps"`} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is not in %s", want, line)
		}
	}
}
