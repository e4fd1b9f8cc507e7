package contacts

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/api/frame"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/ledger"
)

// Card is GET /v1/contacts/{contact}/card: the contact as a person reads it,
// folder by folder.
func Card(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/card", Operation: "getCard", Function: "get-contact",
		Query: []string{"hideEmpty"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			hideEmpty, _ := in.Flag("hideEmpty")
			return frame.Plan{
				Want: ledger.WantContact(in.Workspace, in.Ref),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					c, locks, err := l.Locks(ctx, call.Scope, call.Ref)
					if err != nil {
						return frame.Response{}, err
					}
					terms, err := l.Terms(ctx, call.Scope, *c)
					if err != nil {
						return frame.Response{}, err
					}
					card, err := cardOf(c, terms, locks, call.Caller.Integration, hideEmpty)
					if err != nil {
						return frame.Response{}, err
					}
					return frame.OK(card)
				},
			}
		},
	}
}

type card struct {
	Contact contact.View `json:"contact"`
	Folders []cardFolder `json:"folders"`
}

type cardFolder struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Fields []cardField `json:"fields"`
}

type cardField struct {
	Key   string     `json:"key"`
	Label string     `json:"label"`
	Type  field.Type `json:"type"`
	// Value is absent where the field is empty.
	Value    jsontext.Value `json:"value,omitempty"`
	Options  []string       `json:"options,omitempty"`
	Editable bool           `json:"editable"`
	// Why says why it is not editable.
	Why string `json:"why,omitzero"`
}

// cardOf lays a contact's values out in the folders and the order of the
// workspace's fields, without those that are not shown.
func cardOf(c *contact.Contact, terms *contact.Terms, locks []ledger.Lock, integration string, hideEmpty bool) (card, error) {
	view, fields := c.View(terms), terms.Fields
	standard, err := membersOf(view)
	if err != nil {
		return card{}, err
	}
	made := card{Contact: view, Folders: []cardFolder{}}
	all := fields.All()
	for _, folder := range fields.Folders() {
		shown := cardFolder{ID: folder.ID, Name: folder.Name, Fields: []cardField{}}
		for i := range all {
			d := &all[i]
			if d.Folder != folder.ID || d.Hidden {
				continue
			}
			f := cardField{Key: d.Key, Label: d.Label, Type: d.Type, Options: d.Options, Editable: true, Value: view.Fields[d.Key]}
			if d.Standard {
				f.Value = standard[d.Key]
			}
			if hideEmpty && f.Value == nil {
				continue
			}
			if d.ManagedBy != "" && d.ManagedBy != integration {
				f.Editable, f.Why = false, "Managed by "+d.ManagedBy+"."
			} else if d.Key == "phone" && len(locks) > 0 {
				f.Editable, f.Why = false, lockedBy(locks)
			}
			shown.Fields = append(shown.Fields, f)
		}
		if len(shown.Fields) > 0 || !hideEmpty {
			made.Folders = append(made.Folders, shown)
		}
	}
	return made, nil
}

// membersOf takes a contact's answer apart, so that the card and the contact say
// the same.
func membersOf(view contact.View) (map[string]jsontext.Value, error) {
	b, err := json.Marshal(view)
	if err != nil {
		return nil, err
	}
	var members map[string]jsontext.Value
	err = json.Unmarshal(b, &members)
	return members, err
}

// lockedBy says why a phone cannot be changed.
func lockedBy(locks []ledger.Lock) string {
	names, until := ledger.Campaigns(locks)
	of := "campaign "
	if len(names) > 1 {
		of = "campaigns "
	}
	return "In use by the running " + of + strings.Join(names, ", ") + " until " + until.String() + "."
}
