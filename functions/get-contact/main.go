// Command get-contact answers GET of one contact, and of its card.
package main

import (
	"rubrica/shared/api/contacts"
	"rubrica/shared/api/frame"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
	"rubrica/shared/ledger"
)

func main() {
	boot.Main(httpfn.Start(func(l *ledger.Ledger) []frame.Endpoint {
		return []frame.Endpoint{contacts.Get(l), contacts.Card(l)}
	}))
}
