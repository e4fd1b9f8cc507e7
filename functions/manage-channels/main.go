// Command manage-channels answers what concerns a workspace's accounts at networks,
// and the channels that contacts have by them.
package main

import (
	"rubrica/shared/api/channels"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(channels.Endpoints)) }
