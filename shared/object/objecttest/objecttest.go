// Package objecttest holds encoders and decoders that are written by hand, with
// package object, to the tags of the types that they are for: whoever adds a
// member to such a type and forgets one of the two sees a test fail.
package objecttest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// Encodes holds encode to json.Marshal, byte for byte, for the zero value of T,
// for one with every member set, and for one with each member set alone.
func Encodes[T any](t *testing.T, encode func(*T) []byte) {
	t.Helper()
	for name, v := range samples[T](t) {
		want, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(encode(&v))); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// Stores holds encode and decode to json.Unmarshal: all that is set comes out
// again, by either way. The order of members may be another.
func Stores[T any](t *testing.T, encode func(*T) []byte, decode func([]byte) (T, error)) {
	t.Helper()
	for name, v := range samples[T](t) {
		doc := encode(&v)
		var general T
		if err := json.Unmarshal(doc, &general); err != nil {
			t.Errorf("%s: %v of %s", name, err, doc)
			continue
		}
		if diff := cmp.Diff(v, general); diff != "" {
			t.Errorf("%s, encoded:\n%s", name, diff)
		}
		got, err := decode(doc)
		if err != nil {
			t.Errorf("%s: %v of %s", name, err, doc)
			continue
		}
		if diff := cmp.Diff(v, got); diff != "" {
			t.Errorf("%s, decoded:\n%s", name, diff)
		}
	}
}

// samples are values of T by what is set in them.
func samples[T any](t *testing.T) map[string]T {
	t.Helper()
	var none, all T
	found := map[string]T{"none": none}
	fill(t, reflect.ValueOf(&all).Elem())
	found["all"] = all
	walk(reflect.TypeFor[T](), nil, func(name string, index []int) {
		var one T
		fill(t, reflect.ValueOf(&one).Elem().FieldByIndex(index))
		found[name] = one
	})
	return found
}

// walk calls do for every member, those of embedded structs included.
func walk(of reflect.Type, at []int, do func(name string, index []int)) {
	for i := range of.NumField() {
		f := of.Field(i)
		index := append(at[:len(at):len(at)], i)
		if f.Anonymous {
			walk(f.Type, index, do)
			continue
		}
		do(f.Name, index)
	}
}

// odd is a text in which everything is that an encoder could get wrong.
const odd = "é \"a\\b\" </x>\u2028\t\x7f𝄞"

// fill sets a value, and whatever is in it, to something that is not zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(odd)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1_795_286_096_078) // a time, where it is one
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // JSON as it stands
			v.SetBytes([]byte(`{"a":["b}",1.5,null]}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, name := range []string{"b", "a", strings.ToUpper(odd)} {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(t, value)
			v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("a %s: teach objecttest to fill it", v.Type())
	}
}
