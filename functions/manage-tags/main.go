// Command manage-tags answers what concerns a workspace's tags.
package main

import (
	"rubrica/shared/api/tags"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(tags.Endpoints)) }
