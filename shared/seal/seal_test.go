package seal_test

import (
	"errors"
	"testing"

	"rubrica/shared/seal"
)

func TestSealedOpensWithItsKeyAndPurposeAlone(t *testing.T) {
	t.Parallel()
	a, b := seal.NewKey(), seal.NewKey()
	sealed := a.Seal([]byte("plain"), "change/1")
	if plain, err := a.Open(sealed, "change/1"); err != nil || string(plain) != "plain" {
		t.Errorf("%q, %v", plain, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"AnotherKey":     func() ([]byte, error) { return b.Open(sealed, "change/1") },
		"NoKey":          func() ([]byte, error) { return seal.Key{}.Open(sealed, "change/1") },
		"AnotherPurpose": func() ([]byte, error) { return a.Open(sealed, "change/2") },
		"CutShort":       func() ([]byte, error) { return a.Open(sealed[:len(sealed)-2], "change/1") },
		"Nothing":        func() ([]byte, error) { return a.Open("", "change/1") },
		"BrokenInLines":  func() ([]byte, error) { return a.Open(sealed+"\n", "change/1") },
	} {
		if plain, err := open(); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

func TestKeysAreText(t *testing.T) {
	t.Parallel()
	for _, k := range []seal.Key{seal.NewKey(), {}} {
		text, err := k.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		got := seal.NewKey()
		if err := got.UnmarshalText(text); err != nil || got != k {
			t.Errorf("%s is read as another key, error %v", text, err)
		}
	}
	var k seal.Key
	if k.UnmarshalText([]byte("c2hvcnQ")) == nil {
		t.Error("a short key is read")
	}
}

// TestKeysTogether: none of them may be missing, and they have an order.
func TestKeysTogether(t *testing.T) {
	t.Parallel()
	a, b := seal.NewKey(), seal.NewKey()
	if seal.Together(a) != a {
		t.Error("one key together is another one")
	}
	both := seal.Together(a, b)
	if both != seal.Together(a, b) || both == a || both == b || both == seal.Together(b, a) || both == seal.Together(a, b, b) {
		t.Error("other keys make the same, or the same others")
	}
	if !seal.Together(a, seal.Key{}).IsZero() || !seal.Together(seal.Key{}, b).IsZero() {
		t.Error("a key that is missing is not missed")
	}
}
