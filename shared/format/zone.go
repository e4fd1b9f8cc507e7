package format

import (
	_ "embed"
	"strings"
)

// zones holds the names of the IANA time zone database, links from older names
// included, one a line, in byte order. A test holds it to the toolchain's copy
// of the database and writes it anew (see TestZones). Names alone are 9 KB;
// time/tzdata would add 393 KB to every Lambda in order to answer the same
// question, and zone files on the machine may be missing or old. Whoever must
// convert times in a zone has to bring tzdata himself.
//
//go:embed zones.txt
var zones string

// Timezone is the name of an IANA time zone in its exact case. “Local” is none,
// nor is “Factory”, by which the database means that no zone was set.
func Timezone(s string) (string, error) {
	if isZone(s) {
		return s, nil
	}
	detail := "Write the name of an IANA time zone, as in Europe/Rome."
	if like := zoneLike(s); like != "" {
		detail = "Write " + like + ": names of time zones are exact."
	}
	return "", &Error{CodeInvalidTimezone, detail}
}

// isZone searches the lines of zones by halves.
func isZone(s string) bool {
	low, high := 0, len(zones) // both where a line begins
	for low < high {
		begin := strings.LastIndexByte(zones[:(low+high)/2], '\n') + 1
		end := begin + strings.IndexByte(zones[begin:], '\n')
		switch line := zones[begin:end]; {
		case line == s:
			return true
		case line < s:
			low = end + 1
		default:
			high = begin
		}
	}
	return false
}

// zoneLike finds what somebody meant who wrote a zone in another case, with
// spaces, or its city alone; "" if nothing.
func zoneLike(s string) (like string) {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "_")
	for line := range strings.Lines(zones) {
		name := strings.TrimSuffix(line, "\n")
		if strings.EqualFold(name, s) {
			return name
		}
		if like == "" && strings.EqualFold(name[strings.LastIndexByte(name, '/')+1:], s) {
			like = name
		}
	}
	return like
}
