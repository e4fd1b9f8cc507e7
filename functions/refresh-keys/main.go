// Command refresh-keys fetches the identity provider's keys on a schedule and
// stores them where the other functions read them.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/schedulefn"
)

func main() { boot.Main(schedulefn.Start(schedulefn.RefreshKeys)) }
