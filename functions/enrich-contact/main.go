// Command enrich-contact takes what integrations know of a contact: its profile on
// a channel, and whether a CRM knows it.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(contacts.Offer)) }
