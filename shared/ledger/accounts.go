package ledger

import (
	"context"

	"rubrica/shared/audit"
	"rubrica/shared/channel"
	"rubrica/shared/contact"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

const accountsSchema = 1

// accountsSubject is the subject of all changes of the workspace's accounts.
const accountsSubject = "channels"

// accountsKey names the row of all accounts of a workspace.
func accountsKey(ws tenant.Workspace) table.Key { return table.In(ws, "channels").Row(alone) }

// WantAccounts asks for the row of all accounts, unless the process is likely to
// know them: a wrong guess costs a round trip or half a read unit, never a result.
func (l *Ledger) WantAccounts(ws tenant.Workspace) Want {
	if last, ok := l.guesses.load(ws); ok {
		cached, kept := l.accountSets.load(ws)
		if last.settings.Accounts == 0 || kept && cached.Version >= last.settings.Accounts {
			return Want{}
		}
	}
	return WantAccountsRow(ws)
}

// WantAccountsRow is WantAccounts for whoever is going to change them.
func WantAccountsRow(ws tenant.Workspace) Want { return Want{Keys: []table.Key{accountsKey(ws)}} }

// Accounts returns the accounts of the workspace, at least as new as the settings
// of the scope. They are kept in the process by their version, so it costs a round
// trip only after they changed, and none where there never were any.
func (l *Ledger) Accounts(ctx context.Context, s *Scope) (*channel.Set, error) {
	if s.accounts != nil {
		return s.accounts, nil
	}
	if s.Settings.Accounts == 0 {
		s.accounts = &channel.Set{}
		return s.accounts, nil
	}
	if cached, ok := l.accountSets.load(s.Workspace); ok && cached.Version >= s.Settings.Accounts {
		s.accounts = cached
		return s.accounts, nil
	}
	_, err := l.readAccounts(ctx, s)
	return s.accounts, err
}

// readAccounts reads accounts and their row into the scope.
func (l *Ledger) readAccounts(ctx context.Context, s *Scope) (table.Row, error) {
	rows, err := l.get(ctx, s, accountsKey(s.Workspace))
	if err != nil {
		return table.Row{}, err
	}
	set := &channel.Set{}
	if rows[0].Exists() {
		if err := decode(rows[0], accountsSchema, set); err != nil {
			return table.Row{}, err
		}
		l.accountSets.store(s.Workspace, set)
	}
	s.accounts = set
	return rows[0], nil
}

// AccountsChange is what becomes of a workspace's accounts.
type AccountsChange struct {
	Set     channel.Set
	Action  audit.Action
	Changes []contact.Change
	// ID is the account's.
	ID     string
	Answer Answer
}

// ChangeAccounts changes the workspace's accounts; apply is pure. Contacts are not
// touched, however many have channels by them. Where nothing differs nothing is
// written.
func (l *Ledger) ChangeAccounts(ctx context.Context, s *Scope, apply func(channel.Set) (AccountsChange, error)) (Answer, error) {
	return l.perform(ctx, s, func() (Answer, error) {
		row, err := l.readAccounts(ctx, s)
		if err != nil {
			return Answer{}, err
		}
		before := s.accounts
		s.accounts = nil // another attempt reads afresh
		change, err := apply(*before)
		if err != nil {
			return Answer{}, err
		}
		if len(change.Changes) == 0 {
			return l.keepOnly(ctx, s, change.Answer, s.sealers())
		}
		change.Set.Version = max(before.Version, s.Settings.Accounts) + 1
		settings := s.Settings
		settings.Accounts = change.Set.Version
		a, err := l.commitSubject(ctx, s, subjectChange{
			subject: accountsSubject, version: change.Set.Version, action: change.Action, changes: change.Changes,
			detail: map[string]any{"channel": change.ID},
			actions: []table.Action{
				table.Put(table.Row{Key: accountsKey(s.Workspace), Schema: accountsSchema, Doc: encode(change.Set)}, table.Unchanged(row)),
				table.Put(settingsRow(s.Workspace, &settings), table.Unchanged(s.settingsRow)),
			},
			answer: change.Answer,
		})
		if err == nil {
			l.accountSets.store(s.Workspace, &change.Set)
		}
		return a, err
	})
}

// Disconnect takes from a contact the channel that it has by an account (H3). It
// raises no version, and the history stays; problem.NotFound if it has none.
func (l *Ledger) Disconnect(ctx context.Context, s *Scope, ref contact.Ref, match IfMatch, account string, answer Answer) (Answer, error) {
	return l.retry(ctx, s, func() (Answer, error) {
		c, err := l.resolve(ctx, s, ref)
		if err != nil {
			return Answer{}, err
		}
		after := c.record
		var gone contact.Connection
		if after.Contact, gone, err = contact.Disconnected(c.Contact, account); err != nil {
			return Answer{}, err
		}
		if !match.Allows(c.Version) {
			return Answer{}, stale()
		}
		entry, err := l.aside(s, c.ID, c.Version, c.Key, audit.ContactChannelRemoved, map[string]any{"id": account, "channel": gone.Channel})
		if err != nil {
			return Answer{}, err
		}
		w := newTransaction(s)
		w.add(table.Put(after.toRow(s.Workspace), table.Unchanged(c.row)), entry)
		w.keep(answer, c.sealers(), l.now())
		return answer, l.write(ctx, w)
	})
}
