// Command manage-fields answers what concerns a workspace's fields and folders.
package main

import (
	"rubrica/shared/api/fields"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(fields.Endpoints)) }
