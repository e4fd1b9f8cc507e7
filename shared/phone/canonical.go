package phone

// canonical returns the one spelling of s, which is E.164, that stands for
// all. Three countries changed how their mobile numbers are written, and
// messaging networks know people by either form:
//
//   - Brazil put a 9 before the eight digits of a mobile number; where they
//     begin with 6 to 9 it is put in. It is never taken out: what is left may
//     be somebody's landline (+55 11 9 4123-4567 and +55 11 4123-4567).
//   - Mexico dropped the 1 between +52 and the ten digits.
//   - Argentina puts a 9 between +54 and the ten digits of a mobile number
//     that is called from abroad; it is dropped.
//
// It looks at digits alone, so that a number's canonical form does not change
// with the numbering plans. It is idempotent.
func canonical(s string) string {
	switch {
	case len(s) == len("+55")+10 && s[:3] == "+55" && s[5] >= '6':
		return s[:5] + "9" + s[5:]
	case len(s) == len("+521")+10 && s[:4] == "+521":
		return "+52" + s[4:]
	case len(s) == len("+549")+10 && s[:4] == "+549":
		return "+54" + s[4:]
	}
	return s
}
