// Command manage-companies answers what concerns a workspace's companies.
package main

import (
	"rubrica/shared/api/companies"
	"rubrica/shared/boot"
	"rubrica/shared/boot/httpfn"
)

func main() { boot.Main(httpfn.Start(companies.Endpoints)) }
