package main

import (
	"fmt"
	"strconv"
	"strings"
)

// report is the table in Markdown, with what one must know to read it.
func report(all []measured) string {
	var b strings.Builder
	b.WriteString("| operation | calls | round trips | read units | write units | queue calls | invocations | $ per million, alone | " +
		strconv.Itoa(busy) + " at once |\n|---|---|---|---|---|---|---|---|---|\n")
	for i := range all {
		m := &all[i]
		together := m.together()
		if m.behind == (counts{}) {
			together = m.alone()
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %.2f | %.2f |\n", m.name,
			sum(m.request.calls, m.behind.calls), number64(m.request.trips), sum(m.request.reads, m.behind.reads), sum(m.request.writes, m.behind.writes),
			number64(m.behind.queue), sum(m.request.invocations, m.behind.invocations), m.alone(), together)
	}
	fmt.Fprintf(&b, "\nCounted, not estimated; `a + b` is what the answer takes and what is done behind it (relay, audit log, purge, "+
		"reindex, detach), which costs less the more comes at once. Whoever makes tags counts them once a minute, with a query more. Contacts of about 500 bytes with an address and a number, four shards. "+
		"List prices of eu-west-1, %s, without free tiers (`infra/costs/prices.go`: check them before a decision rests on them), "+
		"with the gateway's; functions of %d MB that take %d ms and %d ms a round trip. Apart: storage ($%.3f a GB and month, and "+
		"again for point-in-time recovery), logs ($%.2f a GB; a request leaves about 1 KB), traces, transfer.\n",
		pricesOf, int(memoryGB*1024), ownTime.Milliseconds(), tripTime.Milliseconds(), storedGB, loggedGB)
	return b.String()
}

func number64(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func sum(request, behind float64) string {
	if behind == 0 {
		return number64(request)
	}
	return number64(request) + " + " + number64(behind)
}
