package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rubrica/shared/audit"
	"rubrica/shared/contact"
	"rubrica/shared/field"
	"rubrica/shared/instant"
	"rubrica/shared/table"
	"rubrica/shared/ulid"
	"rubrica/shared/workspace"
)

// rowKind says how the rows of one kind are checked.
type rowKind struct {
	parts int // of their partition
	check func(*verification, context.Context, *trail, []table.Row) error
}

// kindOf returns how rows of a partition are checked, by its parts; ok is false
// if nothing here writes rows there.
func kindOf(parts []string) (name string, k rowKind, ok bool) {
	if len(parts) == 0 {
		return "", k, false
	}
	switch name = parts[0]; name {
	case "settings":
		k = rowKind{1, (*verification).checkSettings}
	case "contacts":
		k = rowKind{2, (*verification).checkContacts}
	case "former":
		k = rowKind{2, (*verification).checkFormers}
	case "of":
		k = rowKind{2, (*verification).checkHistories}
	case "identity", string(IndexOwner), string(IndexFollower), string(IndexTag), string(IndexCompany):
		k = rowKind{3, (*verification).checkHints}
	case string(IndexVIP), string(IndexBlocked):
		k = rowKind{2, (*verification).checkHints}
	case "merges":
		k = rowKind{1, (*verification).checkMerges}
	case "suggestions":
		k = rowKind{1, (*verification).checkSuggestions}
	case "idempotency":
		k = rowKind{2, (*verification).checkKept}
	case "tokens":
		k = rowKind{1, (*verification).checkTokens}
	case "event":
		k = rowKind{2, (*verification).checkEvents}
	case "channels":
		k = rowKind{1, (*verification).checkAccounts}
	case "fields":
		k = rowKind{1, (*verification).checkFields}
	case "tags":
		k = rowKind{1, (*verification).checkTags}
	case "tagnames":
		k = rowKind{1, (*verification).checkTagNames}
	case "jobs":
		k = rowKind{1, (*verification).checkJobs}
	case "job":
		k = rowKind{3, (*verification).checkLanes}
	case "companies":
		k = rowKind{1, (*verification).checkCompanies}
	case "companynames":
		k = rowKind{1, (*verification).checkCompanyNames}
	}
	return name, k, k.parts == len(parts)
}

// checkPage checks rows of the main table, those of one kind together.
func (v *verification) checkPage(ctx context.Context, t *trail, rows []table.Row) error {
	if v.closed() {
		return v.checkClosed(ctx, rows)
	}
	byKind := map[string][]table.Row{}
	kinds := map[string]rowKind{}
	for _, row := range rows {
		name, k, ok := kindOf(row.Key.Partition().Parts())
		if !ok {
			if err := v.checkRow(ctx, row, v.unknown); err != nil {
				return err
			}
			continue
		}
		byKind[name], kinds[name] = append(byKind[name], row), k
	}
	for name, some := range byKind {
		if err := kinds[name].check(v, ctx, t, some); err != nil {
			return err
		}
	}
	return nil
}

// checkRow checks a row of the main table by what it holds, whatever others say.
func (v *verification) checkRow(ctx context.Context, row table.Row, judge func(table.Row) []defect) error {
	return v.confirm(ctx, judge(row), row.Key, func(ctx context.Context) ([]defect, error) {
		now, err := v.ledger.table.GetOne(ctx, row.Key)
		if err != nil {
			return nil, unavailable("reading again", err)
		}
		if !now.Exists() {
			return nil, nil
		}
		return judge(now), nil
	})
}

// unknown says that nothing here writes such a row.
func (v *verification) unknown(row table.Row) []defect {
	return []defect{v.finding(UnknownRow, row.Key, "", "nothing writes such a row")}
}

// checkClosed is checkPage for a workspace that is closed.
func (v *verification) checkClosed(_ context.Context, rows []table.Row) error {
	for _, row := range rows {
		if row.Key != SettingsKey(v.ws) {
			v.add([]defect{v.finding(LeftOver, row.Key, "", "the workspace is closed")})
		}
	}
	return nil
}

// checkSettings checks the workspace's settings and their history.
func (v *verification) checkSettings(ctx context.Context, _ *trail, rows []table.Row) error {
	return v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var s workspace.Settings
		if d := v.decode(row, settingsSchema, &s, ""); d != nil {
			return nil, d
		}
		switch {
		case row.Key != SettingsKey(v.ws) || s.ID != v.ws.String():
			return nil, []defect{v.finding(MisplacedRow, row.Key, "", "settings of another workspace, or no settings")}
		case s.Version < 1 || s.Key.IsZero() || s.Shards < 1 || s.Shards > workspace.MaxShards || !row.Expires.IsZero():
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version, key or number of shards, or it expires")}
		}
		return &timeline{subject: workspaceSubject, keys: audit.Keys{workspaceSubject: s.Key}, version: s.Version, since: s.CreatedAt}, nil
	})
}

// tokenRow is what the ledger knows of a token's row: the rest is package
// caller's, and so is where it is kept.
type tokenRow struct {
	ID        string          `json:"id"`
	CreatedAt instant.Instant `json:"createdAt"`
}

// tokenKind begins the subjects that are API tokens.
const tokenKind = "token"

func tokenKey(v *verification, id string) table.Key { return table.In(v.ws, "tokens").Row(id) }

// checkTokens checks API tokens and their histories.
func (v *verification) checkTokens(ctx context.Context, _ *trail, rows []table.Row) error {
	return v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var t tokenRow
		if d := v.decode(row, row.Schema, &t, ""); d != nil {
			return nil, d
		}
		if t.ID != row.Key.SK() || !ulid.Valid(t.ID) {
			return nil, []defect{v.finding(MisplacedRow, row.Key, "", "it holds another token, or none")}
		}
		return &timeline{subject: tokenSubject(t.ID), keys: v.keysOf(tokenSubject(t.ID)), version: 1, since: t.CreatedAt}, nil
	})
}

// checkFields checks the row of all fields and folders, and their history.
func (v *verification) checkFields(ctx context.Context, _ *trail, rows []table.Row) error {
	return v.checkSubjects(ctx, rows, func(row table.Row) (*timeline, []defect) {
		var set field.Set
		if d := v.decode(row, fieldsSchema, &set, ""); d != nil {
			return nil, d
		}
		switch {
		case row.Key != fieldsKey(v.ws):
			return nil, v.unknown(row)
		case set.Version < 1 || !row.Expires.IsZero():
			return nil, []defect{v.finding(MalformedRow, row.Key, "", "no version, or it expires")}
		}
		return &timeline{subject: fieldsSubject, keys: v.keysOf(fieldsSubject), version: set.Version, since: v.scope.Settings.CreatedAt}, nil
	})
}

// checkKept checks answers kept for idempotency keys.
func (v *verification) checkKept(ctx context.Context, _ *trail, rows []table.Row) error {
	var keys []table.Key
	for _, row := range rows {
		var k kept
		if v.decode(row, keptSchema, &k, "") != nil {
			continue
		}
		for _, id := range k.sealers() {
			if ulid.Valid(id) {
				keys = appendNew(keys, ContactKey(v.ws, id))
			}
		}
	}
	contacts, err := v.get(ctx, keys...) // a contact's key never changes
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := v.checkRow(ctx, row, func(row table.Row) []defect { return v.judgeKept(row, contacts) }); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) judgeKept(row table.Row, contacts map[table.Key]table.Row) []defect {
	var k kept
	if d := v.decode(row, keptSchema, &k, ""); d != nil {
		return d
	}
	key := v.scope.Settings.Key
	switch {
	case row.Key.SK() != alone || k.Subject != "" && !ulid.Valid(k.Subject):
		return []defect{v.finding(MisplacedRow, row.Key, "", "no kept answer, or one about no contact")}
	case row.Expires.IsZero() || row.Expires.After(v.ledger.now().Add(keepFor+time.Minute)):
		return []defect{v.finding(MalformedRow, row.Key, k.Subject, "it does not expire in time")}
	case k.Sealed == "":
		return nil
	case k.Subject != "":
		var err error
		if key, err = k.key(func(id string) (*record, error) {
			c, err := decodeRecord(contacts[ContactKey(v.ws, id)])
			return &c.record, err
		}); err != nil {
			return nil // erased with its contact; or the contact is a finding itself
		}
	}
	i := Idempotency{digest: row.Key.Partition().Parts()[1]}
	if _, err := key.Open(k.Sealed, i.purpose()); err != nil {
		return []defect{v.finding(Sealed, row.Key, k.Subject, "the kept answer")}
	}
	return nil
}

// decode reads a row's document; what is wrong with it is told without its
// values, which the error of a decoder might have.
func (v *verification) decode(row table.Row, schema int, into any, contactID string) []defect {
	if row.Schema > schema {
		detail := "schema " + strconv.Itoa(row.Schema) + ", this version knows " + strconv.Itoa(schema)
		return []defect{v.finding(UnreadableRow, row.Key, contactID, detail)}
	}
	if err := decode(row, schema, into); err != nil {
		return []defect{v.finding(UnreadableRow, row.Key, contactID, "its document cannot be read")}
	}
	return nil
}

// hintAt returns the hint whose row has a key, and the seat that it has.
func hintAt(k table.Key) (h Hint, at seat, ok bool) {
	if !ulid.Valid(k.SK()) {
		return h, at, false
	}
	at = seatOf(k.SK())
	switch parts := k.Partition().Parts(); {
	case len(parts) == 3 && parts[0] == "identity":
		h = Hint{Index(parts[1]), parts[2]}
	case len(parts) == 3:
		h = Hint{Index(parts[0]), parts[1]}
		if shard, err := strconv.Atoi(parts[2]); err == nil && h.Index == IndexTag && isShard(shard) {
			at.Shard = shard
		}
	case len(parts) == 2:
		h = Hint{Index: Index(parts[0])}
	}
	return h, at, at.in(k.Workspace(), h) == k
}

// isShard tells whether contacts can be in a shard, whatever the workspace has.
func isShard(n int) bool { return n >= 0 && n < workspace.MaxShards }

// isHead tells whether a key names the head of an identity.
func isHead(k table.Key) bool {
	parts := k.Partition().Parts()
	return len(parts) == 3 && parts[0] == "identity" && k.SK() == alone &&
		k == headKey(k.Workspace(), contact.Identity{Kind: contact.IdentityKind(parts[1]), Value: parts[2]})
}

// versionOf is the version in the key of a change record.
func versionOf(k table.Key) (version int64, ok bool) {
	text, ok := strings.CutPrefix(k.SK(), changePrefix)
	if !ok {
		return 0, false
	}
	version, err := strconv.ParseInt(text, 10, 64)
	return version, err == nil && audit.VersionText(version) == text
}
