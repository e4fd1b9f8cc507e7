// Command manage-notes answers what concerns the notes that are kept with a contact.
package main

import (
	"rubrica/shared/api/notes"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(notes.Endpoints)) }
