package table

import (
	"strings"

	"rubrica/shared/tenant"
)

// Partition names all rows of one partition key. It can only be built from a
// verified workspace, whose name its key begins with.
type Partition struct {
	ws tenant.Workspace
	pk string
}

// In names the partition <workspace>/<part>/<part>/…; a slash or percent sign
// within a part is escaped, so that no two lists of parts give one key.
//
// The first part is the kind. What has no more is a workspace's; a last part that
// is empty, or a number of up to three digits, is that of a shard; every other
// partition is taken for one subject's: few rows, which the embedded engine finds faster. That
// is all that depends on it.
func In(ws tenant.Workspace, parts ...string) Partition {
	n := len(ws.String())
	for _, p := range parts {
		n += 1 + len(p)
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(ws.String())
	for _, p := range parts {
		b.WriteByte('/')
		if strings.ContainsAny(p, "/%") {
			p = escape.Replace(p)
		}
		b.WriteString(p)
	}
	return Partition{ws, b.String()}
}

var (
	escape   = strings.NewReplacer("%", "%25", "/", "%2F")
	unescape = strings.NewReplacer("%25", "%", "%2F", "/")
)

// Row names one row of the partition.
func (p Partition) Row(sk string) Key { return Key{p, sk} }

// PK is the partition key as stored.
func (p Partition) PK() string { return p.pk }

// Workspace is the tenant whose partition it is.
func (p Partition) Workspace() tenant.Workspace { return p.ws }

// Parts returns what In was given.
func (p Partition) Parts() []string {
	parts := strings.Split(p.pk, "/")[1:]
	for i, s := range parts {
		if strings.Contains(s, "%") {
			parts[i] = unescape.Replace(s)
		}
	}
	return parts
}

// Key names one row. Keys are comparable.
type Key struct {
	of Partition
	sk string
}

// Partition is the partition that the row is in.
func (k Key) Partition() Partition { return k.of }

// PK is the partition key as stored.
func (k Key) PK() string { return k.of.pk }

// SK is the sort key as stored.
func (k Key) SK() string { return k.sk }

// Workspace is the tenant whose row it is.
func (k Key) Workspace() tenant.Workspace { return k.of.ws }

// Compare orders keys by partition key, then by sort key, byte by byte.
func (k Key) Compare(other Key) int {
	if c := strings.Compare(k.of.pk, other.of.pk); c != 0 {
		return c
	}
	return strings.Compare(k.sk, other.sk)
}

func (k Key) String() string { return k.of.pk + " · " + k.sk }

// StoredKey rebuilds the key of a stored row, for drivers: keys that come from
// anywhere else are built with In.
func StoredKey(pk, sk string) (Key, error) {
	name, _, _ := strings.Cut(pk, "/")
	ws, err := tenant.Stored(name)
	if err != nil {
		return Key{}, err
	}
	return Key{Partition{ws, pk}, sk}, nil
}
