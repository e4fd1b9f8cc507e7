package template_test

import "encoding/json"

// suggestions has contacts share values and stop to, in every way that the list of
// shared values follows: of two contacts, and of more than are shown.
func (s *scenario) suggestions() {
	made := func(body string) string { return s.ask("POST", "/v1/contacts", body) }
	s.ask("PATCH", "/v1/workspace", `{"duplicates":"allow"}`)
	fanny := made(`{"firstName":"Fanny","email":"fanny@suggest.example","phone":"+390612347001"}`)
	flora := made(`{"firstName":"Flora","otherEmails":["fanny@suggest.example"],"phone":"+390612347001"}`)
	s.Settle()
	s.ask("GET", "/v1/contacts/"+flora+"/merge-suggestions?limit=1", "")
	a := s.Request("GET", "/v1/merge-suggestions?limit=1", s.token, "")
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(a.Body), &page); err != nil || len(page.Items) != 1 {
		s.t.Fatal(a, err)
	}
	s.ask("GET", "/v1/merge-suggestions", "")
	s.ask("DELETE", "/v1/merge-suggestions/"+page.Items[0].ID, "", "Idempotency-Key", "fanny")
	s.ask("PATCH", "/v1/contacts/"+flora, `{"otherEmails":null,"phone":"+390612347002"}`)
	s.ask("POST", "/v1/contacts/"+fanny+"/block", "")
	s.Settle()
	s.ask("DELETE", "/v1/contacts/"+fanny, "")
	gaia := made(`{"email":"gaia@suggest.example"}`)
	made(`{"otherEmails":["gaia@suggest.example"]}`)
	s.Settle()
	s.ask("PATCH", "/v1/contacts/"+gaia, `{"email":null}`)
	s.Settle()
	var many []string
	for range 12 {
		many = append(many, made(`{"phone":"+390612347003","email":"many@suggest.example"}`))
	}
	s.Settle()
	s.ask("GET", "/v1/contacts/"+many[0]+"/merge-suggestions", "")
	for _, id := range many {
		s.ask("DELETE", "/v1/contacts/"+id, "")
	}
	s.Settle()
	s.ask("PATCH", "/v1/workspace", `{"duplicates":"reject"}`)
}
