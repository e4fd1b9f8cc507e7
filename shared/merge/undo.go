package merge

import (
	"cmp"
	"maps"
	"slices"

	"rubrica/shared/consent"
	"rubrica/shared/contact"
)

// Staying is a contact that another merge put into the same survivor and that
// stays: what it holds too is not taken from the survivor. From then on it is that
// merge's.
type Staying struct {
	// Merge is the merge that put it there.
	Merge   string
	Contact contact.Contact
}

// Undone is what an undo comes to.
type Undone struct {
	// Contact is the survivor without what the merge gave it.
	Contact contact.Contact
	// Kept are members with one value that the merge wrote and that differ since.
	Kept []string
	// Lost is what was taken from the survivor, of what it has many of, and of flags:
	// what stands above it loses that too.
	Lost Wrote
	// Passed is what stays because of another contact, by the merge that put this one
	// there.
	Passed map[string]*Wrote
}

// Undo takes from a survivor, as it is now, what a merge wrote; gone are the
// contacts that leave it. What was changed since stays.
func Undo(survivor contact.Contact, w Wrote, gone []string, staying []Staying) Undone {
	u := &undoing{Undone: Undone{Contact: survivor.Clone(), Passed: map[string]*Wrote{}}, staying: staying}
	c := &u.Contact
	c.MergedIDs = without(c.MergedIDs, gone)
	held := u.Contact // as it was, for what it held
	u.values(&w)
	taken := u.take(w.Identities, func(c *contact.Contact, s string) bool { return c.Holds(identityOf(s)) },
		func(w *Wrote) *[]string { return &w.Identities })
	u.dropIdentities(taken)
	left := func(id contact.Identity) bool { return held.Holds(id) && !slices.Contains(taken, IdentityText(id)) }
	c.OtherEmails = inOrder(w.Emails, c.OtherEmails, func(s string) bool { return left(contact.EmailIdentity(s)) })
	c.OtherPhones = inOrder(w.Phones, c.OtherPhones, func(s string) bool { return left(contact.PhoneIdentity(s)) })
	c.Followers = without(c.Followers, u.take(w.Followers, (*contact.Contact).Follows, func(w *Wrote) *[]string { return &w.Followers }))
	c.Tags = without(c.Tags, u.take(w.Tags, func(c *contact.Contact, id string) bool { return slices.Contains(c.Tags, id) },
		func(w *Wrote) *[]string { return &w.Tags }))
	u.flags(w)
	u.connections(&w)
	c.FirstCreatedAt = 0
	for i := range staying {
		c.FirstCreatedAt = min(first(c), first(&staying[i].Contact))
	}
	u.country(&w, survivor.Phone)
	slices.Sort(u.Kept)
	return u.Undone
}

type undoing struct {
	Undone
	staying []Staying
}

// values puts members with one value back that still are as the merge left them. A
// survivor that is a VIP since anybody was stays one while one who stays is.
func (u *undoing) values(w *Wrote) {
	back := map[string]contact.Value{}
	for name, step := range w.Values {
		if now := u.Contact.Value(name); now.Text != step.After.Text || pinned(step.After, now) {
			u.Kept = append(u.Kept, name)
			continue
		}
		if name == contact.VIPMember && w.VIP {
			if pass := u.holder(func(c *contact.Contact) bool { return c.VIP }); pass != nil {
				pass.VIP, pass.Values = true, map[string]Step[contact.Value]{name: step}
				continue
			}
		}
		back[name] = step.Before
		// An address that one who stays has too is still the survivor's, among the others.
		if id, ok := mainIdentity(name, step.After.Text); ok && u.anyHolds(id) {
			if name == "email" {
				u.Contact.OtherEmails = append(u.Contact.OtherEmails, step.After.Text)
			} else {
				u.Contact.OtherPhones = append(u.Contact.OtherPhones, step.After.Text)
			}
		}
	}
	u.Contact = u.Contact.With(back)
}

// anyHolds tells whether one who stays has an identity.
func (u *undoing) anyHolds(id contact.Identity) bool {
	return slices.ContainsFunc(u.staying, func(s Staying) bool { return s.Contact.Holds(id) })
}

// mainIdentity is the identity of a main address or number.
func mainIdentity(member, value string) (id contact.Identity, ok bool) {
	switch {
	case value == "":
		return id, false
	case member == "email":
		return contact.EmailIdentity(value), true
	case member == "phone":
		return contact.PhoneIdentity(value), true
	}
	return id, false
}

// holder returns where to note what passes to the first staying contact that has
// something; nil if none has.
func (u *undoing) holder(has func(*contact.Contact) bool) *Wrote {
	for i := range u.staying {
		if has(&u.staying[i].Contact) {
			return u.passTo(i)
		}
	}
	return nil
}

func (u *undoing) passTo(i int) *Wrote {
	id := u.staying[i].Merge
	if u.Passed[id] == nil {
		u.Passed[id] = &Wrote{}
	}
	return u.Passed[id]
}

// take returns those of the values that the survivor loses, and notes where the
// others pass.
func (u *undoing) take(values []string, has func(*contact.Contact, string) bool, in func(*Wrote) *[]string) (taken []string) {
	for _, v := range values {
		if pass := u.holder(func(c *contact.Contact) bool { return has(c, v) }); pass != nil {
			*in(pass) = append(*in(pass), v)
		} else {
			taken = append(taken, v)
		}
	}
	*in(&u.Lost) = append(*in(&u.Lost), taken...)
	return taken
}

// dropIdentities takes addresses, numbers and external ids from the survivor, but
// not from where they are the main one: there somebody put them since.
func (u *undoing) dropIdentities(texts []string) {
	c := &u.Contact
	gone := make(map[contact.Identity]bool, len(texts))
	for _, s := range texts {
		gone[identityOf(s)] = true
	}
	c.OtherEmails = slices.DeleteFunc(c.OtherEmails, func(s string) bool { return gone[contact.EmailIdentity(s)] })
	c.OtherPhones = slices.DeleteFunc(c.OtherPhones, func(s string) bool { return gone[contact.PhoneIdentity(s)] })
	c.LostIDs = slices.DeleteFunc(c.LostIDs, func(s string) bool { return gone[contact.Identity{Kind: contact.ByExternal, Value: s}] })
	maps.DeleteFunc(c.ExternalIDs, func(system, key string) bool { return gone[contact.ExternalIdentity(system, key)] })
	// A system that is shown no more shows the first key that had lost.
	for _, s := range slices.Clone(c.LostIDs) {
		system, key := contact.SplitExternal(s)
		if _, shown := c.ExternalIDs[system]; shown {
			continue
		}
		if c.ExternalIDs == nil {
			c.ExternalIDs = map[string]string{}
		}
		c.ExternalIDs[system] = key
	}
}

// inOrder puts first those of a list that were in it before the merge and are held
// still, as they were spelled; one that the merge made the main one is back.
func inOrder(wrote *Step[[]string], now []string, left func(string) bool) []string {
	if wrote == nil {
		return now
	}
	before := slices.DeleteFunc(slices.Clone(wrote.Before), func(s string) bool { return !left(s) })
	return slices.Concat(before, now)
}

// flags takes back do-not-disturb.
func (u *undoing) flags(w Wrote) {
	for flag, step := range w.DND {
		u.consent(flag, step)
	}
}

// consent takes one flag back, as far as nobody who stays has it on, unless
// somebody set it since. That another merge made it permanent does not count.
func (u *undoing) consent(flag consent.Flag, step Step[consent.Setting]) {
	now := u.Contact.DND[flag]
	shall, by := consent.DND{}, -1
	if step.Before != (consent.Setting{}) {
		shall[flag] = step.Before
	}
	for i := range u.staying {
		if other := u.staying[i].Contact.DND; other[flag].On {
			if strictest(shall, consent.DND{flag: other[flag]}); by < 0 {
				by = i
			}
		}
	}
	alike := now
	if alike.Permanent = step.After.Permanent; alike != step.After || now.Permanent && !step.After.Permanent && !shall[flag].Permanent {
		return
	}
	if by >= 0 {
		pass := u.passTo(by)
		if pass.DND == nil {
			pass.DND = map[consent.Flag]Step[consent.Setting]{}
		}
		pass.DND[flag] = Step[consent.Setting]{step.Before, shall[flag]}
	}
	if now == shall[flag] {
		return
	}
	if u.Lost.DND == nil {
		u.Lost.DND = map[consent.Flag]Step[consent.Setting]{}
	}
	u.Lost.DND[flag] = step
	if set, ok := shall[flag]; ok {
		u.Contact.DND[flag] = set
	} else {
		delete(u.Contact.DND, flag)
	}
}

// Plus is what two wrote: what passes to a merge is added to what it wrote itself.
func (w Wrote) Plus(more *Wrote) Wrote {
	if more == nil {
		return w
	}
	w.Values = united(w.Values, more.Values)
	w.CountryOf = cmp.Or(w.CountryOf, more.CountryOf)
	w.DND = united(more.DND, w.DND)
	w.Identities = slices.Concat(w.Identities, more.Identities)
	w.Followers = slices.Concat(w.Followers, more.Followers)
	w.Tags = slices.Concat(w.Tags, more.Tags)
	w.VIP = w.VIP || more.VIP
	w.Automations = slices.Concat(w.Automations, more.Automations)
	w.Latest = cmp.Or(more.Latest, w.Latest)
	w.Connections = slices.Concat(slices.DeleteFunc(slices.Clone(w.Connections), func(s Step[contact.Connection]) bool {
		return slices.ContainsFunc(more.Connections, func(x Step[contact.Connection]) bool { return x.After.Account == s.After.Account })
	}), more.Connections)
	w.Emails, w.Phones = cmp.Or(more.Emails, w.Emails), cmp.Or(more.Phones, w.Phones) // from what was there before both
	return w
}

func united[K comparable, V any](a, b map[K]V) map[K]V {
	if len(b) == 0 {
		return a
	}
	all := maps.Clone(b)
	maps.Copy(all, a)
	return all
}

// Through is the part of what a merge wrote that its survivor has from what a
// contact below it has lost; Rest is the other part.
func (w Wrote) Through(lost Wrote) (part, rest Wrote) {
	rest = w
	split := func(all, of []string) (in, out []string) {
		for _, s := range all {
			if slices.Contains(of, s) {
				in = append(in, s)
			} else {
				out = append(out, s)
			}
		}
		return in, out
	}
	part.Identities, rest.Identities = split(w.Identities, lost.Identities)
	part.Followers, rest.Followers = split(w.Followers, lost.Followers)
	part.Tags, rest.Tags = split(w.Tags, lost.Tags)
	part.Automations, rest.Automations = split(w.Automations, lost.Automations)
	rest.Connections = nil
	for _, step := range w.Connections {
		if slices.ContainsFunc(lost.Connections, func(x Step[contact.Connection]) bool { return x.After.Account == step.After.Account }) {
			part.Connections = append(part.Connections, step)
		} else {
			rest.Connections = append(rest.Connections, step)
		}
	}
	if lost.Latest != nil {
		part.Latest, rest.Latest = w.Latest, nil
	}
	rest.DND = maps.Clone(w.DND)
	for flag := range lost.DND {
		if step, ok := w.DND[flag]; ok {
			if part.DND == nil {
				part.DND = map[consent.Flag]Step[consent.Setting]{}
			}
			part.DND[flag] = step
			delete(rest.DND, flag)
		}
	}
	return part, rest
}
