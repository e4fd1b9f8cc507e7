package format_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rubrica/shared/format"
)

func TestDate(t *testing.T) {
	t.Parallel()
	const right = "as in 1990-04-01"
	check(t, format.Date, []valid{
		{"1990-04-01", ""},
		{"0001-01-01", ""},
		{"9999-12-31", ""},
		{"2000-02-29", ""},
		{"2024-02-29", ""},
	}, []refused{
		{"", format.CodeInvalidDate, right},
		{"1990", format.CodeInvalidDate, right},
		{"12/25/1980", format.CodeInvalidDate, right},
		{"31/02/1990", format.CodeInvalidDate, right},
		{"1990-4-1", format.CodeInvalidDate, right},
		{"1990-04-01 ", format.CodeInvalidDate, right},
		{"1990-04-01T00:00:00Z", format.CodeInvalidDate, right},
		{"199٠-04-01", format.CodeInvalidDate, right},
		{"+990-04-01", format.CodeInvalidDate, right},
		{"0000-01-01", format.CodeInvalidDate, "0001 to 9999"},
		{"1990-13-01", format.CodeInvalidDate, "no month 13"},
		{"1990-00-01", format.CodeInvalidDate, "no month 00"},
		{"1990-02-31", format.CodeInvalidDate, "February 1990 has the days 01 to 28."},
		{"1900-02-29", format.CodeInvalidDate, "February 1900 has the days 01 to 28."},
		{"1990-04-00", format.CodeInvalidDate, "April 1990 has the days 01 to 30."},
	})
}

func TestDateIsTheCalendar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1, 9999).Draw(t, "year")
		month := rapid.IntRange(0, 13).Draw(t, "month")
		day := rapid.IntRange(0, 32).Draw(t, "day")
		s := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
		_, want := time.Parse(time.DateOnly, s)
		if _, err := format.Date(s); (err == nil) != (want == nil) {
			t.Fatalf("%s: %v, but %v", s, err, want)
		}
	})
}

func TestDateTime(t *testing.T) {
	t.Parallel()
	const right = "as in 2026-11-20T09:30:00Z"
	check(t, format.DateTime, []valid{
		{"2026-11-20T09:30:00.123Z", ""},
		{"2026-11-20T09:30:00Z", "2026-11-20T09:30:00.000Z"},
		{"2026-11-20T09:30:00+01:00", "2026-11-20T08:30:00.000Z"},
		{"2026-01-01T00:30:00+05:30", "2025-12-31T19:00:00.000Z"},
		{"2026-11-20T09:30:00.123999Z", "2026-11-20T09:30:00.123Z"},
		{"2026-11-20T09:30:00.1-00:00", "2026-11-20T09:30:00.100Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
		{"9999-12-31T23:59:59.999Z", ""},
	}, []refused{
		{"", format.CodeInvalidDateTime, right},
		{"2026-11-20", format.CodeInvalidDateTime, right},
		{"2026-11-20 09:30:00Z", format.CodeInvalidDateTime, right},
		{"2026-11-20T09:30:00", format.CodeInvalidDateTime, right},
		{"2026-11-20T9:30:00Z", format.CodeInvalidDateTime, right},
		{"2026-11-20T09:30:00,5Z", format.CodeInvalidDateTime, right},
		{"2026-11-20T24:00:00Z", format.CodeInvalidDateTime, right},
		{"2026-11-20T09:30:60Z", format.CodeInvalidDateTime, right},
		{"2026-02-30T09:30:00Z", format.CodeInvalidDateTime, right},
		{"2026-11-20T09:30:00+24:00", format.CodeInvalidDateTime, right},
		{"0001-01-01T00:00:00+01:00", format.CodeInvalidDateTime, "0001 to 9999"},
		{"9999-12-31T23:59:59-01:00", format.CodeInvalidDateTime, "0001 to 9999"},
		{"0000-06-01T00:00:00Z", format.CodeInvalidDateTime, "0001 to 9999"},
	})
}
