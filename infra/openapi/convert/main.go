// Command convert writes the OpenAPI document as it is served, in JSON, from the
// one that people write, in YAML:
//
//	go generate ./infra
//
// A function that could convert by itself would link a YAML parser, half a
// megabyte of a program that is else the smallest of all.
package main

import (
	"fmt"
	"os"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
)

func main() {
	if err := run("openapi.yaml", "openapi.json"); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	document, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	encoded, err := convert(document)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, encoded, 0o644)
}

func convert(document []byte) ([]byte, error) {
	encoded, err := yaml.YAMLToJSON(document)
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(encoded)
	if err := v.Compact(); err != nil {
		return nil, err
	}
	return append(v, '\n'), nil
}
