// Package seal keeps values unreadable without their key, and tells when they
// were tampered with: AES-256-GCM with a random nonce, bound to a purpose.
//
// Every contact has a Key of its own; deleting the key erases every copy of the
// person's values at once, wherever they are kept. Nothing here knows what is
// sealed, or where keys are stored.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Key is a 256-bit data key. It is kept in JSON as base64url text.
type Key [32]byte

// ErrOpen says that a sealed value is not ours: another key or purpose, cut
// short, or changed. It never says which.
var ErrOpen = errors.New("seal: cannot be opened")

var text = base64.RawURLEncoding

// NewKey returns a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails: crypto/rand crashes the program instead
	return k
}

// Together returns the key that several make in their order, of which none may be
// missing; of one it is that one.
func Together(keys ...Key) Key {
	if len(keys) == 1 {
		return keys[0]
	}
	h := sha256.New()
	for i := range keys {
		if keys[i].IsZero() {
			return Key{}
		}
		h.Write(keys[i][:])
	}
	return Key(h.Sum(nil))
}

// IsZero tells whether k was never set, or erased.
func (k Key) IsZero() bool { return k == Key{} }

// MarshalText implements encoding.TextMarshaler; the zero key is "".
func (k Key) MarshalText() ([]byte, error) {
	if k.IsZero() {
		return nil, nil
	}
	return text.AppendEncode(nil, k[:]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Key) UnmarshalText(s []byte) error {
	if len(s) == 0 {
		*k = Key{}
		return nil
	}
	if text.DecodedLen(len(s)) != len(k) {
		return fmt.Errorf("seal: a key has %d bytes", len(k))
	}
	_, err := text.Decode(k[:], s)
	return err
}

// Seal encrypts plain. The same purpose (what it is and where it belongs, such
// as "change/01JD…/3") must be given to Open, so that a sealed value that is
// moved elsewhere does not open. The result is base64url text, 28 bytes and a
// third longer than plain.
func (k Key) Seal(plain []byte, purpose string) string {
	aead := k.aead()
	sealed := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(sealed)
	sealed = aead.Seal(sealed, sealed, plain, []byte(purpose))
	return text.EncodeToString(sealed)
}

// Open returns what Seal was given, or ErrOpen.
func (k Key) Open(sealed, purpose string) ([]byte, error) {
	aead := k.aead()
	if strings.ContainsAny(sealed, "\r\n") { // which the decoder passes over: a text has one form
		return nil, ErrOpen
	}
	raw, err := text.Strict().DecodeString(sealed)
	if err != nil || len(raw) < aead.NonceSize() || k.IsZero() {
		return nil, ErrOpen
	}
	plain, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // a 32-byte key is always right
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}
