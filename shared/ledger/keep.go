package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"rubrica/shared/contact"
	"rubrica/shared/problem"
	"rubrica/shared/seal"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// keepFor is how long an answer is kept for its idempotency key.
const keepFor = 24 * time.Hour

// Answer is what a successful write is answered with, as it is kept and replayed.
type Answer struct {
	Status          int    `json:"status"`
	ETag            string `json:"etag,omitzero"`
	Location        string `json:"location,omitzero"`
	ContentLocation string `json:"contentLocation,omitzero"`
	// Body is never kept in clear; see kept.Sealed.
	Body []byte `json:"-"`
	// Once says that the body is shown once and not kept: its replay is a 409.
	Once bool `json:"once,omitzero"`
	// Replayed says that this is the answer kept of an earlier call.
	Replayed bool `json:"-"`
}

// Idempotency is the key that a request came with.
type Idempotency struct {
	digest      string
	fingerprint string
}

// NewIdempotency is for the frame: scope is who calls, key the header's value,
// and the request is what must be the same each time: method, path, query, body.
func NewIdempotency(scope, key string, request ...[]byte) *Idempotency {
	h := sha256.New()
	for _, part := range request {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	digest := sha256.Sum256([]byte(scope + "\x00" + key))
	return &Idempotency{
		digest:      base64.RawURLEncoding.EncodeToString(digest[:]),
		fingerprint: base64.RawURLEncoding.EncodeToString(h.Sum(nil)),
	}
}

// Key names the row of the kept answer, for whoever reads it ahead.
func (i *Idempotency) Key(ws tenant.Workspace) table.Key { return keptKey(ws, i.digest) }

// kept is the row of an idempotency key.
type kept struct {
	Fingerprint string `json:"fingerprint"`
	Answer      Answer `json:"answer"`
	// Subject is the contact whose key sealed the body, and with which the answer
	// goes; "" is the workspace. Others are those whose keys sealed it together with
	// that one, in their order.
	Subject string   `json:"subject,omitzero"`
	Others  []string `json:"others,omitempty"`
	Sealed  string   `json:"sealed,omitzero"`
}

// sealers are whose keys seal an answer: without all of them it cannot be read.
type sealers struct {
	subject string // "" is the workspace
	key     seal.Key
	others  map[string]seal.Key
}

// sealers are those of an answer about a contact: what it absorbed is in it, and may
// be a contact of its own again, and be deleted, before the answer is forgotten.
func (r *record) sealers() sealers { return sealers{r.ID, r.Key, r.Keys} }

// with are the sealers of an answer that another contact is in.
func (by sealers) with(r *record) sealers {
	all := map[string]seal.Key{r.ID: r.Key}
	maps.Copy(all, r.Keys)
	maps.Copy(all, by.others)
	by.others = all
	return by
}

// sealers are those of an answer that is about no contact.
func (s *Scope) sealers() sealers { return sealers{key: s.Settings.Key} }

// seal seals an answer's body.
func (k *kept) seal(body []byte, by sealers, purpose string) {
	keys := []seal.Key{by.key}
	for _, id := range slices.Sorted(maps.Keys(by.others)) {
		k.Others, keys = append(k.Others, id), append(keys, by.others[id])
	}
	k.Sealed = seal.Together(keys...).Seal(body, purpose)
}

// sealers are the contacts whose keys sealed it.
func (k *kept) sealers() []string { return append([]string{k.Subject}, k.Others...) }

// key is the key of an answer that has a subject. holder finds the record that has a
// contact's key; it is asked once for all that one record has.
func (k *kept) key(holder func(contactID string) (*record, error)) (seal.Key, error) {
	var keys []seal.Key
	var found []*record
	for _, id := range k.sealers() {
		i := slices.IndexFunc(found, func(r *record) bool { return !r.keyOf(id).IsZero() })
		if i < 0 {
			r, err := holder(id)
			if err != nil {
				return seal.Key{}, err
			}
			i, found = len(found), append(found, r)
		}
		keys = append(keys, found[i].keyOf(id))
	}
	return seal.Together(keys...), nil
}

const keptSchema = 1

func (i *Idempotency) purpose() string { return "kept/" + i.digest }

// action makes the transaction's step that keeps the answer. It fails if there
// is one already.
func (i *Idempotency) action(s *Scope, a Answer, by sealers, now time.Time) table.Action {
	k := kept{Fingerprint: i.fingerprint, Answer: a, Subject: by.subject}
	if len(a.Body) > 0 && !a.Once {
		k.seal(a.Body, by, i.purpose())
	}
	row := table.Row{Key: i.Key(s.Workspace), Schema: keptSchema, Expires: now.Add(keepFor), Doc: encode(k)}
	return table.Put(row, table.Absent())
}

// replay returns the answer that a row keeps: problem.IdempotencyMismatch for
// another request under the same key, problem.Gone once its contact was erased.
func (l *Ledger) replay(ctx context.Context, s *Scope, row table.Row) (Answer, error) {
	var k kept
	if err := decode(row, keptSchema, &k); err != nil {
		return Answer{}, err
	}
	k.Answer.Replayed = true
	switch {
	case k.Fingerprint != s.Idempotency.fingerprint:
		return Answer{}, problem.New(problem.IdempotencyMismatch,
			"This Idempotency-Key was used for another request; take a new key for a new request.")
	case k.Answer.Once:
		return Answer{}, problem.Conflicting("shown_once",
			"This was done, and its answer held a secret that is shown only once.")
	case k.Sealed == "" && k.Subject == "":
		return k.Answer, nil
	}
	key, err := l.keyOfAnswer(ctx, s, &k)
	if err != nil || k.Sealed == "" {
		return k.Answer, err
	}
	plain, err := key.Open(k.Sealed, s.Idempotency.purpose())
	if err != nil {
		return Answer{}, gone()
	}
	k.Answer.Body = plain
	return k.Answer, nil
}

// keyOfAnswer returns the key of a kept answer; problem.Gone if not all whose values
// it has are there.
func (l *Ledger) keyOfAnswer(ctx context.Context, s *Scope, k *kept) (seal.Key, error) {
	if k.Subject == "" {
		return s.Settings.Key, nil
	}
	return k.key(func(id string) (*record, error) {
		c, err := l.find(ctx, s, contact.ByID(id))
		if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Gone) {
			err = goneWith(id, k.Subject)
		}
		return &c.record, err
	})
}

// goneWith says that an answer went with a contact, whose answer it was or not.
func goneWith(id, subject string) error {
	if id == subject {
		return gone()
	}
	return problem.New(problem.Gone, "The answer told of a contact that has been deleted since.").With("contactId", id)
}

// Replay returns the answer kept for the request's idempotency key, if there is
// one. The frame asks before anything is done (the row is part of its first
// read), and again before it answers with an error: of two calls at the same
// moment the slower one gets the faster one's answer.
func (l *Ledger) Replay(ctx context.Context, s *Scope, row table.Row) (a Answer, found bool, err error) {
	if s.Idempotency == nil || !row.Exists() {
		return Answer{}, false, nil
	}
	a, err = l.replay(ctx, s, row)
	return a, true, err
}

// KeptAnswer reads whether an answer has been kept by now for the request's
// idempotency key, and returns it.
func (l *Ledger) KeptAnswer(ctx context.Context, s *Scope) (a Answer, found bool, err error) {
	row, err := l.table.GetOne(ctx, s.Idempotency.Key(s.Workspace))
	if err != nil {
		return Answer{}, true, unavailable("reading a kept answer", err)
	}
	return l.Replay(ctx, s, row)
}

func gone() error { return problem.New(problem.Gone, "The contact has been deleted.") }
