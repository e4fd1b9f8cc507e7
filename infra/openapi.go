// Package infra holds what deploys and describes Rubrica. Its only code hands
// out the OpenAPI document, so that the description that is served is the one
// that is kept beside this file.
package infra

import _ "embed"

//go:generate go run ./openapi/convert

// OpenAPI is the OpenAPI document as it is served, in JSON; a test holds it to
// OpenAPIYAML.
//
//go:embed openapi.json
var OpenAPI []byte

// OpenAPIYAML is the OpenAPI document as it is written.
//
//go:embed openapi.yaml
var OpenAPIYAML []byte
