package caller

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxVerified is how many tokens are remembered, some 500 bytes each.
const maxVerified = 10_000

// verified remembers whom tokens named, by their SHA-256, under one generation
// of keys: whatever changes the keys forgets them all, so that a withdrawn key
// takes its tokens along. Only tokens that verified get in, so nobody without
// one can push others out. The zero value is empty.
type verified struct {
	mu         sync.RWMutex
	generation string
	callers    map[[sha256.Size]byte]remembered
}

type remembered struct {
	caller  Caller
	expires time.Time
}

func (v *verified) get(generation string, token [sha256.Size]byte, now time.Time) (Caller, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.generation != generation {
		return Caller{}, false
	}
	r, ok := v.callers[token]
	if !ok || !now.Before(r.expires) {
		return Caller{}, false
	}
	return r.caller, true
}

// put remembers a token. When there are too many, any one goes: verifying it
// again is cheap, and keeping an order would cost every hit a write lock.
func (v *verified) put(generation string, token [sha256.Size]byte, c Caller, expires time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.generation != generation || v.callers == nil {
		v.generation, v.callers = generation, map[[sha256.Size]byte]remembered{}
	}
	if len(v.callers) >= maxVerified {
		for any := range v.callers {
			delete(v.callers, any)
			break
		}
	}
	v.callers[token] = remembered{c, expires}
}
