// Command take-events handles the events that integrations send over HTTP.
package main

import (
	"rubrica/shared/api/events"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(events.Endpoints)) }
