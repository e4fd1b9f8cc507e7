package filter

import (
	"cmp"
	"math/big"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/body"
	"rubrica/shared/field"
	"rubrica/shared/format"
	"rubrica/shared/instant"
	"rubrica/shared/problem"
)

// The kinds that are no texts.
var (
	number   = &kind{ops: numberOps, read: readNumber, kept: parseNumber, compare: byNumber}
	flag     = &kind{ops: []op{opEq, opNe, opIn, opExists}, read: readFlag, compare: byNumber}
	days     = &kind{ops: timeOps, read: readMoment, compare: byMoment} // and times
	clock    = &kind{ops: timeOps, read: readClock, compare: byNumber}
	currency = &kind{ops: numberOps, read: readMoney, compare: byMoney}
	presence = &kind{ops: []op{opExists}}
)

var (
	numberOps = []op{opEq, opNe, opIn, opGt, opGte, opLt, opLte, opExists}
	timeOps   = []op{opEq, opNe, opIn, opGt, opGte, opLt, opLte, opBefore, opAfter, opExists}
)

func byNumber(a, b operand) (int, bool) { return cmp.Compare(a.number, b.number), true }

// readNumber takes the numbers that a custom field takes: of any other the double
// that is compared would be another number.
func readNumber(path string, v jsontext.Value, part bool) (operand, []problem.Field) {
	o, wrong := parseNumber(path, v, part)
	if wrong == nil {
		_, wrong = (&field.Definition{Type: field.Number}).Value(path, v)
	}
	return o, wrong
}

func parseNumber(path string, v jsontext.Value, _ bool) (operand, []problem.Field) {
	n, err := strconv.ParseFloat(string(v), 64)
	if v.Kind() != '0' || err != nil {
		return refusal(path, body.CodeType, "Must be a number, such as 12 or 10.5, without quotes.")
	}
	return operand{number: n}, nil
}

func readFlag(path string, v jsontext.Value, _ bool) (operand, []problem.Field) {
	switch v.Kind() {
	case 't':
		return operand{number: 1}, nil
	case 'f':
		return operand{}, nil
	}
	return refusal(path, body.CodeType, "Must be true or false, without quotes.")
}

// moment is a time, or a day of which the time is the beginning in UTC.
type moment struct {
	instant.Instant
	day bool
}

// onDay is the beginning of the day in UTC.
func (m moment) onDay() instant.Instant {
	const day = instant.Instant(24 * time.Hour / time.Millisecond)
	return m.Instant - ((m.Instant%day)+day)%day
}

func byMoment(a, b operand) (int, bool) {
	if a.at.day || b.at.day {
		return cmp.Compare(a.at.onDay(), b.at.onDay()), true
	}
	return cmp.Compare(a.at.Instant, b.at.Instant), true
}

func readMoment(path string, v jsontext.Value, _ bool) (operand, []problem.Field) {
	s, wrong := readText(path, v, false)
	if wrong != nil {
		return operand{}, wrong
	}
	m, ok := parseMoment(s)
	if !ok {
		return refusal(path, format.CodeInvalidDateTime, "Write a day, as in 2026-11-20, or date, time and offset, as in 2026-11-20T09:30:00Z.")
	}
	return operand{at: m}, nil
}

func parseMoment(s string) (m moment, ok bool) {
	if day, err := format.Date(s); err == nil {
		m.day, s = true, day+"T00:00:00Z"
	}
	s, err := format.DateTime(s)
	if err != nil {
		return m, false
	}
	return m, m.UnmarshalText([]byte(s)) == nil
}

func readClock(path string, v jsontext.Value, _ bool) (operand, []problem.Field) {
	kept, wrong := (&field.Definition{Type: field.Time}).Value(path, v)
	s, ok := body.Text(kept)
	if len(wrong) > 0 || !ok {
		return operand{}, orBlank(path, wrong)
	}
	if len(s) == len("15:04") {
		s += ":00"
	}
	at, _ := time.Parse(time.TimeOnly, s) // Value has checked it
	return operand{number: float64(at.Hour()*3600 + at.Minute()*60 + at.Second())}, nil
}

// money is an amount, exact, of a currency.
type money struct {
	amount   *big.Rat
	currency string
}

func byMoney(a, b operand) (int, bool) {
	if a.money.currency != b.money.currency {
		return 0, false
	}
	return a.money.amount.Cmp(b.money.amount), true
}

func readMoney(path string, v jsontext.Value, _ bool) (operand, []problem.Field) {
	kept, wrong := (&field.Definition{Type: field.Currency}).Value(path, v)
	if len(wrong) > 0 || kept == nil {
		return operand{}, orBlank(path, wrong)
	}
	var given struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	}
	if err := json.Unmarshal(kept, &given); err != nil {
		panic(err) // it is what Value has made
	}
	amount, _ := new(big.Rat).SetString(given.Amount)
	return operand{money: money{amount, given.Currency}}, nil
}

// orBlank says what is wrong with a value of which a field would say nothing,
// because it clears the field.
func orBlank(path string, wrong []problem.Field) []problem.Field {
	if len(wrong) == 0 {
		_, wrong = refusal(path, body.CodeRequired, "Must not be blank.")
	}
	return wrong
}
