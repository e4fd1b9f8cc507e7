package format

import (
	"strings"

	"golang.org/x/text/language"
)

// countries are the codes that ISO 3166-1 assigns officially: without reserved
// ones (AC, EU, UK) and those free for private use (XK).
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS " +
	"BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE " +
	"EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM " +
	"HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC " +
	"LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
	"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO " +
	"TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// Country is a country's code in ISO 3166-1 alpha-2: two upper-case letters,
// officially assigned.
func Country(s string) (string, error) {
	if isCountry(s) {
		return s, nil
	}
	detail := "Write the two letters of ISO 3166-1, as in IT for Italy."
	switch upper := strings.ToUpper(strings.TrimSpace(s)); {
	case isCountry(upper):
		detail = "Write " + upper + "."
	case upper == "UK":
		detail = "Write GB: UK is not the code of ISO 3166-1."
	case upper == "EL":
		detail = "Write GR: EL is not the code of ISO 3166-1."
	}
	return "", &Error{CodeInvalidCountry, detail}
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] != ' ' && s[1] != ' ' && strings.Contains(countries, s)
}

// maxLanguage bounds a tag's length; RFC 5646 asks for 35 at least.
const maxLanguage = 100

// Language is a BCP 47 tag that is well-formed, whose subtags are registered,
// and which is what the tag is written as today (he, not iw; it, not ita).
// Upper and lower case mean nothing in it and stay as they were written.
func Language(s string) (string, error) {
	const right = "Write a BCP 47 tag, as in it, pt-BR or zh-Hant."
	if len(s) > maxLanguage {
		return "", &Error{CodeInvalidLanguage, right}
	}
	tag, err := language.Deprecated.Parse(s)
	if err != nil {
		return "", &Error{CodeInvalidLanguage, right}
	}
	if today := tag.String(); !strings.EqualFold(today, s) {
		return "", &Error{CodeInvalidLanguage, "Write " + today + "."}
	}
	return s, nil
}
