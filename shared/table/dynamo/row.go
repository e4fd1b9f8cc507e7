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

func decodeItem(it item, now int64) (row table.Row, err error) {
	pk, _ := textOf(it, table.AttrPK)
	sk, _ := textOf(it, table.AttrSK)
	if row.Key, err = table.StoredKey(pk, sk); err != nil {
		return table.Row{}, err
	}
	expires, err := numberOf(it, table.AttrExpires)
	if err != nil {
		return table.Row{}, err
	}
	if expires != 0 {
		if expires <= now {
			return table.Row{}, nil
		}
		row.Expires = time.Unix(expires, 0).UTC()
	}
	rev, ok := textOf(it, table.AttrRev)
	if !ok || rev == "" {
		return table.Row{}, errors.New("no revision")
	}
	row.Rev = table.Rev(rev)
	row.Out, _ = textOf(it, table.AttrOut)
	schema, err := numberOf(it, table.AttrSchema)
	if err != nil {
		return table.Row{}, err
	}
	row.Schema = int(schema)
	if row.Count, err = numberOf(it, table.AttrCount); err != nil {
		return table.Row{}, err
	}
	members := 0
	for name := range it {
		if !ownAttribute(name) {
			members++
		}
	}
	if _, empty := it[attrEmpty]; empty || members > 0 {
		row.Doc, err = appendMembers(make([]byte, 0, 64*members), it, ownAttribute)
	}
	return row, err
}

// ownAttribute tells the attributes of the row itself from its document's.
func ownAttribute(name string) bool {
	return strings.HasPrefix(name, "_") || name == table.AttrPK || name == table.AttrSK
}

func textOf(it item, name string) (string, bool) {
	s, ok := it[name].(*types.AttributeValueMemberS)
	if !ok {
		return "", false
	}
	return s.Value, true
}

func numberOf(it item, name string) (int64, error) {
	switch v := it[name].(type) {
	case nil:
		return 0, nil
	case *types.AttributeValueMemberN:
		n, err := strconv.ParseInt(v.Value, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("attribute %s: %w", name, err)
		}
		return n, nil
	default:
		return 0, fmt.Errorf("attribute %s is no number", name)
	}
}
