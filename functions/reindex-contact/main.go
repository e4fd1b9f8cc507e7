// Command reindex-contact removes index rows of contacts that are no longer true.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.ReindexContact)) }
