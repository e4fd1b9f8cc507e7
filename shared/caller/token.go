package caller

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"rubrica/shared/table"
	"rubrica/shared/tenant"
	"rubrica/shared/ulid"
)

// An API token is the text
//
//	rub_<workspace>_<id>_<secret>
//
// whose secret is 36 random bytes and a CRC-32C over all that stands before it,
// in lower-case base 32: 64 characters, each of which counts, none of which can
// be written in another way. The checksum tells a mistyped or shortened token
// without a read; it protects nothing.
const (
	tokenPrefix   = "rub_"
	secretBytes   = 36
	checksumBytes = 4
	secretLen     = (secretBytes + checksumBytes) / 5 * 8
)

// base32Lower is RFC 4648's alphabet in lower case; 40 bytes need no padding.
var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// castagnoli is the checksum's table. It is made when the first API token comes:
// in a cold start it would be the longest step of our own, a quarter of a
// millisecond.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// TokenHash is the SHA-256 of a whole API token, workspace and id included, so
// that it fits no other row: what is stored of it. The secret is random enough
// that no slow hash is needed.
type TokenHash [sha256.Size]byte

// MarshalText implements encoding.TextMarshaler, as base64url.
func (h TokenHash) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, h[:]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *TokenHash) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil || len(raw) != len(h) {
		return fmt.Errorf("caller: the hash of a token is %d bytes in base64url", len(h))
	}
	copy(h[:], raw)
	return nil
}

// NewToken makes an API token with the given id, a ulid. The text is shown to
// its owner once and kept nowhere; the hash goes into the TokenRecord.
func NewToken(ws tenant.Workspace, id string) (text string, hash TokenHash) {
	var secret [secretBytes + checksumBytes]byte
	_, _ = rand.Read(secret[:secretBytes]) // never fails: crypto/rand crashes the program instead
	head := tokenPrefix + ws.String() + "_" + id + "_"
	binary.BigEndian.PutUint32(secret[secretBytes:], checksum(head, secret[:secretBytes]))
	text = head + base32Lower.EncodeToString(secret[:])
	return text, sha256.Sum256([]byte(text))
}

func checksum(head string, secret []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(head), castagnoli()), castagnoli(), secret)
}

// ParsedToken is an API token that is well formed, and no more: who it is for
// has to be read and checked. It holds the token's hash, not its text.
type ParsedToken struct {
	// Workspace is the one that the token claims to be of. It may be used to
	// read the token's row, which cannot match unless the claim is true.
	Workspace tenant.Workspace
	ID        string
	hash      TokenHash
}

// ParseToken refuses what is no API token, or a mistyped one, with
// problem.Unauthenticated.
func ParseToken(text string) (ParsedToken, error) {
	parts := strings.SplitN(text, "_", 5)
	if len(parts) != 4 || !isToken(text) || !ulid.Valid(parts[2]) || len(parts[3]) != secretLen {
		return ParsedToken{}, incomplete()
	}
	ws, err := tenant.Parse(parts[1])
	if err != nil {
		return ParsedToken{}, incomplete()
	}
	var secret [secretBytes + checksumBytes]byte
	n, err := base32Lower.Decode(secret[:], []byte(parts[3])) // skips CR and LF, so n counts
	head := strings.TrimSuffix(text, parts[3])
	if err != nil || n != len(secret) || binary.BigEndian.Uint32(secret[secretBytes:]) != checksum(head, secret[:secretBytes]) {
		return ParsedToken{}, refuse("The API token is mistyped: its parts do not fit together.")
	}
	return ParsedToken{ws, parts[2], sha256.Sum256([]byte(text))}, nil
}

func incomplete() error {
	return refuse("The API token is not whole: it has the form rub_<workspace>_<id>_<secret>.")
}

// isToken tells an API token from a JWT, however malformed either may be.
func isToken(text string) bool { return strings.HasPrefix(text, tokenPrefix) }

// Key is the token's row.
func (p ParsedToken) Key() table.Key { return TokenKey(p.Workspace, p.ID) }

// Check says whom the token stands for, given the row of Key as it was read,
// the zero Row if there is none. Unknown, revoked and made-up tokens are
// indistinguishable.
func (p ParsedToken) Check(row table.Row, now time.Time) (Caller, error) {
	if !row.Exists() {
		return Caller{}, unknown()
	}
	if row.Key != p.Key() {
		return Caller{}, fmt.Errorf("caller: API token checked against another row, %s", row.Key)
	}
	record, err := ReadToken(row)
	if err != nil {
		return Caller{}, err
	}
	if subtle.ConstantTimeCompare(record.Hash[:], p.hash[:]) != 1 {
		return Caller{}, unknown()
	}
	return record.Caller(p.Workspace, now)
}

func unknown() error {
	return refuse("The API token is not known here, or was revoked.")
}
