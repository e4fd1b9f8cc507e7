package main

import (
	"context"
	"fmt"
)

// operation is one line of the table.
type operation struct {
	name string
	// id is the operationId of the OpenAPI document.
	id string
	// prepare makes what n calls need.
	prepare func(ctx context.Context, w *world, n int) error
	// call is the i-th request.
	call func(w *world, i int) call
}

// operations are all that the API has, each in the forms that cost differently.
var operations = []operation{
	{"get by id", "getContact", people, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i], want: 200}
	}},
	{"get by e-mail address", "getContact", people, func(_ *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/email:" + address(i), want: 200}
	}},
	{"get by id with an API token", "getContact", peopleAndKey, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i], header: []string{"authorization", "Bearer " + w.spare[0]}, want: 200}
	}},
	{"get by the id of a merged one", "getContact", peopleMerged, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[2*i+1], want: 200}
	}},
	{"card", "getCard", people, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i] + "/card", want: 200}
	}},
	{"list 50", "listContacts", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50", want: 200}
	}},
	{"list 50 of an owner", "listContacts", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&owner=" + owner, want: 200}
	}},
	{"list 50 by tag", "listContacts", taggedCrowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&tag=lead", want: 200}
	}},
	{"list 50 of a company", "listContacts", companyCrowd, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&company=" + w.spare[0], want: 200}
	}},
	{"list 50, VIPs first", "listContacts", vipCrowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&sort=vip", want: 200}
	}},
	{"list 50 blocked", "listContacts", blockedCrowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/contacts?limit=50&blocked=true", want: 200}
	}},
	{"search 50 by tag and city", "searchContacts", taggedCrowd, func(*world, int) call {
		return call{method: "POST", path: "/v1/contacts/search", body: `{"limit":50,"filter":{"and":[{"field":"tag","op":"eq","value":"lead"},{"field":"city","op":"ne","value":"Oslo"}]}}`, want: 200}
	}},
	{"search 50 by city", "searchContacts", crowd, func(*world, int) call {
		return call{method: "POST", path: "/v1/contacts/search", body: `{"limit":50,"filter":{"field":"city","op":"eq","value":"torino"}}`, want: 200}
	}},
	{"neighbours", "getNeighbors", crowd, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[150] + "/neighbors", want: 200}
	}},
	{"create, duplicates allowed", "createContact", nil, create},
	{"create, duplicates rejected", "createContact", rejecting, create},
	{"create with two tags", "createContact", tagsMade, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/contacts", body: personWith(i, `,"tags":["lead","Torino"]`), want: 201}
	}},
	{"create with two new tags", "createContact", tagsMade, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/contacts", body: personWith(i, fmt.Sprintf(`,"tags":["lead %d","Torino %d"]`, i, i)), want: 201}
	}},
	{"create with an Idempotency-Key", "createContact", nil, createKeyed},
	{"the same create once more", "createContact", createdKeyed, createKeyed},
	{"upsert that creates", "upsertContact", nil, func(_ *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/email:" + address(i), body: `{"firstName":"Maria","phone":"` + number(i) + `"}`, want: 201}
	}},
	{"upsert that updates", "upsertContact", people, func(_ *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/email:" + address(i), body: `{"city":"Torino Sud"}`, want: 200}
	}},
	{"patch", "updateContact", people, patch(`{"city":"Torino Sud"}`)},
	{"patch of the owner", "updateContact", people, patch(`{"owner":"` + owner + `"}`)},
	{"patch of the phone, duplicates allowed", "updateContact", people, patchPhone},
	{"patch of the phone, duplicates rejected", "updateContact", peopleRejecting, patchPhone},
	{"patch that changes nothing", "updateContact", people, patch(`{"city":"Torino"}`)},
	{"patch of all 54 ways to find a contact", "updateContact", celebrities, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/contacts/" + w.contacts[i], body: celebrity(i, "new"), want: 200}
	}},
	{"patch of the company", "updateContact", peopleAndCompanies, func(w *world, i int) call {
		return patch(`{"companyId":"`+w.spare[i]+`"}`)(w, i)
	}},
	{"follower added", "addFollower", people, follower("PUT")},
	{"follower removed", "removeFollower", peopleFollowed, follower("DELETE")},
	{"identity added", "addIdentity", people, identity("PUT")},
	{"identity removed", "removeIdentity", peopleOfTwoAddresses, identity("DELETE")},
	{"tag added", "addTags", peopleAndTags, func(w *world, i int) call { return addTags(w, i, "lead") }},
	{"new tag added", "addTags", peopleAndTags, func(w *world, i int) call { return addTags(w, i, fmt.Sprintf("lead %d", i)) }},
	{"tag removed", "removeTag", peopleTagged, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/contacts/" + w.contacts[i] + "/tags/lead", want: 200}
	}},
	{"notes, 25", "listNotes", noted, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[0] + "/notes", want: 200}
	}},
	{"note added", "addNote", people, func(w *world, i int) call {
		return call{method: "POST", path: "/v1/contacts/" + w.contacts[i] + "/notes", body: noteBody, want: 201}
	}},
	{"note edited", "editNote", noted, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/contacts/" + w.contacts[0] + "/notes/" + w.spare[i], body: `{"pinned":true}`, want: 200}
	}},
	{"note deleted", "deleteNote", noted, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/contacts/" + w.contacts[0] + "/notes/" + w.spare[i], want: 204}
	}},
	{"lease taken", "lockContact", people, lease("PUT", leaseBody, 200)},
	{"lease ended", "unlockContact", leased, lease("DELETE", "", 204)},
	{"profile set", "setProfile", people, func(w *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/" + w.contacts[i] + "/profile", header: w.asIntegration(), body: profileBody, want: 200}
	}},
	{"validated", "setValidation", people, func(w *world, i int) call {
		return call{method: "PUT", path: "/v1/contacts/" + w.contacts[i] + "/validation", header: w.asIntegration(), body: validationBody, want: 200}
	}},
	{"blocked", "blockContact", people, consenting("POST", "/block", blockBody)},
	{"unblocked", "unblockContact", peopleBlocked, consenting("POST", "/unblock", "")},
	{"do-not-disturb set", "setDND", people, consenting("PUT", "/dnd", dndBody)},
	{"do-not-disturb", "getDND", people, consenting("GET", "/dnd", "")},
	{"reachability", "getReachability", people, consenting("GET", "/reachability", "")},
	{"message received", "receiveEvent", people, func(w *world, i int) call { return w.received(w.contacts[i], i, messageData) }},
	{"message received, with a new profile", "receiveEvent", people, func(w *world, i int) call {
		return w.received(w.contacts[i], i, `{"channel":"telegram","text":"Hello","profile":{"displayName":"Mari"}}`)
	}},
	{"message received of a blocked contact", "receiveEvent", peopleBlocked, func(w *world, i int) call { return w.received(w.contacts[i], i, messageData) }},
	{"message received again", "receiveEvent", messaged, func(w *world, i int) call { return w.received(w.contacts[0], i, messageData) }},
	{"messages, 25", "listMessages", messaged, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[0] + "/messages", want: 200}
	}},
	{"channels of a contact", "listContactChannels", messaged, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[0] + "/channels", want: 200}
	}},
	{"channel of a contact removed", "removeContactChannel", peopleMessaged, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/contacts/" + w.contacts[i] + "/channels/telegram", want: 204}
	}},
	{"accounts", "listChannels", accounts, func(*world, int) call { return call{method: "GET", path: "/v1/channels", want: 200} }},
	{"account registered", "createChannel", nil, func(*world, int) call {
		return call{method: "POST", path: "/v1/channels", body: accountBody, want: 201}
	}},
	{"account changed", "updateChannel", accounts, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/channels/" + w.spare[i], body: `{"connected":false}`, want: 200}
	}},
	{"account removed", "deleteChannel", accounts, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/channels/" + w.spare[i], want: 204}
	}},
	{"merge of two, tried", "mergeContacts", couples, mergeOf("?dryRun=true", 200)},
	{"merge of two", "mergeContacts", couples, mergeOf("", 201)},
	{"merge of two with two tags each", "mergeContacts", couplesTagged, mergeOf("", 201)},
	{"merge undone", "undoMerge", peopleMerged, func(w *world, i int) call {
		return call{method: "POST", path: "/v1/merges/" + w.spare[i] + "/undo", want: 200}
	}},
	{"merges, 25", "listMerges", peopleMerged, func(*world, int) call { return call{method: "GET", path: "/v1/merges", want: 200} }},
	{"merge", "getMerge", peopleMerged, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/merges/" + w.spare[i], want: 200}
	}},
	{"merge suggestions of a contact", "listContactMergeSuggestions", doubles, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[i] + "/merge-suggestions", want: 200}
	}},
	{"merge suggestions, 25", "listMergeSuggestions", doubles, func(*world, int) call {
		return call{method: "GET", path: "/v1/merge-suggestions", want: 200}
	}},
	{"merge suggestion dismissed", "dismissMergeSuggestion", suggestedDoubles, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/merge-suggestions/" + w.spare[i], want: 204}
	}},
	{"merge suggestion of 200 dismissed", "dismissMergeSuggestion", suggestedCrowd, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/merge-suggestions/" + w.spare[0], want: 204}
	}},
	{"delete", "deleteContact", people, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/contacts/" + w.contacts[i], want: 204}
	}},
	{"bulk job for one contact", "startJob", people, startJob},
	{"jobs, 25", "listJobs", jobsDone, func(*world, int) call { return call{method: "GET", path: "/v1/jobs", want: 200} }},
	{"job that is through", "getJob", jobsDone, ofJob("GET", "")},
	{"job's errors", "listJobErrors", jobsDone, ofJob("GET", "/errors")},
	{"job retried, of which one contact failed", "retryJob", jobsDone, ofJob("POST", "/retry")},
	{"deletion of all confirmed, which are one", "confirmJob", jobsHeld, ofJob("POST", "/confirm")},
	{"deletion of all cancelled, which are one", "cancelJob", jobsHeld, ofJob("POST", "/cancel")},
	{"audit page of a contact, 25", "listContactAudit", historic, func(w *world, _ int) call {
		return call{method: "GET", path: "/v1/contacts/" + w.contacts[0] + "/audit", want: 200}
	}},
	{"audit page of the workspace, 25", "listAudit", crowd, func(*world, int) call {
		return call{method: "GET", path: "/v1/audit", want: 200}
	}},
	{"tags, 25", "listTags", tagsMade, func(*world, int) call { return call{method: "GET", path: "/v1/tags", want: 200} }},
	{"tag made", "createTag", tagsMade, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/tags", body: fmt.Sprintf(`{"name":"lead %d"}`, i), want: 201}
	}},
	{"tag renamed", "updateTag", tagsMade, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/tags/" + w.spare[i], body: fmt.Sprintf(`{"name":"label %03d"}`, i), want: 200}
	}},
	{"tag recoloured", "updateTag", tagsMade, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/tags/" + w.spare[i], body: `{"color":"#1e90ff"}`, want: 200}
	}},
	{"tag deleted, which one contact carries", "deleteTag", peopleTaggedApart, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/tags/" + w.spare[i], want: 204}
	}},
	{"companies, 25", "listCompanies", companies, func(*world, int) call { return call{method: "GET", path: "/v1/companies", want: 200} }},
	{"company", "getCompany", companies, func(w *world, i int) call {
		return call{method: "GET", path: "/v1/companies/" + w.spare[i], want: 200}
	}},
	{"company made", "createCompany", nil, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/companies", body: companyBody(i), want: 201}
	}},
	{"company renamed", "updateCompany", companies, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/companies/" + w.spare[i], body: fmt.Sprintf(`{"name":"Bianchi %03d"}`, i), want: 200}
	}},
	{"company deleted, which one contact has", "deleteCompany", peopleOfCompanies, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/companies/" + w.spare[i], want: 204}
	}},
	{"fields", "listFields", defined, func(*world, int) call { return call{method: "GET", path: "/v1/fields", want: 200} }},
	{"field made", "createField", nil, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/fields", body: fieldBody(i), want: 201}
	}},
	{"field changed", "updateField", defined, func(_ *world, i int) call {
		return call{method: "PATCH", path: "/v1/fields/" + fieldKey(i), body: `{"label":"Renewal"}`, want: 200}
	}},
	{"field deleted", "deleteField", defined, func(_ *world, i int) call {
		return call{method: "DELETE", path: "/v1/fields/" + fieldKey(i), want: 204}
	}},
	{"folders", "listFolders", foldered, func(*world, int) call { return call{method: "GET", path: "/v1/folders", want: 200} }},
	{"folder made", "createFolder", nil, func(_ *world, i int) call {
		return call{method: "POST", path: "/v1/folders", body: folderBody(i), want: 201}
	}},
	{"folder changed", "updateFolder", foldered, func(w *world, i int) call {
		return call{method: "PATCH", path: "/v1/folders/" + w.spare[i], body: fmt.Sprintf(`{"name":"Sales %03d"}`, i), want: 200}
	}},
	{"folder deleted", "deleteFolder", foldered, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/folders/" + w.spare[i], want: 204}
	}},
	{"settings", "getWorkspace", nil, func(*world, int) call {
		return call{method: "GET", path: "/v1/workspace", want: 200}
	}},
	{"settings changed", "updateWorkspace", nil, func(_ *world, i int) call {
		return call{method: "PATCH", path: "/v1/workspace", body: fmt.Sprintf(`{"auditRetentionDays":%d}`, 1000+i), want: 200}
	}},
	{"who am I", "getMe", nil, func(*world, int) call { return call{method: "GET", path: "/v1/me", want: 200} }},
	{"token made", "createToken", nil, func(*world, int) call {
		return call{method: "POST", path: "/v1/tokens", body: tokenBody, want: 201}
	}},
	{"tokens listed, 25", "listTokens", tokens, func(*world, int) call { return call{method: "GET", path: "/v1/tokens", want: 200} }},
	{"token deleted", "deleteToken", tokens, func(w *world, i int) call {
		return call{method: "DELETE", path: "/v1/tokens/" + w.spare[i], want: 204}
	}},
	{"health", "getHealth", nil, func(*world, int) call { return call{method: "GET", path: "/v1/health", want: 200} }},
	{"OpenAPI document", "getOpenAPI", nil, func(*world, int) call { return call{method: "GET", path: "/v1/openapi.json", want: 200} }},
}
