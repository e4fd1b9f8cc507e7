package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// card reads a card, as lines "folder: key=value" in its order.
func (a *Answer) card() (lines []string) {
	a.t.Helper()
	for _, f := range a.Is(200).JSON()["folders"].([]any) {
		folder := f.(map[string]any)
		fields := folder["fields"].([]any)
		if len(fields) == 0 {
			lines = append(lines, fmt.Sprint(folder["name"]))
		}
		for _, f := range fields {
			field := f.(map[string]any)
			lines = append(lines, fmt.Sprint(folder["name"], ": ", field["label"], "=", field["value"]))
		}
	}
	return lines
}

// onCard is a field of a card, nil if it is not on it.
func (a *Answer) onCard(key string) map[string]any {
	a.t.Helper()
	for _, f := range a.Is(200).JSON()["folders"].([]any) {
		for _, f := range f.(map[string]any)["fields"].([]any) {
			if field := f.(map[string]any); field["key"] == key {
				return field
			}
		}
	}
	return nil
}

func TestCard(t *testing.T) {
	t.Parallel()
	service := Serve(t)

	t.Run("HasFoldersFieldsAndTheContact", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		owner.Post(t, "/v1/fields", Object{"key": "customer_id", "type": "text", "label": "Customer ID", "folder": "contact", "position": 0}).Is(201)
		owner.Post(t, "/v1/fields", Object{"key": "likes", "type": "multilist", "options": []any{"cars", "boats"}}).Is(201)
		folder := owner.Post(t, "/v1/folders", Object{"name": "Contract", "position": 1}).Is(201).JSON().ID()
		define(t, owner, "price currency")
		owner.Patch(t, "/v1/fields/price", Object{"folder": folder, "label": "Price"}).Is(200)
		owner.Post(t, "/v1/folders", Object{"name": "Empty"}).Is(201)
		contact := owner.Create(t, Object{
			"firstName": "Maria", "email": "maria@example.it", "phone": "+393514117320", "externalIds": Object{"sap": "K-17"}, "followers": []any{"user_9"},
			"fields": Object{"customer_id": "K-17", "likes": []any{"boats"}, "price": Object{"amount": "10.50", "currency": "EUR"}},
		})
		path := "/v1/contacts/" + contact.ID() + "/card"
		if diff := cmp.Diff(map[string]any(contact), owner.Get(t, path).Is(200).JSON()["contact"]); diff != "" {
			t.Errorf("the contact differs (-want +got):\n%s", diff)
		}
		full := []string{
			"Contact: Customer ID=K-17", "Contact: First Name=Maria", "Contact: Last Name=<nil>", "Contact: Email=maria@example.it", "Contact: Phone=+393514117320",
			"Contact: Date of Birth=<nil>", "Contact: Contact Source=<nil>", "Contact: Contact Type=<nil>", "Contract: Price=map[amount:10.50 currency:EUR]",
			"General Info: Business Name=<nil>", "General Info: Street Address=<nil>", "General Info: City=<nil>", "General Info: Country=IT", "General Info: State=<nil>",
			"General Info: Postal Code=<nil>", "General Info: Website=<nil>", "General Info: Timezone=<nil>", "Additional Info: Language=<nil>",
			"Additional Info: Other Emails=<nil>", "Additional Info: Other Phones=<nil>", "Additional Info: External IDs=map[sap:K-17]", "Additional Info: Company=<nil>",
			"Additional Info: Department=<nil>", "Additional Info: Owner=<nil>", "Additional Info: Followers=[user_9]", "Additional Info: Status=active",
			"Additional Info: VIP=false", "Additional Info: Description=<nil>", "Additional Info: likes=[boats]", "Empty",
		}
		for _, query := range []string{"", "?hideEmpty=false"} {
			if diff := cmp.Diff(full, owner.Get(t, path+query).card()); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", query, diff)
			}
		}
		var filled []string
		for _, line := range full {
			if !strings.HasSuffix(line, "=<nil>") && line != "Empty" {
				filled = append(filled, line)
			}
		}
		if diff := cmp.Diff(filled, owner.Get(t, path+"?hideEmpty=true").card()); diff != "" {
			t.Errorf("without empty fields it differs (-want +got):\n%s", diff)
		}
		a := owner.Get(t, path)
		want := map[string]any{"key": "likes", "label": "likes", "type": "multilist", "value": []any{"boats"}, "options": []any{"cars", "boats"}, "editable": true}
		if diff := cmp.Diff(want, a.onCard("likes")); diff != "" {
			t.Errorf("a field differs (-want +got):\n%s", diff)
		}
		want = map[string]any{"key": "lastName", "label": "Last Name", "type": "text", "editable": true}
		if diff := cmp.Diff(want, a.onCard("lastName")); diff != "" {
			t.Errorf("an empty field differs (-want +got):\n%s", diff)
		}
		for _, by := range []string{"email:Maria@example.it", "phone:+393514117320", "ext:sap:K-17", "id:" + contact.ID()} {
			if got := owner.Get(t, "/v1/contacts/"+escaped(by)+"/card").Is(200); string(got.Body) != string(a.Body) {
				t.Errorf("by %s it is another card", by)
			}
		}
	})

	t.Run("SaysWhatIsEditableByWhom", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner, sap := w.As(t, "owner"), w.As(t, "agent", Integration("sap"))
		define(t, owner, "score number")
		for _, key := range []string{"score", "companyId"} {
			owner.Patch(t, "/v1/fields/"+key, Object{"managedBy": "sap"}).Is(200)
		}
		path := "/v1/contacts/" + owner.Create(t, Object{}).ID() + "/card"
		for _, key := range []string{"score", "companyId"} {
			for _, c := range []*Client{owner, w.As(t, "agent"), w.As(t, "owner", Integration("crm"))} {
				if f := c.Get(t, path).onCard(key); f["editable"] != false || f["why"] != "Managed by sap." {
					t.Errorf("%v", f)
				}
			}
			if f := sap.Get(t, path).onCard(key); f["editable"] != true || f["why"] != nil {
				t.Errorf("to its manager: %v", f)
			}
		}
		if f := owner.Get(t, path).onCard("city"); f["editable"] != true || f["why"] != nil {
			t.Errorf("%v", f)
		}
	})

	t.Run("HasOnlyWhatIsShown", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		define(t, owner, "score number")
		path := "/v1/contacts/" + owner.Create(t, Object{"city": "Roma", "fields": Object{"score": 1}}).ID() + "/card"
		for _, key := range []string{"city", "score"} {
			owner.Patch(t, "/v1/fields/"+key, Object{"shown": false}).Is(200)
			a := owner.Get(t, path)
			if f := a.onCard(key); f != nil {
				t.Errorf("%s is on the card: %v", key, f)
			}
			owner.Patch(t, "/v1/fields/"+key, Object{"shown": true}).Is(200)
			if owner.Get(t, path).onCard(key)["value"] == nil {
				t.Errorf("%s is not on the card again", key)
			}
		}
		owner.Patch(t, "/v1/fields/score", Object{"shown": false}).Is(200)
		contact := owner.Get(t, path).JSON()["contact"].(map[string]any) // which is whole all the same
		if diff := cmp.Diff(map[string]any{"score": 1.0}, contact["fields"]); diff != "" {
			t.Errorf("the contact's fields differ (-want +got):\n%s", diff)
		}
		for _, key := range []string{"firstName", "lastName", "email", "phone", "dateOfBirth", "source", "type"} {
			owner.Patch(t, "/v1/fields/"+key, Object{"shown": false}).Is(200)
		}
		if lines := owner.Get(t, path).card(); lines[0] != "Contact" {
			t.Errorf("a folder without fields that are shown: %v", lines)
		}
		if lines := owner.Get(t, path+"?hideEmpty=true").card(); lines[0] != "General Info: City=Roma" {
			t.Errorf("it is not hidden: %v", lines)
		}
	})

	t.Run("OfNobodyIsNone", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner, agent := w.As(t, "owner"), w.As(t, "agent", Sub("user_7"), Restricted("only-assigned"))
		mine := owner.Create(t, Object{"owner": "user_7", "email": "same@example.it"}).ID()
		others := owner.Create(t, Object{"email": "same@example.it"}).ID()
		agent.Get(t, "/v1/contacts/"+mine+"/card").Is(200)
		agent.Get(t, "/v1/contacts/"+others+"/card").Refused(404, "")
		w.As(t, "agent").Get(t, "/v1/contacts/"+others+"/card").Is(200)
		owner.Get(t, "/v1/contacts/email:same@example.it/card").Refused(409, "ambiguous_identity")
		owner.Get(t, "/v1/contacts/email:nobody/card").Refused(400, "")
		owner.Get(t, "/v1/contacts/01JD3QZZZZZZZZZZZZZZZZZZZ0/card").Refused(404, "")
		service.Workspace(t).As(t, "owner").Get(t, "/v1/contacts/"+mine+"/card").Refused(404, "")
		owner.Delete(t, "/v1/contacts/"+mine).Is(204)
		owner.Get(t, "/v1/contacts/"+mine+"/card").Refused(410, "")
		owner.Get(t, "/v1/contacts/"+others+"/card?hideEmpty=yes").Invalid("hideEmpty invalid_choice")
		owner.Get(t, "/v1/contacts/"+others+"/card?hideempty=true").Invalid("hideempty unknown_parameter")
		service.Anonymous().Get(t, "/v1/contacts/"+others+"/card").Refused(401, "")
	})
}
