package boottest_test

import (
	"strings"
	"testing"

	"rubrica/shared/boot/boottest"
	"rubrica/shared/caller/issuer"
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
	if unknown := d.Request("GET", "/v1/nothing", token, ""); unknown.Status != 404 || unknown.Body != `{"message":"Not Found"}` {
		t.Error(unknown)
	}
}
