// Command read-audit reads the audit log, a contact's and the workspace's.
package main

import (
	"rubrica/shared/api/audits"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(audits.Endpoints)) }
