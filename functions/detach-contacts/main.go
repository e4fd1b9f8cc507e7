// Command detach-contacts takes tags and companies that were deleted from the
// contacts that carry them.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.Start(consume.DetachContacts)) }
