// Command lock-contact gives campaigns a lease of a contact's phone and ends it.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(contacts.Lock)) }
