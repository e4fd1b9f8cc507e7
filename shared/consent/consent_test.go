package consent_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

func TestReachable(t *testing.T) {
	t.Parallel()
	const chats = " facebook[unavailable] instagram[unavailable] telegram[unavailable]"
	for name, c := range map[string]struct {
		person consent.Person
		latest string
		want   string
	}{
		"nothing to reach it by": {consent.Person{}, "", "email[no_address] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"an address":             {consent.Person{HasEmail: true}, "", "email*[] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"a number":               {consent.Person{HasPhone: true}, "", "email[no_address] sms*[] whatsapp[] call[]" + chats},
		"both":                   {consent.Person{HasEmail: true, HasPhone: true}, "", "email*[] sms[] whatsapp[] call[]" + chats},
		"it wrote by whatsapp":   {consent.Person{HasEmail: true, HasPhone: true}, "whatsapp", "email[] sms[] whatsapp*[] call[]" + chats},
		"it wrote by telegram": {
			consent.Person{HasEmail: true}, "telegram",
			"email[] sms[no_address] whatsapp[no_address] call[no_address] facebook[unavailable] instagram[unavailable] telegram*[]",
		},
		"it wrote by telegram, and wants no messages": {
			consent.Person{HasEmail: true, HasPhone: true, DND: off(consent.Messages)}, "telegram",
			"email*[] sms[dnd_messages] whatsapp[dnd_messages] call[] facebook[dnd_messages unavailable] instagram[dnd_messages unavailable] telegram[dnd_messages]",
		},
		"it wrote by what is no channel": {consent.Person{HasPhone: true}, "fax", "email[no_address] sms*[] whatsapp[] call[]" + chats},
		"no e-mails":                     {consent.Person{HasEmail: true, HasPhone: true, DND: off(consent.Email)}, "", "email[dnd_email] sms*[] whatsapp[] call[]" + chats},
		"no calls":                       {consent.Person{HasPhone: true, DND: off(consent.Calls)}, "", "email[no_address] sms*[] whatsapp[] call[dnd_calls]" + chats},
		"nothing incoming":               {consent.Person{HasPhone: true, DND: off(consent.Inbound)}, "call", "email[no_address] sms[] whatsapp[] call*[]" + chats},
		"a flag that was lifted":         {consent.Person{HasEmail: true, DND: consent.DND{consent.All: {Reason: "lifted"}}}, "", "email*[] sms[no_address] whatsapp[no_address] call[no_address]" + chats},
		"every reason, in order": {
			consent.Person{Blocked: true, Inactive: true, DND: off(consent.Flags...)}, "",
			"email[blocked dnd_all dnd_email inactive no_address] sms[blocked dnd_all dnd_messages inactive no_address] " +
				"whatsapp[blocked dnd_all dnd_messages inactive no_address] call[blocked dnd_all dnd_calls inactive no_address] " +
				"facebook[blocked dnd_all dnd_messages inactive unavailable] instagram[blocked dnd_all dnd_messages inactive unavailable] " +
				"telegram[blocked dnd_all dnd_messages inactive unavailable]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, told(consent.Reachable(c.person, c.latest))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// channels are what Reachable tells of, and what it does not know.
var channels = []string{"", "email", "sms", "whatsapp", "call", "facebook", "instagram", "telegram", "fax"}

func anyone(t *rapid.T) consent.Person {
	p := consent.Person{
		Blocked: rapid.Bool().Draw(t, "blocked"), Inactive: rapid.Bool().Draw(t, "inactive"),
		HasEmail: rapid.Bool().Draw(t, "e-mail"), HasPhone: rapid.Bool().Draw(t, "phone"), DND: consent.DND{},
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
		p, latest := anyone(t), rapid.SampledFrom(channels).Draw(t, "latest")
		all := consent.Reachable(p, latest)
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
			if r.Channel == latest && r.Allowed && !r.Default {
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
		p, latest := anyone(t), rapid.SampledFrom(channels).Draw(t, "latest")
		before := consent.Reachable(p, latest)
		less := p
		less.DND = consent.DND{}
		for _, flag := range consent.Flags {
			less.DND[flag] = consent.Setting{On: p.DND[flag].On || rapid.Bool().Draw(t, "also "+string(flag))}
		}
		less.Blocked = p.Blocked || rapid.Bool().Draw(t, "also blocked")
		less.Inactive = p.Inactive || rapid.Bool().Draw(t, "also inactive")
		less.HasEmail = p.HasEmail && rapid.Bool().Draw(t, "still with an e-mail")
		less.HasPhone = p.HasPhone && rapid.Bool().Draw(t, "still with a phone")
		for i, after := range consent.Reachable(less, latest) {
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
