// Command write-audit copies committed changes into the audit log.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.WriteAudit)) }
