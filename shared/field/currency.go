package field

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// money checks {"amount": "10.50", "currency": "EUR"}: a decimal, exact, kept as
// it was given, and an ISO 4217 code. The two are one value: an object with one
// of them alone is no change of that one.
func money(path string, v jsontext.Value) (jsontext.Value, []problem.Field) {
	if v.Kind() != '{' {
		return refused(path, body.CodeType, (&Definition{Type: Currency}).right())
	}
	given := map[string]string{}
	var wrong []problem.Field
	refuse := func(member, code, detail string) {
		wrong = append(wrong, problem.Field{Field: body.Join(path, member), Code: code, Detail: detail})
	}
	for _, m := range body.Members(v) {
		s, ok := body.Text(m.Value)
		s = strings.TrimSpace(s)
		switch {
		case m.Name != "amount" && m.Name != "currency":
			refuse(m.Name, body.CodeUnknown, "There is no member of this name here; letter case counts.")
			continue
		case !ok:
			refuse(m.Name, body.CodeType, `Must be a string, such as "10.50" or "EUR".`)
		case m.Name == "amount" && !isAmount(s):
			refuse(m.Name, body.CodeInvalid, `Must be a decimal number in a string, such as "10.50" or "-3", of at most 30 digits.`)
		case m.Name == "currency" && !isCurrency(s):
			refuse(m.Name, codeCurrency, "Must be an ISO 4217 code in capital letters, such as EUR.")
		}
		given[m.Name] = s
	}
	for _, member := range []string{"amount", "currency"} {
		if _, ok := given[member]; !ok {
			refuse(member, body.CodeRequired, "This member is required.")
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return kept(given), nil
}

// isAmount tells whether s is a decimal number of at most 30 digits, as people
// write one: no exponent, no needless zero in front, a digit on both sides of
// the point.
func isAmount(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return isDigits(whole) && (!point || isDigits(fraction)) && len(whole)+len(fraction) <= 30 && (whole == "0" || whole[0] != '0')
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// currencies are the codes of ISO 4217, those of former currencies included: an
// old amount is still one. Without XXX (none) and XTS (for tests). They stand here
// because golang.org/x/text/currency lacks those since 2018, and takes 130 KB of
// every function.
const currencies = "ADP AED AFA AFN ALK ALL AMD ANG AOA AOK AON AOR ARA ARL ARM ARP ARS ATS AUD AWG AZM AZN BAD BAM BAN BBD BDT " +
	"BEC BEF BEL BGL BGM BGN BGO BHD BIF BMD BND BOB BOL BOP BOV BRB BRC BRE BRL BRN BRR BRZ BSD BTN BUK BWP BYB " +
	"BYN BYR BZD CAD CDF CHE CHF CHW CLE CLF CLP CNH CNX CNY COP COU CRC CSD CSK CUC CUP CVE CYP CZK DDM DEM DJF " +
	"DKK DOP DZD ECS ECV EEK EGP ERN ESA ESB ESP ETB EUR FIM FJD FKP FRF GBP GEK GEL GHC GHS GIP GMD GNF GNS GQE " +
	"GRD GTQ GWE GWP GYD HKD HNL HRD HRK HTG HUF IDR IEP ILP ILR ILS INR IQD IRR ISJ ISK ITL JMD JOD JPY KES KGS " +
	"KHR KMF KPW KRH KRO KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LTT LUC LUF LUL LVL LVR LYD MAD MAF MCF MDC MDL " +
	"MGA MGF MKD MKN MLF MMK MNT MOP MRO MRU MTL MTP MUR MVP MVR MWK MXN MXP MXV MYR MZE MZM MZN NAD NGN NIC NIO " +
	"NLG NOK NPR NZD OMR PAB PEI PEN PES PGK PHP PKR PLN PLZ PTE PYG QAR RHD ROL RON RSD RUB RUR RWF SAR SBD SCR " +
	"SDD SDG SDP SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG SSP STD STN SUR SVC SYP SZL THB TJR TJS TMM TMT TND TOP " +
	"TPE TRL TRY TTD TWD TZS UAH UAK UGS UGX USD USN USS UYI UYP UYU UYW UZS VEB VED VEF VES VND VNN VUV WST XAD " +
	"XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XEU XFO XFU XOF XPD XPF XPT XRE XSU XUA YDD YER YUD YUM YUN YUR ZAL " +
	"ZAR ZMK ZMW ZRN ZRZ ZWD ZWG ZWL ZWR"

// isCurrency tells whether s is an ISO 4217 code of money, in capital letters.
func isCurrency(s string) bool {
	return len(s) == 3 && s[0] != ' ' && s[1] != ' ' && s[2] != ' ' && strings.Contains(currencies, s)
}
