package e2e

import "testing"

// TestWhatMayNotBeKeptIsLeftOut of what a channel says with an event: that member, and
// no other one.
func TestWhatMayNotBeKeptIsLeftOut(t *testing.T) {
	t.Parallel()
	service := Serve(t)
	const taken, number = "taken@example.it", "+390612345678"
	leased := func(t *testing.T, w *Workspace, path string) {
		w.As(t, "agent", Integration("dialer")).Put(t, path+"/locks/spring", Object{"expiresAt": "2099-01-01T00:00:00Z"}).Is(200)
	}
	managed := func(members ...string) func(*testing.T, *Workspace, string) {
		return func(t *testing.T, w *Workspace, _ string) {
			for _, member := range members {
				w.As(t, "owner").Patch(t, "/v1/fields/"+member, Object{"managedBy": "sap"}).Is(200)
			}
		}
	}
	rejecting := func(t *testing.T, w *Workspace, _ string) {
		owner := w.As(t, "owner")
		owner.Create(t, Object{"email": taken, "otherPhones": []any{"+393514117320"}})
		owner.Patch(t, "/v1/workspace", Object{"duplicates": "reject"}).Is(200)
	}
	for name, c := range map[string]struct {
		body    Object
		given   func(t *testing.T, w *Workspace, path string)
		profile Object
		want    Object
	}{
		"AnothersAddress": {Object{}, rejecting, Object{"email": "Taken@Example.it", "lastName": "Ok", "phone": number}, Object{"email": nil, "lastName": "Ok", "phone": number, "country": "IT"}},
		"AnothersNumber":  {Object{}, rejecting, Object{"phone": "+393514117320", "email": "own@example.it"}, Object{"phone": nil, "country": nil, "email": "own@example.it"}},
		"Both":            {Object{}, rejecting, Object{"phone": "+393514117320", "email": taken, "firstName": "Ok"}, Object{"phone": nil, "country": nil, "email": nil, "firstName": "Ok"}},
		"ALeasedPhone":    {Object{}, leased, Object{"phone": number, "firstName": "Ok"}, Object{"phone": nil, "country": nil, "firstName": "Ok"}},
		"AManagedMember":  {Object{}, managed("language"), Object{"language": "it", "firstName": "Ok"}, Object{"language": nil, "firstName": "Ok"}},
		"AllThatIsManaged": {
			Object{}, managed("firstName", "lastName", "email", "phone", "country", "language"),
			Object{"firstName": "No", "lastName": "No", "email": "no@example.it", "phone": number, "country": "FR", "language": "it"},
			Object{"firstName": nil, "lastName": nil, "email": nil, "phone": nil, "country": nil, "language": nil},
		},
		"AManagedCountryOfAPhone": {Object{}, managed("country"), Object{"phone": number, "firstName": "Ok"}, Object{"phone": number, "country": nil, "firstName": "Ok"}},
		"AnAddressAmongOthersThatAreManaged": {
			Object{"otherEmails": []any{"own@example.it"}}, managed("otherEmails"), Object{"email": "own@example.it", "firstName": "Ok"},
			Object{"email": nil, "otherEmails": []any{"own@example.it"}, "firstName": "Ok"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := service.Workspace(t)
			owner := w.As(t, "owner")
			id := owner.Create(t, c.body).ID()
			path := "/v1/contacts/" + id
			c.given(t, w, path)
			profile := Object{"displayName": "D"}
			for member, value := range c.profile {
				profile[member] = value
			}
			channel := w.As(t, "agent", Integration("x"))
			channel.Post(t, "/v1/events", event("1", "message.received", id, 1, Object{"channel": "whatsapp", "text": "hi", "profile": profile})).Is(202)
			got := owner.Get(t, path).Is(200).Has(c.want)
			if shown := got["profile"].(map[string]any)["displayName"]; shown != "D" || got.Version() != 2 {
				t.Errorf("shows itself as %v at version %d", shown, got.Version())
			}
			if texts := textsOf(t, owner, path, ""); len(texts) != 1 {
				t.Errorf("messages: %q", texts)
			}
			channel.Post(t, "/v1/events", event("2", "channel.connected", id, 2, Object{"channel": "whatsapp", "profile": profile})).Is(202)
			if again := owner.Get(t, path).Is(200).Has(c.want); again.Version() != 2 {
				t.Errorf("said again it makes version %d", again.Version())
			}
			w.Verified(t)
		})
	}
}
