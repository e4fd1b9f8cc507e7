// Command purge-contact removes what deleted contacts leave behind.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.PurgeContact)) }
