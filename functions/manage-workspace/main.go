// Command manage-workspace answers what a workspace is told about itself: settings, API tokens, who is calling.
package main

import (
	"rubrica/shared/api/workspaces"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(workspaces.Endpoints)) }
