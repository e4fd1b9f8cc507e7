package field

// Type says which values a field takes.
type Type string

// The types of custom fields (C3).
const (
	Text      Type = "text"
	LongText  Type = "longtext"
	Number    Type = "number"
	Boolean   Type = "boolean"
	Date      Type = "date"
	DateTime  Type = "datetime"
	Time      Type = "time"
	List      Type = "list"
	MultiList Type = "multilist"
	Email     Type = "email"
	Phone     Type = "phone"
	URL       Type = "url"
	Currency  Type = "currency"
)

// Types are those of custom fields.
var Types = []Type{Text, LongText, Number, Boolean, Date, DateTime, Time, List, MultiList, Email, Phone, URL, Currency}

// The further types of standard fields.
const (
	Country     Type = "country"
	Language    Type = "language"
	Timezone    Type = "timezone"
	User        Type = "user"
	Users       Type = "users"
	Emails      Type = "emails"
	Phones      Type = "phones"
	ExternalIDs Type = "externalIds"
	Company     Type = "company"
)

// standard are the fields that every contact has, in the order of their folders
// (C1). Their keys are the members of a contact.
var standard = func() []Definition {
	var all []Definition
	folder := func(id string, fields ...Definition) {
		for i, d := range fields {
			d.ID, d.Folder, d.Position, d.Standard = d.Key, id, i, true
			all = append(all, d)
		}
	}
	folder(FolderContact,
		Definition{Key: "firstName", Label: "First Name", Type: Text},
		Definition{Key: "lastName", Label: "Last Name", Type: Text},
		Definition{Key: "email", Label: "Email", Type: Email},
		Definition{Key: "phone", Label: "Phone", Type: Phone},
		Definition{Key: "dateOfBirth", Label: "Date of Birth", Type: Date},
		Definition{Key: "source", Label: "Contact Source", Type: Text},
		Definition{Key: "type", Label: "Contact Type", Type: Text},
	)
	folder(FolderGeneral,
		Definition{Key: "businessName", Label: "Business Name", Type: Text},
		Definition{Key: "streetAddress", Label: "Street Address", Type: LongText},
		Definition{Key: "city", Label: "City", Type: Text},
		Definition{Key: "country", Label: "Country", Type: Country},
		Definition{Key: "state", Label: "State", Type: Text},
		Definition{Key: "postalCode", Label: "Postal Code", Type: Text},
		Definition{Key: "website", Label: "Website", Type: URL},
		Definition{Key: "timezone", Label: "Timezone", Type: Timezone},
	)
	folder(FolderAdditional,
		Definition{Key: "language", Label: "Language", Type: Language},
		Definition{Key: "otherEmails", Label: "Other Emails", Type: Emails},
		Definition{Key: "otherPhones", Label: "Other Phones", Type: Phones},
		Definition{Key: "externalIds", Label: "External IDs", Type: ExternalIDs},
		Definition{Key: "companyId", Label: "Company", Type: Company},
		Definition{Key: "department", Label: "Department", Type: Text},
		Definition{Key: "owner", Label: "Owner", Type: User},
		Definition{Key: "followers", Label: "Followers", Type: Users},
		Definition{Key: "status", Label: "Status", Type: List, Options: []string{"active", "inactive"}},
		Definition{Key: "vip", Label: "VIP", Type: Boolean},
		Definition{Key: "description", Label: "Description", Type: LongText},
	)
	return all
}()

// otherMembers are what a contact has beside its fields (api.md, Contact). No
// custom field is called so: in a filter, a CSV or an audit entry people would
// take one for the other.
var otherMembers = []string{
	"id", "version", "name", "validation", "profile", "tags", "fields", "dnd", "blocked", "blockedAt",
	"conversation", "mergedIds", "createdAt", "updatedAt", "firstCreatedAt",
}

// isStandard tells whether a key is a standard field's.
func isStandard(key string) bool { return standardField(key).Standard }

// standardField returns the standard field with the given key as it is by
// default; the zero Definition if there is none.
func standardField(key string) Definition {
	for _, d := range standard {
		if d.Key == key {
			return d
		}
	}
	return Definition{}
}
