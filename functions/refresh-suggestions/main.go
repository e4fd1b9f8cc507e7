// Command refresh-suggestions keeps the list of values that several contacts share.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.RefreshSuggestions)) }
