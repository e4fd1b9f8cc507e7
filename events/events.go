// Package events hands out the sample events that are kept beside this file, one
// per function, and says what each is to be answered with.
//
// They are as AWS sends them, but for what differs from one deployment to the
// next: ${TOKEN} stands for a token, ${CONTACT} for the id of the contact that
// create-contact's sample makes, ${SHARD} for that contact's shard.
package events

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"rubrica/shared/ulid"
)

//go:embed *.json
var files embed.FS

// Workspace is the one that the samples are of.
const Workspace = "demo"

// Functions are the functions that have a sample, in the order in which they
// have to be invoked: one behind those whose effect it needs.
func Functions() []string {
	return []string{
		"refresh-keys", "describe-service", "manage-workspace", "manage-fields", "manage-tags", "manage-companies", "create-contact", "get-contact",
		"list-contacts", "update-contact", "tag-contact", "manage-notes", "enrich-contact", "lock-contact", "set-consent", "merge-contacts",
		"suggest-merges", "manage-channels", "take-events", "receive-events", "read-messages", "block-contact",
		"start-job", "plan-job", "run-job",
		"relay-changes", "write-audit", "read-audit", "reindex-contact", "refresh-suggestions", "detach-contacts", "delete-contact", "purge-contact",
	}
}

// Fill is what differs from one deployment to the next.
type Fill struct {
	Token string
	// Contact is what Contact finds in the answer to create-contact's sample.
	Contact string
}

// Sample is the event of a function.
func Sample(function string, f Fill) ([]byte, error) {
	raw, err := files.ReadFile(function + ".json")
	if err != nil {
		return nil, fmt.Errorf("events: no sample for %s: %w", function, err)
	}
	shard := ""
	if ulid.Valid(f.Contact) {
		shard = strconv.Itoa(ulid.ShardOf(f.Contact))
	}
	fill := strings.NewReplacer("${TOKEN}", f.Token, "${CONTACT}", f.Contact, "${SHARD}", shard)
	return []byte(fill.Replace(string(raw))), nil
}

// httpAnswer is what functions behind the gateway answer.
type httpAnswer struct {
	Status int               `json:"statusCode"`
	Header map[string]string `json:"headers"`
	Body   string            `json:"body"`
}

// Contact is the id of the contact that create-contact's answer tells of.
func Contact(answer []byte) (string, error) {
	var a httpAnswer
	if err := json.Unmarshal(answer, &a); err != nil {
		return "", fmt.Errorf("events: no answer of a function behind the gateway: %w", err)
	}
	id := strings.TrimPrefix(a.Header["Location"], "/v1/contacts/")
	if !ulid.Valid(id) {
		return "", fmt.Errorf("events: the answer names no contact: %s", answer)
	}
	return id, nil
}

// Check holds a function's answer to its sample against what it must be.
func Check(function string, answer []byte) error {
	switch function {
	case "relay-changes", "write-audit", "reindex-contact", "refresh-suggestions", "purge-contact", "detach-contacts", "receive-events", "plan-job", "run-job":
		return same(answer, `{"batchItemFailures":[]}`)
	case "refresh-keys":
		return same(answer, `{}`)
	case "create-contact":
		return responds(answer, http.StatusCreated, `"name":"Maria Rossi"`)
	case "get-contact":
		return responds(answer, http.StatusOK, `"phone":"+393514117320"`)
	case "list-contacts":
		return responds(answer, http.StatusOK, `"items":[{"id":`)
	case "update-contact":
		return responds(answer, http.StatusOK, `"phone":"+390612345678"`)
	case "read-audit":
		return responds(answer, http.StatusOK, `"action":"contact.created"`)
	case "delete-contact":
		return responds(answer, http.StatusNoContent, "")
	case "manage-fields":
		return responds(answer, http.StatusCreated, `"key":"customer_id"`)
	case "manage-tags":
		return responds(answer, http.StatusCreated, `"name":"VIP"`)
	case "tag-contact":
		return responds(answer, http.StatusOK, `"tags":["Milano","VIP"]`)
	case "manage-companies":
		return responds(answer, http.StatusCreated, `"name":"Rossi srl"`)
	case "manage-notes":
		return responds(answer, http.StatusCreated, `"text":"Prefers to be called in the morning."`)
	case "enrich-contact":
		return responds(answer, http.StatusOK, `"profile":{"displayName":"Mari"`)
	case "lock-contact":
		return responds(answer, http.StatusOK, `"campaign":"spring-sale"`)
	case "set-consent":
		return responds(answer, http.StatusOK, `"dnd":{"all":false,"email":false,"messages":true`)
	case "manage-channels":
		return responds(answer, http.StatusCreated, `"channel":"whatsapp"`)
	case "take-events":
		return responds(answer, http.StatusAccepted, "")
	case "read-messages":
		return responds(answer, http.StatusOK, `"text":"I mean on Sunday."`)
	case "merge-contacts":
		return responds(answer, http.StatusOK, `{"items":[]}`)
	case "suggest-merges":
		return responds(answer, http.StatusOK, `{"items":[]}`)
	case "block-contact":
		return responds(answer, http.StatusOK, `"blocked":true`)
	case "start-job":
		return responds(answer, http.StatusAccepted, `"type":"tag","status":"queued","total":`)
	case "manage-workspace":
		return responds(answer, http.StatusOK, `"workspace":"demo"`)
	case "describe-service":
		return responds(answer, http.StatusOK, `{"status":"ok"}`)
	}
	return fmt.Errorf("events: no function %s", function)
}

func same(answer []byte, want string) error {
	if string(answer) != want {
		return fmt.Errorf("answered %s, want %s", answer, want)
	}
	return nil
}

func responds(answer []byte, status int, body string) error {
	var a httpAnswer
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("answered %s: %w", answer, err)
	}
	if a.Status != status || !strings.Contains(a.Body, body) {
		return fmt.Errorf("answered %d %s, want %d with %s", a.Status, a.Body, status, body)
	}
	return nil
}
