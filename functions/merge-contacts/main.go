// Command merge-contacts makes one contact of several and takes that back.
package main

import (
	"rubrica/shared/api/merges"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(merges.Endpoints)) }
