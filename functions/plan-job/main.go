// Command plan-job selects the contacts of bulk jobs that are too large for that to
// be done when they are started, and releases and retries them.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.PlanJob)) }
