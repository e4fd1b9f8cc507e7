// Command suggest-merges answers which contacts may be one person, and dismisses
// such suggestions.
package main

import (
	"rubrica/shared/api/suggestions"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(suggestions.Endpoints)) }
