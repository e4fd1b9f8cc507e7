// Command relay-changes turns committed rows into messages: it is the only one
// that sends to the queues.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/streamfn"
	"rubrica/shared/consume"
)

func main() { boot.Main(streamfn.Start(consume.Relayed(nil)...)) }
