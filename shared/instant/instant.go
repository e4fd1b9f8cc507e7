// Package instant is a point in time as the contract writes it: UTC, RFC 3339,
// always three decimals ("2026-11-20T09:30:00.123Z"), so that text order is time
// order. It is kept as milliseconds since 1970; the zero value is "not set".
package instant

import (
	"fmt"
	"time"
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
func (i Instant) MarshalText() ([]byte, error) {
	return i.Time().AppendFormat(make([]byte, 0, len(layout)), layout), nil
}

// UnmarshalText takes any RFC 3339 time and keeps its milliseconds.
func (i *Instant) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("instant %q: want RFC 3339, such as 2026-11-20T09:30:00Z", text)
	}
	*i = Of(t)
	return nil
}
