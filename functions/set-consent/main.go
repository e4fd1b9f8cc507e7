// Command set-consent sets what a contact does not want to be disturbed by, and
// says on which channels it may be reached.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(contacts.Consent)) }
