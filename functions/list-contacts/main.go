// Command list-contacts answers what needs the order of a list: its pages, those
// of a search, and the neighbours of a contact in it.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(contacts.List)) }
