package dynamo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"
)

// item is a row as DynamoDB has it: attributes by name.
type item = map[string]types.AttributeValue

// putMembers adds every member of a JSON object to it as an attribute.
func putMembers(it item, doc []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(doc), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		return fmt.Errorf("a row's document: want an object, not %s", d.PeekKind())
	}
	if err := readMembers(d, it); err != nil {
		return fmt.Errorf("a row's document: %w", err)
	}
	return nil
}

// readMembers reads an object, from its opening brace to its closing one. It
// looks for duplicate names itself, in the map that it fills anyway.
func readMembers(d *jsontext.Decoder, into item) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if _, twice := into[name]; twice {
			return fmt.Errorf("member %q twice", name)
		}
		if into[name], err = readValue(d); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func readValue(d *jsontext.Decoder) (types.AttributeValue, error) {
	switch d.PeekKind() {
	case '{':
		m := &types.AttributeValueMemberM{Value: item{}}
		return m, readMembers(d, m.Value)
	case '[':
		l := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		if _, err := d.ReadToken(); err != nil {
			return nil, err
		}
		for d.PeekKind() != ']' {
			v, err := readValue(d)
			if err != nil {
				return nil, err
			}
			l.Value = append(l.Value, v)
		}
		_, err := d.ReadToken()
		return l, err
	}
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return text(token.String()), nil
	case '0':
		return &types.AttributeValueMemberN{Value: token.String()}, nil
	case 't', 'f':
		return &types.AttributeValueMemberBOOL{Value: token.Bool()}, nil
	default:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
}

// member is an attribute that becomes a member of a JSON object.
type member struct {
	name  string
	value types.AttributeValue
}

// appendMembers appends a JSON object of the members, which it sorts by name.
func appendMembers(dst []byte, members []member) ([]byte, error) {
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	dst = append(dst, '{')
	var err error
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = jsontext.AppendQuote(dst, m.name); err != nil {
			return nil, err
		}
		dst = append(dst, ':')
		if dst, err = appendValue(dst, m.value); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", m.name, err)
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return jsontext.AppendQuote(dst, v.Value)
	case *types.AttributeValueMemberN:
		if !isJSONNumber(v.Value) {
			return nil, fmt.Errorf("number %q is none in JSON", v.Value)
		}
		return append(dst, v.Value...), nil
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case *types.AttributeValueMemberNULL:
		return append(dst, "null"...), nil
	case *types.AttributeValueMemberM:
		members := make([]member, 0, len(v.Value))
		for name, value := range v.Value {
			members = append(members, member{name, value})
		}
		return appendMembers(dst, members)
	case *types.AttributeValueMemberL:
		dst = append(dst, '[')
		var err error
		for i, e := range v.Value {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, e); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		return nil, fmt.Errorf("%T is of no type that a row can have", v)
	}
}

// isJSONNumber looks at the text of a number attribute; nearly all are plain
// integers, and DynamoDB's own always pass.
func isJSONNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || s[0] == '0' {
			v := jsontext.Value(s)
			return v.Kind() == '0' && v.IsValid()
		}
	}
	return s != ""
}

func text(s string) *types.AttributeValueMemberS { return &types.AttributeValueMemberS{Value: s} }
