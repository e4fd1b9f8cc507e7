// Command start-job starts bulk jobs, and answers what concerns them.
package main

import (
	"rubrica/shared/api/jobs"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(jobs.Endpoints)) }
