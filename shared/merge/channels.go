package merge

import (
	"slices"

	"rubrica/shared/contact"
)

// A contact has one channel by each account. Where two have one, the united one is
// connected since the first of both, and shows itself as with the later message.

// joined is the channel of two contacts by one account.
func joined(a, b contact.Connection) contact.Connection {
	since := min(a.ConnectedAt, b.ConnectedAt)
	if b.LastMessageAt > a.LastMessageAt {
		a, b = b, a
	}
	a.ConnectedAt = since
	if a.Link == "" {
		a.Link = b.Link
	}
	if a.Profile == (contact.Profile{}) {
		a.Profile = b.Profile
	}
	return a
}

// connect adds the channels of another contact, and its automations.
func connect(c, other *contact.Contact) {
	for _, x := range other.Connections {
		if i := channelBy(c.Connections, x.Account); i >= 0 {
			c.Connections[i] = joined(c.Connections[i], x)
		} else {
			c.Connections = append(c.Connections, x)
		}
	}
	if other.Latest.At > c.Latest.At {
		c.Latest = other.Latest
	}
	for _, a := range other.Automations {
		if !slices.Contains(c.Automations, a) {
			c.Automations = append(c.Automations, a)
		}
	}
}

func channelBy(all []contact.Connection, account string) int {
	return slices.IndexFunc(all, func(x contact.Connection) bool { return x.Account == account })
}

// profile shows the contact as with the latest message of all (C8).
func (u *union) profile(values map[string]contact.Value) {
	latest := &u.Survivor
	for _, c := range u.all() {
		if c.Latest.At > latest.Latest.At {
			latest = c
		}
	}
	if latest.Latest == (contact.Latest{}) || latest.Profile == (contact.Profile{}) {
		return
	}
	values[contact.ProfileMember], u.Origin[contact.ProfileMember] = latest.Value(contact.ProfileMember), latest.ID
}

// connections notes which channels are others than before.
func (w *Wrote) connections(before, after *contact.Contact) {
	for _, x := range after.Connections {
		var was contact.Connection
		if i := channelBy(before.Connections, x.Account); i >= 0 {
			was = before.Connections[i]
		}
		if was != x {
			w.Connections = append(w.Connections, Step[contact.Connection]{was, x})
		}
	}
	if before.Latest != after.Latest {
		w.Latest = &Step[contact.Latest]{before.Latest, after.Latest}
	}
	w.Automations = without(after.Automations, before.Automations)
}

// connections takes channels back that are as the merge left them, as far as nobody
// who stays has one by the same account.
func (u *undoing) connections(w *Wrote) {
	c := &u.Contact
	for _, step := range w.Connections {
		i := channelBy(c.Connections, step.After.Account)
		if i < 0 {
			continue // removed since
		}
		shall, alike, by := step.Before, step.After, -1
		for n := range u.staying {
			theirs := u.staying[n].Contact.Connections
			if at := channelBy(theirs, step.After.Account); at >= 0 {
				alike, by = joined(alike, theirs[at]), max(by, n)
				if shall.Account == "" {
					shall = theirs[at]
				} else {
					shall = joined(shall, theirs[at])
				}
			}
		}
		if now := c.Connections[i]; now != step.After && now != alike {
			continue // used since
		}
		if by >= 0 {
			pass := u.passTo(by)
			pass.Connections = append(pass.Connections, Step[contact.Connection]{step.Before, shall})
		}
		if shall == c.Connections[i] {
			continue
		}
		u.Lost.Connections = append(u.Lost.Connections, step)
		if shall.Account == "" {
			c.Connections = slices.Delete(c.Connections, i, i+1)
		} else {
			c.Connections[i] = shall
		}
	}
	u.latest(w)
	c.Automations = without(c.Automations, u.take(w.Automations, func(c *contact.Contact, a string) bool { return slices.Contains(c.Automations, a) },
		func(w *Wrote) *[]string { return &w.Automations }))
}

// latest says whose message is the latest without the merge.
func (u *undoing) latest(w *Wrote) {
	if w.Latest == nil {
		return
	}
	shall, alike, by := w.Latest.Before, w.Latest.After, -1
	for i := range u.staying {
		theirs := u.staying[i].Contact.Latest
		if theirs.At > alike.At {
			alike = theirs
		}
		if theirs.At > shall.At {
			shall, by = theirs, i
		}
	}
	if now := u.Contact.Latest; now != w.Latest.After && now != alike {
		return // there was another since
	}
	if by >= 0 {
		u.passTo(by).Latest = &Step[contact.Latest]{w.Latest.Before, shall}
	}
	if shall != u.Contact.Latest {
		u.Contact.Latest, u.Lost.Latest = shall, w.Latest
	}
}
