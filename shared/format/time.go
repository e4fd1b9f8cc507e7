package format

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day of the calendar, 2006-01-02, of the years 0001 to 9999.
func Date(s string) (string, error) {
	year, month, day, ok := parseDate(s)
	switch {
	case !ok:
		return "", &Error{CodeInvalidDate, "Write the date as year-month-day, as in 1990-04-01."}
	case year == 0:
		return "", &Error{CodeInvalidDate, "Years run from 0001 to 9999."}
	case month < 1 || month > 12:
		return "", &Error{CodeInvalidDate, fmt.Sprintf("There is no month %02d: write the date as year-month-day, as in 1990-04-01.", month)}
	case day < 1 || day > daysIn(year, month):
		return "", &Error{CodeInvalidDate, fmt.Sprintf("%s %d has the days 01 to %d.", time.Month(month), year, daysIn(year, month))}
	}
	return s, nil
}

// parseDate reads dddd-dd-dd and nothing else.
func parseDate(s string) (year, month, day int, ok bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, part := range [3]string{s[:4], s[5:7], s[8:]} {
		for j := range len(part) {
			d := part[j] - '0'
			if d > 9 {
				return 0, 0, 0, false
			}
			n[i] = n[i]*10 + int(d)
		}
	}
	return n[0], n[1], n[2], true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// storedDateTime is how every time is written: UTC, always with milliseconds,
// so that times sort as their texts do.
const storedDateTime = "2006-01-02T15:04:05.000Z"

// DateTime is a moment, RFC 3339 with Z or an offset, of the years 0001 to
// 9999. It is stored in UTC with milliseconds; what is finer is cut off. Leap
// seconds are refused, since they have no place in that form.
func DateTime(s string) (string, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !isRFC3339(s) {
		return "", &Error{CodeInvalidDateTime, "Write date, time and offset, as in 2026-11-20T09:30:00Z or 2026-11-20T10:30:00+01:00."}
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return "", &Error{CodeInvalidDateTime, "Years run from 0001 to 9999, in UTC."}
	}
	return t.Format(storedDateTime), nil
}

// isRFC3339 refuses what time.Parse takes beyond the standard: hours of one
// digit, a comma before the fraction, offsets of a day and more.
func isRFC3339(s string) bool {
	const seconds = "2006-01-02T15:04:05"
	if len(s) <= len(seconds) || s[len("2006-01-02T15")] != ':' {
		return false
	}
	zone := s[len(seconds):]
	if zone[0] == '.' {
		zone = strings.TrimLeft(zone[1:], "0123456789")
	}
	return zone == "Z" || len(zone) == len("+01:00") && zone[1:3] < "24" && zone[4:] < "60"
}
