// Package api puts all endpoints together: for the server on one machine, and
// for the tests that hold them against the OpenAPI document, template.yaml and
// the roles. Lambdas do not import it; each takes the endpoints that it serves.
package api

import (
	"slices"

	"rubrica/shared/api/audits"
	"rubrica/shared/api/channels"
	"rubrica/shared/api/companies"
	"rubrica/shared/api/contacts"
	"rubrica/shared/api/events"
	"rubrica/shared/api/fields"
	"rubrica/shared/api/frame"
	"rubrica/shared/api/jobs"
	"rubrica/shared/api/merges"
	"rubrica/shared/api/messages"
	"rubrica/shared/api/notes"
	"rubrica/shared/api/service"
	"rubrica/shared/api/suggestions"
	"rubrica/shared/api/tags"
	"rubrica/shared/api/workspaces"
	"rubrica/shared/ledger"
)

// All are the endpoints of the whole API; document is the OpenAPI document, in
// JSON.
func All(l *ledger.Ledger, document []byte) []frame.Endpoint {
	return slices.Concat(
		[]frame.Endpoint{contacts.Create(l), contacts.Get(l), contacts.Card(l), contacts.Delete(l)},
		contacts.List(l),
		contacts.Update(l),
		contacts.Tag(l),
		contacts.Block(l),
		contacts.Consent(l),
		contacts.Lock(l),
		contacts.Offer(l),
		notes.Endpoints(l),
		merges.Endpoints(l),
		suggestions.Endpoints(l),
		channels.Endpoints(l),
		messages.Endpoints(l),
		events.Endpoints(l),
		tags.Endpoints(l),
		companies.Endpoints(l),
		jobs.Endpoints(l),
		audits.Endpoints(l),
		fields.Endpoints(l),
		workspaces.Endpoints(l),
		service.Endpoints(document),
	)
}
