package dynamo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"rubrica/shared/table"
)

// attrEmpty marks a row whose document is the empty object, which leaves no
// attribute behind, from one without a document. table.Size does not count its
// seven bytes.
const attrEmpty = "_empty"

func number(n int64) *types.AttributeValueMemberN {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyItem(pk, sk string) item {
	return item{table.AttrPK: text(pk), table.AttrSK: text(sk)}
}

// encodeRow turns a row into an item. Members of their zero value are left out.
func encodeRow(r table.Row) (item, error) {
	it := make(item, 16)
	if len(r.Doc) > 0 {
		if err := putMembers(it, r.Doc); err != nil {
			return nil, err
		}
		if len(it) == 0 {
			it[attrEmpty] = &types.AttributeValueMemberBOOL{Value: true}
		}
	}
	it[table.AttrPK] = text(r.Key.PK())
	it[table.AttrSK] = text(r.Key.SK())
	it[table.AttrRev] = text(string(r.Rev))
	if r.Schema != 0 {
		it[table.AttrSchema] = number(int64(r.Schema))
	}
	if !r.Expires.IsZero() {
		it[table.AttrExpires] = number(r.Expires.Unix())
	}
	if r.Out != "" {
		it[table.AttrOut] = text(r.Out)
	}
	if r.Count != 0 {
		it[table.AttrCount] = number(r.Count)
	}
	return it, nil
}

// decodeRow turns an item into a row; the zero Row if it is absent, or expired
// at now.
func decodeRow(it item, now int64) (table.Row, error) {
	if len(it) == 0 {
		return table.Row{}, nil
	}
	row, err := decodeItem(it, now)
	if err != nil {
		pk, _ := textOf(it, table.AttrPK)
		workspace, _, _ := strings.Cut(pk, "/") // the rest of a key may be personal
		return table.Row{}, fmt.Errorf("table: a stored row of workspace %.64q: %w", workspace, err)
	}
	return row, nil
}

// decodeItem takes an item apart in one walk: a page has a hundred of them, and
// every look into a map costs a hash.
func decodeItem(it item, now int64) (row table.Row, err error) {
	var space [32]member // most items have fewer
	members := space[:0]
	var pk, sk, rev string
	var schema, expires int64
	empty := false
	for name, value := range it {
		switch name {
		case table.AttrPK:
			pk, _ = textIn(value)
		case table.AttrSK:
			sk, _ = textIn(value)
		case table.AttrRev:
			rev, _ = textIn(value)
		case table.AttrOut:
			row.Out, _ = textIn(value)
		case table.AttrExpires:
			expires, err = numberIn(name, value)
		case table.AttrSchema:
			schema, err = numberIn(name, value)
		case table.AttrCount:
			row.Count, err = numberIn(name, value)
		case attrEmpty:
			empty = true
		default:
			if !ownAttribute(name) {
				members = append(members, member{name, value})
			}
		}
		if err != nil {
			return table.Row{}, err
		}
	}
	if row.Key, err = table.StoredKey(pk, sk); err != nil {
		return table.Row{}, err
	}
	if expires != 0 {
		if expires <= now {
			return table.Row{}, nil
		}
		row.Expires = time.Unix(expires, 0).UTC()
	}
	if rev == "" {
		return table.Row{}, errors.New("no revision")
	}
	row.Rev, row.Schema = table.Rev(rev), int(schema)
	if empty || len(members) > 0 {
		row.Doc, err = appendMembers(make([]byte, 0, 64*len(members)), members)
	}
	return row, err
}

// ownAttribute tells the attributes of the row itself from its document's.
func ownAttribute(name string) bool {
	return strings.HasPrefix(name, "_") || name == table.AttrPK || name == table.AttrSK
}

func textOf(it item, name string) (string, bool) { return textIn(it[name]) }

func textIn(value types.AttributeValue) (string, bool) {
	s, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		return "", false
	}
	return s.Value, true
}

func numberIn(name string, value types.AttributeValue) (int64, error) {
	v, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("attribute %s is no number", name)
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("attribute %s: %w", name, err)
	}
	return n, nil
}
