// Package workspace is what a tenant has decided for itself, and the state that
// the operator keeps it in. Pure rules; the ledger stores it and api/workspace
// speaks of it.
package workspace

import (
	"rubrica/shared/body"
	"rubrica/shared/contact"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
	"rubrica/shared/tag"
)

// Settings is one workspace. It is read in the same call as every contact.
type Settings struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	// Duplicates says what happens to an address or number that another contact
	// has (I3).
	Duplicates Duplicates `json:"duplicates"`
	// Timezone is whose months count for "active in a month".
	Timezone string `json:"timezone"`
	// AuditRetentionDays is how long entries of the audit log are kept; it holds
	// for entries written after it was set.
	AuditRetentionDays int    `json:"auditRetentionDays"`
	Status             Status `json:"status"`

	// Shards is over how many partitions new contacts are spread, 1 to 32. It
	// may grow at any time and never shrinks: nothing moves.
	Shards int `json:"shards"`
	// Epoch rises with every renaming or changed definition: caches by it are
	// right as long as it is the same.
	Epoch int64 `json:"epoch"`
	// Fields is the version of the set of fields and folders.
	Fields int64 `json:"fields,omitzero"`
	// Accounts is the version of the set of accounts at channels' networks.
	Accounts int64 `json:"accounts,omitzero"`
	// Key seals what belongs to the workspace and to no contact: cursors, kept
	// answers, the values in its own change records.
	Key       seal.Key        `json:"key"`
	CreatedAt instant.Instant `json:"createdAt"`
}

// Duplicates is a policy for identities that another contact has.
type Duplicates string

// The policies.
const (
	Allow  Duplicates = "allow"  // repeats are stored and become merge suggestions
	Reject Duplicates = "reject" // 409 duplicate_identity
)

// Status is what the operator lets the workspace do.
type Status string

// The statuses of a workspace.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // every call is 403 workspace_suspended
	Closed    Status = "closed"    // as if it did not exist
)

// Refusal is why nobody may do anything in a workspace of this status; nil if
// everybody may.
func (s Status) Refusal() error {
	if s != Suspended {
		return nil
	}
	refused := problem.New(problem.Forbidden, "The workspace is suspended; whoever operates this service can say why.")
	refused.Code = "workspace_suspended"
	return refused
}

// Defaults of a new workspace.
const (
	DefaultShards    = 4
	MaxShards        = 32
	DefaultRetention = 3650
	MaxRetention     = 36500
	MinRetention     = 30
)

// New returns the settings of a workspace that nobody has touched.
func New(id string, now instant.Instant) Settings {
	return Settings{
		ID: id, Version: 1, Duplicates: Allow, Timezone: "UTC", AuditRetentionDays: DefaultRetention,
		Status: Active, Shards: DefaultShards, Epoch: 1, Key: seal.NewKey(), CreatedAt: now,
	}
}

// Exists tells settings from the zero value.
func (s *Settings) Exists() bool { return s.ID != "" && s.Status != Closed }

// Patch is a checked merge patch of settings.
type Patch struct {
	duplicates Duplicates
	timezone   string
	retention  int
}

// ParsePatch takes the members that an owner may set. null gives a member its
// default again.
func ParsePatch(f *body.Form) Patch {
	var p Patch
	if p.duplicates = Duplicates(f.Choice("duplicates", string(Allow), string(Reject))); f.Has("duplicates") && p.duplicates == "" {
		p.duplicates = Allow
	}
	if p.timezone = f.Text("timezone", 100); p.timezone != "" {
		zone, err := format.Timezone(p.timezone)
		if err != nil {
			f.Refuse("timezone", "invalid_timezone", "Must be an IANA time zone, such as Europe/Rome.")
		}
		p.timezone = zone
	} else if f.Has("timezone") {
		p.timezone = "UTC"
	}
	if n, given := f.Int("auditRetentionDays", MinRetention, MaxRetention); given {
		p.retention = n
	} else if f.Has("auditRetentionDays") {
		p.retention = DefaultRetention
	}
	f.ReadOnly("id", "status", "limits")
	return p
}

// Apply returns the settings as the patch leaves them.
func (p Patch) Apply(s Settings) Settings {
	if p.duplicates != "" {
		s.Duplicates = p.duplicates
	}
	if p.timezone != "" {
		s.Timezone = p.timezone
	}
	if p.retention != 0 {
		s.AuditRetentionDays = p.retention
	}
	return s
}

// Compare lists what differs.
func Compare(before, after Settings) []contact.Change {
	var changes []contact.Change
	add := func(field string, from, to any) {
		switch {
		case from == to:
		case before.ID == "": // newly made
			changes = append(changes, contact.Change{Field: field, To: to})
		default:
			changes = append(changes, contact.Change{Field: field, From: from, To: to})
		}
	}
	add("duplicates", string(before.Duplicates), string(after.Duplicates))
	add("timezone", before.Timezone, after.Timezone)
	add("auditRetentionDays", before.AuditRetentionDays, after.AuditRetentionDays)
	add("status", string(before.Status), string(after.Status))
	add("shards", before.Shards, after.Shards)
	return changes
}

// View is a workspace as the wire shows it.
type View struct {
	ID                 string     `json:"id"`
	Duplicates         Duplicates `json:"duplicates"`
	Timezone           string     `json:"timezone"`
	AuditRetentionDays int        `json:"auditRetentionDays"`
	Status             Status     `json:"status"`
	Limits             Limits     `json:"limits"`
}

// Limits are what one workspace and one contact may have at most.
type Limits struct {
	OtherEmails int `json:"otherEmails"`
	OtherPhones int `json:"otherPhones"`
	ExternalIDs int `json:"externalIds"`
	Followers   int `json:"followers"`
	Tags        int `json:"tags"`
	PageSize    int `json:"pageSize"`
	BodyBytes   int `json:"bodyBytes"`
}

// View shows the settings.
func (s *Settings) View() View {
	return View{
		ID: s.ID, Duplicates: s.Duplicates, Timezone: s.Timezone, AuditRetentionDays: s.AuditRetentionDays, Status: s.Status,
		Limits: Limits{
			OtherEmails: contact.MaxOthers, OtherPhones: contact.MaxOthers, ExternalIDs: contact.MaxExternalIDs,
			Followers: contact.MaxFollowers, Tags: tag.MaxPerContact, PageSize: 100, BodyBytes: 256 << 10,
		},
	}
}
