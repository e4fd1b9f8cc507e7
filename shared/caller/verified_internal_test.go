package caller

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"
)

// How much is remembered cannot be seen from outside.
func TestVerifiedIsBounded(t *testing.T) {
	t.Parallel()
	var v verified
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	token := func(i int) [sha256.Size]byte {
		return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	for i := range maxVerified + 100 {
		v.put("g1", token(i), Caller{Subject: "u"}, now.Add(time.Hour))
		if _, ok := v.get("g1", token(i), now); !ok {
			t.Fatalf("token %d is not remembered", i)
		}
	}
	if len(v.callers) != maxVerified {
		t.Errorf("%d tokens are remembered, want %d", len(v.callers), maxVerified)
	}
	last := token(maxVerified + 99)
	if _, ok := v.get("g2", last, now); ok {
		t.Error("a token is remembered under other keys")
	}
	if _, ok := v.get("g1", last, now.Add(time.Hour)); ok {
		t.Error("a token is remembered beyond its expiry")
	}
	v.put("g2", token(0), Caller{Subject: "u"}, now.Add(time.Hour))
	if len(v.callers) != 1 {
		t.Errorf("%d tokens are remembered after the keys changed, want 1", len(v.callers))
	}
	if _, ok := v.get("g1", last, now); ok {
		t.Error("tokens of withdrawn keys come back")
	}
}
