package consent_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rubrica/shared/channel"
	"rubrica/shared/consent"
)

// off is what does not want what the flags stand for.
func off(flags ...consent.Flag) consent.DND {
	d := consent.DND{}
	for _, f := range flags {
		d[f] = consent.Setting{On: true}
	}
	return d
}

// told is one line of what Reachable says; the default is marked.
func told(all []consent.Reach) string {
	var channels []string
	for _, r := range all {
		mark, why := "", []string{}
		if r.Default {
			mark = "*"
		}
		for _, reason := range r.Reasons {
			why = append(why, string(reason))
		}
		channels = append(channels, fmt.Sprint(r.Channel, mark, why))
	}
	return strings.Join(channels, " ")
}

// accounts are what a workspace has registered, "kind" or "kind-" for one that is
// disconnected; their ids are their places.
func accounts(words ...string) *channel.Set {
	s := &channel.Set{}
	for i, word := range words {
		kind, off := strings.CutSuffix(word, "-")
		s.Accounts = append(s.Accounts, channel.Account{ID: strconv.Itoa(i), Channel: channel.Kind(kind), Connected: !off})
	}
	return s
}

func TestReachable(t *testing.T) {
	t.Parallel()
	const chats = " facebook[unavailable] instagram[unavailable] telegram[unavailable]"
	for name, c := range map[string]struct {
		person   consent.Person
		accounts *channel.Set
		want     string
	}{
		"nothing to reach it by": {consent.Person{}, accounts(), "email[no_address] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"an address":             {consent.Person{HasEmail: true}, accounts(), "email*[] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"a number":               {consent.Person{HasPhone: true}, accounts(), "email[no_address] sms*[] whatsapp[] call[]" + chats},
		"both":                   {consent.Person{HasEmail: true, HasPhone: true}, accounts(), "email*[] sms[] whatsapp[] call[]" + chats},
		"it wrote by whatsapp":   {consent.Person{HasEmail: true, HasPhone: true, Latest: "whatsapp"}, accounts(), "email[] sms[] whatsapp*[] call[]" + chats},
		"it wrote by telegram": {
			consent.Person{HasEmail: true, Wrote: []string{"telegram"}, Latest: "telegram"}, accounts(),
			"email[] sms[no_address] whatsapp[no_address] call[no_address] facebook[unavailable] instagram[unavailable] telegram*[]",
		},
		"its channel was removed since": {
			consent.Person{HasEmail: true, Latest: "telegram"}, accounts(),
			"email*[] sms[no_address] whatsapp[no_address] call[no_address] facebook[unavailable] instagram[unavailable] telegram[unavailable]",
		},
		"it wrote by telegram, and wants no messages": {
			consent.Person{HasEmail: true, HasPhone: true, DND: off(consent.Messages), Wrote: []string{"telegram"}, Latest: "telegram"}, accounts(),
			"email*[] sms[dnd_messages] whatsapp[dnd_messages] call[] facebook[dnd_messages unavailable] instagram[dnd_messages unavailable] telegram[dnd_messages]",
		},
		"no e-mails":             {consent.Person{HasEmail: true, HasPhone: true, DND: off(consent.Email)}, accounts(), "email[dnd_email] sms*[] whatsapp[] call[]" + chats},
		"no calls":               {consent.Person{HasPhone: true, DND: off(consent.Calls)}, accounts(), "email[no_address] sms*[] whatsapp[] call[dnd_calls]" + chats},
		"nothing incoming":       {consent.Person{HasPhone: true, DND: off(consent.Inbound), Latest: "call"}, accounts(), "email[no_address] sms[] whatsapp[] call*[]" + chats},
		"a flag that was lifted": {consent.Person{HasEmail: true, DND: consent.DND{consent.All: {Reason: "lifted"}}}, accounts(), "email*[] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"every reason, in order": {
			consent.Person{Blocked: true, Inactive: true, DND: off(consent.Flags...)}, accounts("fax-"),
			"email[blocked dnd_all dnd_email inactive no_address no_account] sms[blocked dnd_all dnd_messages inactive no_address no_account] " +
				"whatsapp[blocked dnd_all dnd_messages inactive no_address no_account] call[blocked dnd_all dnd_calls inactive no_address no_account] " +
				"facebook[blocked dnd_all dnd_messages inactive unavailable no_account] instagram[blocked dnd_all dnd_messages inactive unavailable no_account] " +
				"telegram[blocked dnd_all dnd_messages inactive unavailable no_account] fax[blocked dnd_all dnd_messages inactive unavailable]",
		},
		"accounts of a mailbox and of two chats": {
			consent.Person{HasEmail: true, HasPhone: true, Wrote: []string{"2"}, Latest: "fax"}, accounts("email", "telegram", "fax", "sms-", "sms"),
			"email[] sms[] whatsapp[no_account] call[no_account] facebook[unavailable no_account] instagram[unavailable no_account] telegram[unavailable] fax*[]",
		},
		"accounts that are disconnected": {
			consent.Person{HasEmail: true, HasPhone: true, Wrote: []string{"1"}, Latest: "telegram"}, accounts("email-", "telegram-", "telegram", "call"),
			"email[unavailable] sms[no_account] whatsapp[no_account] call*[] facebook[unavailable no_account] instagram[unavailable no_account] telegram[unavailable]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, told(consent.Reachable(c.person, c.accounts))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// channels are what Reachable tells of, and what it does not know.
var channels = []channel.Kind{"", "email", "sms", "whatsapp", "call", "facebook", "instagram", "telegram", "fax"}

// anyAccounts are those of some workspace.
func anyAccounts(t *rapid.T) *channel.Set {
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"email", "email-", "sms", "sms-", "telegram", "telegram-", "fax", "fax-"}), 0, 5).Draw(t, "accounts")
	return accounts(words...)
}

func anyone(t *rapid.T) consent.Person {
	p := consent.Person{
		Blocked: rapid.Bool().Draw(t, "blocked"), Inactive: rapid.Bool().Draw(t, "inactive"),
		HasEmail: rapid.Bool().Draw(t, "e-mail"), HasPhone: rapid.Bool().Draw(t, "phone"), DND: consent.DND{},
		Latest: rapid.SampledFrom(channels).Draw(t, "latest"),
		Wrote:  rapid.SliceOfN(rapid.SampledFrom([]string{"0", "1", "2", "telegram", "facebook"}), 0, 3).Draw(t, "wrote"),
	}
	for _, flag := range consent.Flags {
		if rapid.Bool().Draw(t, "set "+string(flag)) {
			p.DND[flag] = consent.Setting{On: rapid.Bool().Draw(t, string(flag))}
		}
	}
	return p
}

// TestWhatIsToldFitsTogether: a channel is allowed if and only if nothing stands
// against it, exactly one is the default if and only if one is allowed, and that
// one is allowed, the latest where it can be.
func TestWhatIsToldFitsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyone(t)
		all := consent.Reachable(p, anyAccounts(t))
		allowed, defaults := 0, 0
		for _, r := range all {
			if r.Allowed != (len(r.Reasons) == 0) || r.Reasons == nil {
				t.Errorf("%+v is allowed, or is not", r)
			}
			if len(slices.Compact(slices.Sorted(slices.Values(r.Reasons)))) != len(r.Reasons) {
				t.Errorf("%+v says something twice", r)
			}
			if r.Allowed {
				allowed++
			}
			if r.Default {
				defaults++
				if !r.Allowed {
					t.Errorf("%+v is the default", r)
				}
			}
			if r.Channel == p.Latest && r.Allowed && !r.Default {
				t.Errorf("%+v is the latest, and not the default", r)
			}
		}
		if defaults != min(allowed, 1) {
			t.Errorf("%d defaults of %d that are allowed: %s", defaults, allowed, told(all))
		}
	})
}

// TestLessNeverAllowsMore: whatever is switched off, taken or done to a contact,
// what was refused is refused still, for all the reasons that it was.
func TestLessNeverAllowsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, accounts := anyone(t), anyAccounts(t)
		before := consent.Reachable(p, accounts)
		less := p
		less.DND = consent.DND{}
		for _, flag := range consent.Flags {
			less.DND[flag] = consent.Setting{On: p.DND[flag].On || rapid.Bool().Draw(t, "also "+string(flag))}
		}
		less.Blocked = p.Blocked || rapid.Bool().Draw(t, "also blocked")
		less.Inactive = p.Inactive || rapid.Bool().Draw(t, "also inactive")
		less.HasEmail = p.HasEmail && rapid.Bool().Draw(t, "still with an e-mail")
		less.HasPhone = p.HasPhone && rapid.Bool().Draw(t, "still with a phone")
		for i, after := range consent.Reachable(less, accounts) {
			if after.Channel != before[i].Channel || after.Allowed && !before[i].Allowed {
				t.Errorf("%+v, and with less of everything %+v", before[i], after)
			}
			for _, reason := range before[i].Reasons {
				if !slices.Contains(after.Reasons, reason) {
					t.Errorf("%s of %s is gone with less of everything", reason, after.Channel)
				}
			}
		}
	})
}

func TestStopWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"STOP", "stop", " Stop! ", "S.T.O.P.", "\tstop\n", "Basta", "PARE", "parar", "CANCELAR!!", "Unsubscribe", "stop all", "Alto", "baja", "Arrêt", "ARRET", "arre\u0302t", "Stopp!", "abmelden",
	} {
		if !consent.IsStopWord(text) {
			t.Errorf("%q is a stop word", text)
		}
	}
	for _, text := range []string{"", "!", "don't stop", "stop it", "stop?", "basta così", "fine", "no", "nonstop", "STOP 1", strings.Repeat(" ", 300) + "stop"} {
		if consent.IsStopWord(text) {
			t.Errorf("%q is no stop word", text)
		}
	}
}
