package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"rubrica/infra"
)

func TestWhatIsServedIsWhatIsWritten(t *testing.T) {
	t.Parallel()
	want, err := convert(infra.OpenAPIYAML)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(infra.OpenAPI, want) {
		t.Error("infra/openapi.json is not what infra/openapi.yaml says: go generate ./infra")
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "a.json")
	if err := os.WriteFile(from, []byte("b: [1, two]\na: \"é\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != `{"b":[1,"two"],"a":"é"}`+"\n" {
		t.Errorf("%s, %v", got, err)
	}
	if err := run(to+"x", to); err == nil {
		t.Error("a file that is not there was converted")
	}
}
