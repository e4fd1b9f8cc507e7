// Command create-contact answers POST /v1/contacts.
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
		return []frame.Endpoint{contacts.Create(l)}
	}))
}
