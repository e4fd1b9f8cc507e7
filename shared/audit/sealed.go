package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/contact"
	"rubrica/shared/object"
	"rubrica/shared/seal"
)

// Values are what an Entry keeps sealed.
type Values struct {
	Changes []contact.Change
	Detail  map[string]any
	// Shared says which of the changes are sealed for others too.
	Shared Shared
}

// Shared are changes in which values of contacts may be that are one with the
// subject, or were. They can be contacts of their own again, by an undo, and be
// erased: then these changes are erased here too, and no others.
type Shared struct {
	// Keys are those of the contacts, by their ids; none, and nothing is shared.
	Keys map[string]seal.Key
	// Has tells whether the change of a member is such a one.
	Has func(member string) bool
}

func (s *Shared) has(member string) bool { return len(s.Keys) > 0 && s.Has(member) }

// Keys are those of entries' subjects, and of the others whose values are in them,
// by their ids. One that is missing is erased.
type Keys map[string]seal.Key

func (e *Entry) purpose() string { return "change/" + e.place() }

func (e *Entry) sharedPurpose() string {
	return "shared/" + strings.Join(e.Others, ",") + "/" + e.place()
}

// place binds sealed values to the entry they are of, and to the members whose
// names stand beside them.
func (e *Entry) place() string {
	return e.Subject + "/" + e.ID + "/" + strings.Join(e.Members, ",")
}

// packed are Values as they come out again. A change is what it changed to, and
// from where there was something, in the order of the entry's Members: their
// names a second time would take a usual contact's creation beyond the kilobyte
// that one write unit pays for. Where a change is shared there is an empty one in
// its place; the shared ones are packed by themselves, in their order.
type packed struct {
	Changes [][]jsontext.Value `json:"c,omitempty"`
	Detail  jsontext.Value     `json:"d,omitempty"`
}

// Seal puts the values in, under the subject's key, and notes the names of their
// members. It fails only on a Detail that is not JSON.
func (e *Entry) Seal(v Values, key seal.Key) error {
	e.Members = make([]string, 0, len(v.Changes))
	if len(v.Changes) == 0 && len(v.Detail) == 0 {
		return nil
	}
	var shared Values
	for _, c := range v.Changes {
		e.Members = append(e.Members, c.Field)
		if v.Shared.has(c.Field) {
			shared.Changes = append(shared.Changes, c)
		}
	}
	plain, err := v.pack(make([]byte, 0, 256))
	if err != nil {
		return err
	}
	e.Sealed = key.Seal(plain, e.purpose())
	if len(shared.Changes) == 0 {
		return nil
	}
	if plain, err = shared.pack(nil); err != nil {
		return err
	}
	e.Others = slices.Sorted(maps.Keys(v.Shared.Keys))
	e.Shared = e.together(key, v.Shared.Keys).Seal(plain, e.sharedPurpose())
	return nil
}

// together is the key of what is shared; zero if one of its keys is missing.
func (e *Entry) together(own seal.Key, of Keys) seal.Key {
	keys := []seal.Key{own}
	for _, id := range e.Others {
		keys = append(keys, of[id])
	}
	return seal.Together(keys...)
}

// pack appends what packed reads.
func (v *Values) pack(b []byte) (_ []byte, err error) {
	w := object.Writer{Bytes: b}
	w.Open()
	if len(v.Changes) > 0 {
		w.Name("c")
		w.Bytes = append(w.Bytes, '[')
		for i, c := range v.Changes {
			if i > 0 {
				w.Bytes = append(w.Bytes, ',')
			}
			if v.Shared.has(c.Field) {
				w.Bytes = append(w.Bytes, "[]"...)
				continue
			}
			if w.Bytes, err = appendValue(append(w.Bytes, '['), c.To); err != nil {
				return nil, err
			}
			if c.From != nil {
				if w.Bytes, err = appendValue(append(w.Bytes, ','), c.From); err != nil {
					return nil, err
				}
			}
			w.Bytes = append(w.Bytes, ']')
		}
		w.Bytes = append(w.Bytes, ']')
	}
	if len(v.Detail) > 0 {
		w.Name("d")
		if w.Bytes, err = appendValue(w.Bytes, v.Detail); err != nil {
			return nil, err
		}
	}
	w.Close()
	return w.Bytes, nil
}

// appendValue appends a value as JSON; nearly all are strings.
func appendValue(b []byte, value any) ([]byte, error) {
	if s, ok := value.(string); ok {
		return object.AppendText(b, s), nil
	}
	encoded, err := json.Marshal(value)
	return append(b, encoded...), err
}

// open shows the values that the keys open; all others are Erased. ok is false if
// the subject's key opens nothing, or all keys of what is shared are there and do not
// open that.
func (e *Entry) open(keys Keys) (changes []ChangeView, detail jsontext.Value, ok bool) {
	changes = make([]ChangeView, len(e.Members))
	for i, member := range e.Members {
		changes[i] = ChangeView{Field: member, Erased: true}
	}
	if e.Sealed == "" {
		return changes, nil, len(e.Members) == 0
	}
	own, ok := unpack(keys[e.Subject], e.Sealed, e.purpose(), len(e.Members))
	if !ok {
		return changes, nil, false
	}
	missing := 0
	for i, change := range own.Changes {
		if len(change) == 0 {
			missing++
			continue
		}
		changes[i].take(change)
	}
	if missing == 0 {
		return changes, own.Detail, true
	}
	together := e.together(keys[e.Subject], keys)
	shared, ok := unpack(together, e.Shared, e.sharedPurpose(), missing)
	if !ok {
		return changes, own.Detail, together.IsZero()
	}
	for i, change := range own.Changes {
		if len(change) == 0 {
			changes[i].take(shared.Changes[0])
			shared.Changes = shared.Changes[1:]
		}
	}
	return changes, own.Detail, true
}

// unpack opens so many packed changes.
func unpack(key seal.Key, sealed, purpose string, n int) (p packed, ok bool) {
	plain, err := key.Open(sealed, purpose)
	return p, err == nil && json.Unmarshal(plain, &p) == nil && len(p.Changes) == n
}

// take shows a change as it was packed.
func (v *ChangeView) take(change []jsontext.Value) {
	v.Erased, v.To, v.From = false, at(change, 0), at(change, 1)
}

// at is the i-th value, nil if there is none.
func at(values []jsontext.Value, i int) jsontext.Value {
	if i >= len(values) || values[i].Kind() == 'n' {
		return nil
	}
	return values[i]
}

// Opens tells whether the keys open what the entry keeps sealed: what is shared only
// where all of its keys are there.
func (e *Entry) Opens(keys Keys) bool {
	_, _, ok := e.open(keys)
	return ok
}
