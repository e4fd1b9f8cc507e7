// Command receive-events handles the events that come in by the queue.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/eventfn"
)

func main() { boot.Main(eventfn.Start) }
