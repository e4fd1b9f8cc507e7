// Command read-messages answers with what was written with a contact.
package main

import (
	"rubrica/shared/api/messages"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(messages.Endpoints)) }
