package e2e

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreateContact(t *testing.T) {
	t.Parallel()
	owner := Owner(t)

	t.Run("AnswersWithWhatAlwaysStandsThere", func(t *testing.T) {
		t.Parallel()
		a := owner.Post(t, "/v1/contacts", Object{}).Is(201)
		got := a.JSON()
		id := got.ID()
		want := Object{
			"id": id, "version": 1.0, "name": "", "tags": []any{}, "fields": map[string]any{}, "status": "active", "vip": false,
			"blocked": false, "createdAt": got["createdAt"], "updatedAt": got["createdAt"],
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
		a.HasHeader("Location", "/v1/contacts/"+id).HasHeader("ETag", `"1"`).HasHeader("Idempotency-Replayed", "")
		if at := got.Text("createdAt"); !isInstant(at) {
			t.Errorf("createdAt is %q, want RFC 3339 in UTC with milliseconds", at)
		}
		if len(id) != 26 {
			t.Errorf("the id %q is no ULID", id)
		}
	})

	t.Run("StoresEveryMemberAsGiven", func(t *testing.T) {
		t.Parallel()
		body := Object{
			"firstName": "Maria", "lastName": "Rossi", "email": "Maria@Example.it", "phone": "+393514117320",
			"otherEmails": []any{"m.rossi@example.com"}, "otherPhones": []any{"+390612345678"},
			"externalIds": map[string]any{"sap": "K-17", "crm_2": "a/b:c"}, "dateOfBirth": "1990-04-01", "source": "web form",
			"type": "lead", "businessName": "Rossi srl", "streetAddress": "Via Po 1", "city": "Torino", "state": "TO",
			"postalCode": "10124", "country": "FR", "website": "https://rossi.example", "timezone": "Europe/Rome", "language": "it",
			"department": "Acquisti", "description": "One\nTwo", "owner": "user_7", "followers": []any{"user_9"},
			"status": "inactive", "vip": true,
		}
		a := owner.Post(t, "/v1/contacts", body).Is(201)
		a.Has(body)
		a.Has(Object{"name": "Maria Rossi", "version": 1.0})
		read := owner.Get(t, "/v1/contacts/"+a.JSON().ID()).Is(200)
		if diff := cmp.Diff(string(a.Body), string(read.Body)); diff != "" {
			t.Errorf("what is read is not what was answered (-answered +read):\n%s", diff)
		}
		read.HasHeader("ETag", `"1"`)
	})

	t.Run("TakesEmptyAndNullForUnset", func(t *testing.T) {
		t.Parallel()
		nothing := owner.Create(t, Object{})
		for _, unset := range []any{nil, ""} {
			body := Object{}
			for _, member := range settable {
				body[member] = unset
			}
			got := owner.Post(t, "/v1/contacts", body).Is(201).JSON()
			for _, member := range []string{"id", "createdAt", "updatedAt"} {
				got[member] = nothing[member]
			}
			if diff := cmp.Diff(nothing, got); diff != "" {
				t.Errorf("all members %v: differs from an empty body (-want +got):\n%s", unset, diff)
			}
		}
	})

	t.Run("DerivesTheName", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			name string
			body Object
		}{
			{"Maria Rossi", Object{"firstName": "Maria", "lastName": "Rossi", "email": "a@example.com"}},
			{"Maria", Object{"firstName": "Maria", "email": "a@example.com"}},
			{"Rossi", Object{"lastName": "Rossi", "phone": "+393514117320"}},
			{"A@Example.com", Object{"email": "A@Example.com", "phone": "+393514117320"}},
			{"+393514117320", Object{"phone": "+393514117320"}},
			{"", Object{"otherEmails": []any{"a@example.com"}, "businessName": "Rossi srl", "externalIds": Object{"sap": "1"}}},
		} {
			if got := owner.Create(t, c.body).Text("name"); got != c.name {
				t.Errorf("%v: name %q, want %q", c.body, got, c.name)
			}
		}
	})

	t.Run("RefusesWhatIsReadOnly", func(t *testing.T) {
		t.Parallel()
		for _, member := range readOnly {
			owner.Post(t, "/v1/contacts", Object{member: "x"}).Invalid(member + " read_only")
		}
	})

	t.Run("NamesAllErrorsAtOnce", func(t *testing.T) {
		t.Parallel()
		owner.Post(t, "/v1/contacts", Object{
			"email": "nobody", "phone": "12", "otherEmails": []any{"a@example.com", "b", 7}, "otherPhones": []any{"+1"},
			"externalIds": Object{"SAP": "x", "ok": 5}, "country": "Italy", "dateOfBirth": "1990-02-31", "firstName": 5,
			"vip": "yes", "status": "asleep", "owner": "a b", "followers": []any{"user_9", ""}, "shoeSize": 43, "version": 2,
			"fields": Object{"score": 1}, "website": "rossi", "language": "italiano", "timezone": "Rome",
		}).Invalid("email invalid_email", "phone invalid_phone", "otherEmails[1] invalid_email", "otherEmails[2] wrong_type",
			"otherPhones[0] invalid_phone", "externalIds.SAP invalid_system", "externalIds.ok wrong_type", "country invalid_country",
			"dateOfBirth invalid_date", "firstName wrong_type", "vip wrong_type", "status invalid_choice", "owner invalid_user",
			"followers[1] invalid_user", "shoeSize unknown_member", "version read_only", "fields.score unknown_field",
			"website invalid_url", "language invalid_language", "timezone invalid_timezone")
	})

	t.Run("NamesLimitsBesideOtherErrors", func(t *testing.T) {
		t.Parallel()
		owner.Post(t, "/v1/contacts", Object{
			"otherEmails": addresses(11), "otherPhones": numbers(11), "externalIds": systems(11), "followers": users(21), "country": "Italy",
		}).Invalid("otherEmails too_many", "otherPhones too_many", "externalIds too_many", "followers too_many", "country invalid_country")
	})
}

// settable are the members that a body may carry, but for tags.
var settable = []string{
	"firstName", "lastName", "email", "phone", "otherEmails", "otherPhones", "externalIds", "dateOfBirth", "source", "type",
	"businessName", "streetAddress", "city", "state", "postalCode", "country", "website", "timezone", "language", "department",
	"description", "companyId", "owner", "followers", "status", "vip", "fields",
}

// readOnly are the members that no body may carry.
var readOnly = []string{
	"id", "version", "name", "validation", "profile", "blocked", "blockedAt", "conversation", "mergedIds", "createdAt", "updatedAt",
	"firstCreatedAt", "dnd",
}

func isInstant(s string) bool {
	at, err := time.Parse("2006-01-02T15:04:05.000Z", s)
	return err == nil && time.Since(at).Abs() < 60*24*time.Hour
}
