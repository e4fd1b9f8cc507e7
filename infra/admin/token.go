package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"rubrica/shared/caller"
	"rubrica/shared/contact"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
)

// tokenFlags are what the operator says of a new token.
type tokenFlags struct {
	name, role, restrictions, integration string
	expires                               time.Duration
}

func makeToken() command {
	return command{
		name: "token", args: []string{"NAME"},
		does: "makes an API token for a workspace and prints it; it is shown this once",
		flags: func(set *flag.FlagSet) action {
			var f tokenFlags
			set.StringVar(&f.role, "role", string(caller.Owner), "owner, manager or agent")
			set.StringVar(&f.name, "name", "operator's", "what the workspace sees it called")
			set.StringVar(&f.restrictions, "restrictions", "", "of no-delete, no-export, only-assigned, with commas between")
			set.StringVar(&f.integration, "integration", "", "name of the system that will call with it")
			set.DurationVar(&f.expires, "expires", 0, "after how long it expires, such as 720h; 0 is never")
			return f.make
		},
	}
}

// record checks what was said.
func (f *tokenFlags) record() (r caller.TokenRecord, err error) {
	r = caller.TokenRecord{Name: strings.TrimSpace(f.name), Role: caller.Role(f.role), Integration: f.integration, CreatedBy: operator.ID}
	var names []string
	if f.restrictions != "" {
		names = strings.Split(f.restrictions, ",")
	}
	if r.Restrictions, err = caller.ParseRestrictions(names...); err != nil {
		return r, err
	}
	switch {
	case !r.Role.Valid():
		return r, fmt.Errorf("there is no role %q: want owner, manager or agent", f.role)
	case r.Name == "" || len([]rune(r.Name)) > 100:
		return r, errors.New("a token's name has 1 to 100 characters")
	case r.Integration != "" && !caller.ValidIntegration(r.Integration):
		return r, fmt.Errorf("an integration's name has 1 to %d bytes of printable characters", caller.MaxIntegration)
	case f.expires < 0:
		return r, errors.New("a token cannot have expired already")
	}
	return r, nil
}

func (f *tokenFlags) make(ctx context.Context, s *session) error {
	r, err := f.record()
	if err != nil {
		return err
	}
	ctx, scope, err := s.enter(ctx)
	if err != nil {
		return err
	}
	r.ID = s.NewID()
	r.CreatedAt = instant.Of(s.Now())
	if f.expires > 0 {
		r.ExpiresAt = instant.Of(s.Now().Add(f.expires))
	}
	var text string
	text, r.Hash = caller.NewToken(s.ws, r.ID)
	row, err := r.Row(s.ws)
	if err != nil {
		return err
	}
	if _, err := s.CreateToken(ctx, scope, ledger.Token{ID: r.ID, Row: row, Changes: changes(&r)}, ledger.Answer{}); err != nil {
		return err
	}
	s.note("a token of the role %s, shown this once:", r.Role)
	s.say("%s", text)
	return nil
}

// changes is what the audit log says of the token.
func changes(r *caller.TokenRecord) []contact.Change {
	all := []contact.Change{{Field: "name", To: r.Name}, {Field: "role", To: string(r.Role)}}
	if names := r.Restrictions.Names(); len(names) > 0 {
		all = append(all, contact.Change{Field: "restrictions", To: names})
	}
	if r.Integration != "" {
		all = append(all, contact.Change{Field: "integration", To: r.Integration})
	}
	if r.ExpiresAt != 0 {
		all = append(all, contact.Change{Field: "expiresAt", To: r.ExpiresAt.String()})
	}
	return all
}
