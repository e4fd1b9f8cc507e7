// Command block-contact keeps a contact away and lets it in again.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(contacts.Block)) }
