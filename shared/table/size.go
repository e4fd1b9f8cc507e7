package table

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Attributes that a driver stores a row's own members in; a Doc may not use them.
const (
	AttrPK      = "pk"
	AttrSK      = "sk"
	AttrRev     = "_rev"
	AttrSchema  = "_schema"
	AttrExpires = "_expires"
	AttrOut     = "_out"
	AttrCount   = "_count"
)

// Size is the size of a row in bytes as DynamoDB counts it: names and values of
// all attributes, keys included. It fails if Doc is not a JSON object, or has a
// member that begins with an underscore or is named as a key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func Size(r Row) (int, error) {
	n := len(AttrPK) + len(r.Key.PK()) + len(AttrSK) + len(r.Key.SK())
	n += len(AttrRev) + len(r.Rev)
	if r.Rev == "" {
		n += 12 // as Write will assign it
	}
	if r.Schema != 0 {
		n += len(AttrSchema) + numberSize(4)
	}
	if !r.Expires.IsZero() {
		n += len(AttrExpires) + numberSize(10)
	}
	if r.Out != "" {
		n += len(AttrOut) + len(r.Out)
	}
	if r.Count != 0 {
		n += len(AttrCount) + numberSize(10)
	}
	if len(r.Doc) == 0 {
		return n, nil
	}
	doc, err := docSize(r.Doc)
	return n + doc, err
}

func numberSize(digits int) int { return digits/2 + 2 }

// docSize walks a JSON object; the outermost names and values are attributes,
// what is inside them costs one byte an element and three a container more.
func docSize(doc []byte) (int, error) {
	if doc[0] != '{' {
		return 0, errors.New("a row's document is a JSON object")
	}
	d := jsontext.NewDecoder(strings.NewReader(string(doc)), jsontext.AllowDuplicateNames(true))
	n := 0
	for {
		tok, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, fmt.Errorf("a row's document: %w", err)
		}
		nested := d.StackDepth() > 1
		switch tok.Kind() {
		case '"':
			s := tok.String()
			if _, i := d.StackIndex(1); !nested && i%2 == 1 && (strings.HasPrefix(s, "_") || s == AttrPK || s == AttrSK) {
				return 0, fmt.Errorf("a row's document: member %q is storage's own", s)
			}
			n += len(s)
		case '0':
			n += numberSize(len(tok.String()))
		case '{', '[':
			if nested {
				n += 3
			}
		case '}', ']':
			continue
		default:
			n++
		}
		if nested {
			n++
		}
	}
}
