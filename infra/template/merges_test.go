package template_test

import (
	"fmt"
	"strings"
)

// merges makes one contact of several, has every function meet the id of one that
// was absorbed, and takes merges back: of contacts that are found in few ways, and
// of some that are found in more than a transaction can put.
func (s *scenario) merges() {
	made := func(body string) string { return s.ask("POST", "/v1/contacts", body) }
	pair := func(survivor string, others ...string) string {
		return fmt.Sprintf(`{"survivor":%q,"contacts":["%s"]}`, survivor, strings.Join(others, `","`))
	}
	carla := made(`{"firstName":"Carla","email":"carla@example.it","tags":["twin"]}`)
	carlotta := made(`{"lastName":"Verdi","phone":"+390612349999","tags":["twin","other"],"owner":"user_7"}`)
	s.ask("POST", "/v1/contacts/"+carlotta+"/notes", `{"text":"Likes cats"}`)
	s.ask("POST", "/v1/merges?dryRun=true", pair(carla, carlotta))
	first := s.ask("POST", "/v1/merges", pair(carla, carlotta), "Idempotency-Key", "carla")
	s.Settle()
	old := "/v1/contacts/" + carlotta
	for _, sub := range []string{"", "/card", "/notes", "/audit", "/dnd", "/reachability", "/neighbors"} {
		s.ask("GET", old+sub, "")
	}
	s.ask("PATCH", old, `{"city":"Roma"}`)
	s.ask("POST", old+"/tags", `{"tags":["late"]}`)
	s.ask("DELETE", old+"/tags/late", "")
	s.ask("PUT", old+"/dnd", `{"email":true}`)
	s.ask("POST", old+"/block", "")
	s.ask("POST", old+"/unblock", "")
	s.ask("POST", old+"/notes", `{"text":"Likes dogs"}`)
	s.ask("GET", "/v1/merges?limit=1", "")
	s.ask("GET", "/v1/merges/"+first, "")
	// A chain, which is taken back from within.
	chief := made(`{"firstName":"Chief","lastName":"Verdi","phone":"+390612348888","externalIds":{"sap":"chief"}}`)
	s.ask("POST", "/v1/merges", pair(chief, carla))
	s.ask("POST", "/v1/merges/"+first+"/undo", "", "Idempotency-Key", "carlotta")
	s.ask("DELETE", "/v1/contacts/"+chief, "") // and carla with it
	// Under reject who comes back takes its identities on the heads that it read.
	s.ask("PATCH", "/v1/workspace", `{"duplicates":"reject"}`)
	second := s.ask("POST", "/v1/merges", pair(made(`{"email":"one@twins.example"}`), made(`{"email":"two@twins.example","vip":true}`)))
	s.ask("POST", "/v1/merges/"+second+"/undo", "")
	s.ask("PATCH", "/v1/workspace", `{"duplicates":"allow"}`)
	company := s.ask("POST", "/v1/companies", `{"name":"Twins"}`)
	var many []string
	for i := range 10 {
		many = append(many, made(fmt.Sprintf(`{"vip":true,"companyId":%q,"followers":["user_%d","user_%d"],"externalIds":{"sap":"of many %d"},"otherEmails":[%s],"otherPhones":[%s]}`,
			company, i, i+10, i, each(10, `"shared-%d@twins.example"`), each(10, `"+39351411900%d"`))))
	}
	third := s.ask("POST", "/v1/merges", pair(many[0], many[1:]...))
	s.Settle()
	s.ask("POST", "/v1/merges/"+third+"/undo", "")
	s.Settle()
}

// each is a list of what format makes of the first n numbers.
func each(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(parts, ",")
}
