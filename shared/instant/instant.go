// Package instant is a point in time as the contract writes it: UTC, RFC 3339,
// always three decimals ("2026-11-20T09:30:00.123Z"), so that text order is time
// order. It is kept as milliseconds since 1970; the zero value is "not set".
package instant

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Instant is milliseconds since 1970 in UTC.
type Instant int64

// layout is RFC 3339 with milliseconds.
const layout = "2006-01-02T15:04:05.000Z"

// Of rounds down to the millisecond.
func Of(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the same point as a time.Time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

func (i Instant) String() string { return i.Time().Format(layout) }

// MarshalText implements encoding.TextMarshaler.
func (i Instant) MarshalText() ([]byte, error) { return i.Append(nil), nil }

// MarshalJSONTo implements json.MarshalerTo without going through text.
func (i Instant) MarshalJSONTo(e *jsontext.Encoder) error {
	b := append(e.AvailableBuffer(), '"')
	return e.WriteValue(append(i.Append(b), '"'))
}

// Append is AppendFormat of the layout: every answer has several times, and the
// general one takes three times as long.
func (i Instant) Append(b []byte) []byte {
	t := i.Time()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, layout)
	}
	two := func(n int) { b = append(b, byte('0'+n/10), byte('0'+n%10)) }
	two(year / 100)
	two(year % 100)
	b = append(b, '-')
	two(int(month))
	b = append(b, '-')
	two(day)
	b = append(b, 'T')
	two(hour)
	b = append(b, ':')
	two(minute)
	b = append(b, ':')
	two(second)
	ms := t.Nanosecond() / 1e6
	b = append(b, '.', byte('0'+ms/100))
	two(ms % 100)
	return append(b, 'Z')
}

// UnmarshalText takes any RFC 3339 time and keeps its milliseconds.
func (i *Instant) UnmarshalText(text []byte) error {
	if at, ok := parse(text); ok {
		*i = at
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("instant %q: want RFC 3339, such as 2026-11-20T09:30:00Z", text)
	}
	*i = Of(t)
	return nil
}

// parse reads what Append writes: every row has several times.
func parse(text []byte) (Instant, bool) {
	if len(text) != len(layout) {
		return 0, false
	}
	for i, c := range text {
		switch want := layout[i]; {
		case want >= '0' && want <= '9':
			if c < '0' || c > '9' {
				return 0, false
			}
		case c != want:
			return 0, false
		}
	}
	number := func(from, to int) (n int) {
		for _, c := range text[from:to] {
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), time.Month(number(5, 7)), number(8, 10)
	hour, minute, second := number(11, 13), number(14, 16), number(17, 19)
	t := time.Date(year, month, day, hour, minute, second, number(20, 23)*1e6, time.UTC)
	if t.Month() != month || t.Day() != day || hour > 23 || minute > 59 || second > 59 {
		return 0, false // such as the 31st of April; time.Date goes on into May
	}
	return Of(t), true
}
