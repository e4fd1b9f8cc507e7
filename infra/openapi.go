// Package infra holds what deploys and describes Rubrica. Its only code hands
// out the OpenAPI document, so that the description that is served is the one
// that is kept beside this file.
package infra

import _ "embed"

// OpenAPI is the OpenAPI document, in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
