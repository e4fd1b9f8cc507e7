package layers_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// functionsLinkWhatTheyUse says what each function may link of AWS, and what
// none may: the embedded store, the signer of tokens, the loader that looks for
// credentials where no Lambda has any.
func functionsLinkWhatTheyUse(t *testing.T, all []pkg) {
	services := map[string][]string{ // of those that differ
		"describe-service": {},
		"relay-changes":    {"sqs"},
		"receive-events":   {"dynamodb", "sqs"}, // for its dead letters
	}
	functions := 0
	for _, p := range all {
		folder, function := path.Split(p.name())
		if folder != "functions/" {
			continue
		}
		functions++
		want, ok := services[function]
		if !ok {
			want = []string{"dynamodb"}
		}
		var got []string
		for _, linked := range p.Deps {
			switch {
			case strings.HasPrefix(linked, sdk):
				if service := strings.TrimPrefix(linked, sdk); !strings.Contains(service, "/") {
					got = append(got, service)
				}
			case strings.HasPrefix(linked, pebble),
				strings.HasPrefix(linked, "github.com/aws/aws-sdk-go-v2/config"),
				strings.HasPrefix(linked, "github.com/aws/aws-sdk-go-v2/feature/"),
				linked == "testing",
				linked == module+"shared/caller/issuer",
				linked == module+"shared/boot/boottest":
				t.Errorf("%s links %s", function, linked)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s links the clients of %v, want %v", function, got, want)
		}
	}
	if functions < 13 {
		t.Errorf("%d functions", functions)
	}
}

// mainsOnlyWire keeps functions short.
func mainsOnlyWire(t *testing.T, all []pkg) {
	for _, p := range all {
		if !strings.HasPrefix(p.name(), "functions/") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(p.Dir, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), "\n"); n >= 40 || len(p.GoFiles) != 1 {
			t.Errorf("%s has %d lines in %v", p.name(), n, p.GoFiles)
		}
	}
}
