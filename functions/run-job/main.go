// Command run-job works on the contacts of bulk jobs, chunk by chunk.
package main

import (
	"rubrica/shared/boot"
	"rubrica/shared/boot/queuefn"
	"rubrica/shared/consume"
)

func main() { boot.Main(queuefn.StartPaced(consume.RunJob)) }
