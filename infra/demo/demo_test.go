package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rubrica/infra/e2e"
)

// demo runs the command with a file of the given text and returns what it prints.
func demo(t *testing.T, text string, args ...string) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "contacts.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), append(args, "-file", name), &out)
	return out.String(), err
}

// withoutTime cuts off how long it took.
func withoutTime(out string) string {
	before, _, _ := strings.Cut(out, ", in ")
	return before
}

func TestDemo(t *testing.T) {
	t.Parallel()
	service := e2e.Serve(t)

	t.Run("LoadsItsOwnSampleIntoTheWorkspaceDemo", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-url", service.URL + "/"}, &out); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		const want = `Made the custom fields Customer ID, Score, Signup Date
Not loaded, for there is nothing yet that takes them: DND
line 10: Phone "06 12 34 56 78": The country's prefix is missing: write + and the prefix before the number, as in +393122377966.
line 11: Email "petra.novak(at)example.cz": The @ is missing: write an address as in maria@example.com. Date of Birth "31.12.1988": Write the date as year-month-day, as in 1990-04-01.
9 rows: 7 stored, 2 refused`
		if diff := cmp.Diff(want, withoutTime(out.String())); diff != "" {
			t.Errorf("it prints something else (-want +got):\n%s", diff)
		}
		owner := service.Named(t, "demo").As(t, "owner")
		owner.Get(t, "/v1/contacts/email:maria.rossi@example.it").Is(200).Has(e2e.Object{
			"firstName": "Maria", "lastName": "Rossi", "phone": "+393514117320", "businessName": "Rossi srl", "streetAddress": "Via Po 1",
			"city": "Torino", "state": "TO", "postalCode": "10124", "country": "IT", "website": "https://rossi.example",
			"timezone": "Europe/Rome", "language": "it", "dateOfBirth": "1990-04-01", "source": "web form", "type": "customer",
			"owner": "user_1", "tags": []any{"Torino", "VIP"}, "description": "Prefers the phone,\nin the morning",
			"fields": e2e.Object{"customer_id": "K-1", "score": 12, "signup_date": "2026-05-26"},
		})
		owner.Get(t, "/v1/contacts/phone:+551187654321").Refused(409, "ambiguous_identity")
		owner.Get(t, "/v1/contacts/email:taro@example.jp").Is(200).Has(e2e.Object{"name": "太郎 山田", "description": `=HYPERLINK("x")`})
	})

	t.Run("StoresNothingTwice", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		const text = "\ufeffEmail, FIRST NAME ,Shoe Size\na@example.com,A,42\nb@example.com,B,\nb@example.com,B,\n,,\n"
		for range 2 {
			out, err := demo(t, text, "-url", service.URL, "-token", owner.Token)
			if want := "Not loaded, for there is nothing yet that takes them: Shoe Size\n4 rows: 4 stored, 0 refused"; err != nil || withoutTime(out) != want {
				t.Errorf("it prints\n%s\nand ends with %v; want\n%s", out, err, want)
			}
		}
		if n := len(owner.All(t, "/v1/contacts")); n != 4 {
			t.Errorf("%d contacts, want 4", n)
		}
	})

	t.Run("LoadsCustomFields", func(t *testing.T) {
		t.Parallel()
		w := service.Workspace(t)
		owner := w.As(t, "owner")
		const text = "Email,score,Customer ID,Signup Date\na@example.com, 12.50 ,1,2026-02-28\nb@example.com,many,,28.2.2026\n"
		const refused = `line 3: score "many": Must be a number, such as 12 or 10.5, without quotes. Signup Date "28.2.2026": Write the date as year-month-day, as in 1990-04-01.
2 rows: 1 stored, 1 refused`
		agent := w.As(t, "agent")
		for _, c := range []struct{ token, want string }{
			{agent.Token, "Not loaded, for there is nothing yet that takes them: score, Customer ID, Signup Date\n2 rows: 2 stored, 0 refused"},
			{owner.Token, "Made the custom fields Customer ID, Signup Date\n" + refused},
			{agent.Token, refused},
		} {
			out, err := demo(t, text, "-url", service.URL, "-token", c.token)
			if diff := cmp.Diff(c.want, withoutTime(out)); err != nil || diff != "" {
				t.Errorf("it ends with %v and prints something else (-want +got):\n%s", err, diff)
			}
			if c.token == agent.Token { // somebody has made one by hand, meanwhile
				owner.Post(t, "/v1/fields", e2e.Object{"key": "score", "type": "number", "label": "Points"})
			}
		}
		found := owner.All(t, "/v1/contacts?email=a@example.com")
		if len(found) == 0 {
			t.Fatal("nothing was stored")
		}
		want := map[string]any{"score": 12.5, "customer_id": "1", "signup_date": "2026-02-28"}
		if diff := cmp.Diff(want, found[0]["fields"]); diff != "" {
			t.Errorf("the values differ (-want +got):\n%s", diff)
		}
		card := string(owner.Get(t, "/v1/contacts/"+found[0].ID()+"/card?hideEmpty=true").Is(200).Body)
		for _, part := range []string{`"label":"Points","type":"number","value":12.5`, `"label":"Customer ID","type":"text","value":"1"`, `"label":"Signup Date","type":"date","value":"2026-02-28"`} {
			if !strings.Contains(card, part) {
				t.Errorf("the card has no %s: %s", part, card)
			}
		}
	})

	t.Run("GoesOnBehindBrokenRows", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		text := "Email,City\na@example.com,Roma\nb@example.com\n\"c@example.com\",Bari,x\nd@example.com,\"Li\"ma\"\ne@example.com,\xff\n" +
			"f@example.com,\"two\nlines\"\ng@example.com,Lodi\n"
		out, err := demo(t, text, "-url", service.URL, "-token", owner.Token)
		want := "line 3: it has 1 fields, the header 2\nline 4: it has 3 fields, the header 2\nline 5: extraneous or missing \" in quoted-field\n" +
			"line 6: City is not UTF-8: save the file in that encoding\nline 7: City \"two\\nlines\": The control character U+000A is not allowed. This is one line of text; take it out.\n" +
			"7 rows: 2 stored, 5 refused"
		if diff := cmp.Diff(want, withoutTime(out)); err != nil || diff != "" {
			t.Errorf("it ends with %v and prints something else (-want +got):\n%s", err, diff)
		}
	})

	t.Run("SaysInOneLineWhatIsWrong", func(t *testing.T) {
		t.Parallel()
		const good = "Email\na@example.com\n"
		for _, c := range []struct {
			name, text string
			args       []string
			says       string
		}{
			{"NoHeader", "", nil, "no header"},
			{"NoColumn", "Shoe Size\n42\n", nil, "Shoe Size"},
			{"TheSameColumnTwice", "Email,email\na,b\n", nil, "twice"},
			{"NobodyThere", good, []string{"-url", "http://127.0.0.1:1"}, "is the server running"},
			{"NoAddress", good, []string{"-url", "nonsense"}, "nonsense"},
			{"ATokenThatIsNone", good, []string{"-token", "nonsense"}, "does not let us"},
			{"AnArgument", good, []string{"-url", service.URL, "more"}, "more"},
			{"AnUnknownFlag", good, []string{"-nonsense"}, "-nonsense"},
			{"NoFile", good, []string{"-file", "/nowhere/contacts.csv"}, "/nowhere/contacts.csv"},
		} {
			args := append([]string{"-url", service.URL}, c.args...)
			name := filepath.Join(t.TempDir(), "contacts.csv")
			if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err := run(t.Context(), append([]string{"-file", name}, args...), &out)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v; want one line with %q", c.name, err, c.says)
			}
		}
	})

	t.Run("StopsWhenToldTo", func(t *testing.T) {
		t.Parallel()
		owner := service.Workspace(t).As(t, "owner")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out bytes.Buffer
		if err := run(ctx, []string{"-url", service.URL, "-token", owner.Token}, &out); err == nil {
			t.Errorf("it ends without an error and prints\n%s", &out)
		}
	})
}
