package channel

import (
	"slices"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// MaxAccounts is how many accounts a workspace may have: all of them are one row,
// and a contact's channels are held against all of them.
const MaxAccounts = 100

// maxName is how many characters an account's name may have.
const maxName = 100

// Draft is what a body says of an account; nil is nothing.
type Draft struct {
	channel   Kind
	name      *string
	connected *bool
}

// ReadDraft takes the body of an account: on creation its channel is required, and
// afterwards it stays. Without a name the account is called after its channel; one
// that nobody says is disconnected is connected.
func ReadDraft(f *body.Form, creating bool) (d Draft) {
	if creating {
		kind, ok := f.Parsed("channel", ParseKind)
		f.Require("channel", kind != "" || !ok && f.Refused("channel"))
		d.channel = Kind(kind)
	} else {
		f.ReadOnly("channel")
	}
	if name := f.Text("name", maxName); f.Has("name") || creating {
		d.name = &name
	}
	switch connected, given := f.Bool("connected"); {
	case given:
		d.connected = &connected
	case creating || f.Has("connected"):
		d.connected = new(true)
	}
	f.ReadOnly("id")
	return d
}

func (d Draft) apply(a Account) Account {
	if d.channel != "" {
		a.Channel = d.channel
	}
	if d.name != nil {
		if a.Name = *d.name; a.Name == "" {
			a.Name = string(a.Channel)
		}
	}
	if d.connected != nil {
		a.Connected = *d.connected
	}
	return a
}

// Create returns the set with one more account, of the given id.
func (s Set) Create(id string, d Draft) (after Set, made Account, err error) {
	if len(s.Accounts) >= MaxAccounts {
		return s, made, problem.InvalidField("channel", body.CodeTooMany, "A workspace has at most %d accounts.", MaxAccounts)
	}
	made = d.apply(Account{ID: id})
	s.Accounts = append(slices.Clone(s.Accounts), made)
	return s, made, nil
}

// Update returns the set with an account changed; problem.NotFound if there is none.
func (s Set) Update(id string, d Draft) (after Set, from, to Account, err error) {
	i, err := s.registered(id)
	if err != nil {
		return s, from, to, err
	}
	from = s.Accounts[i]
	s.Accounts = slices.Clone(s.Accounts)
	s.Accounts[i] = d.apply(from)
	return s, from, s.Accounts[i], nil
}

// Delete returns the set without an account; problem.NotFound if there is none.
func (s Set) Delete(id string) (after Set, gone Account, err error) {
	i, err := s.registered(id)
	if err != nil {
		return s, gone, err
	}
	gone = s.Accounts[i]
	s.Accounts = slices.Delete(slices.Clone(s.Accounts), i, i+1)
	return s, gone, nil
}

func (s *Set) registered(id string) (int, error) {
	i := slices.IndexFunc(s.Accounts, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return i, problem.New(problem.NotFound, "The workspace has no account with this id.")
	}
	return i, nil
}
