// Package layers holds the repository's imports to its layers.
package layers_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers are all packages from the ground up. A package imports from its own
// layer or from those below. Entries name a package and those beneath it, the
// longest one that fits counts; "infra" alone is the package that hands out the
// OpenAPI document.
//
// The drivers stand above all that works over table and queue, for nothing of
// that may know them.
var layers = []struct {
	name     string
	packages []string
}{
	{"vocabulary", []string{"shared/problem", "shared/tenant", "shared/seal", "shared/instant", "shared/ulid", "shared/object", "infra="}},
	{"rules", []string{
		"shared/body", "shared/format", "shared/phone", "shared/email", "shared/field", "shared/contact", "shared/tag", "shared/company",
		"shared/merge", "shared/suggest", "shared/consent", "shared/channel", "shared/event", "shared/filter", "shared/workspace",
	}},
	{"storage seams", []string{"shared/table", "shared/queue"}},
	{"log, callers, jobs", []string{"shared/audit", "shared/caller", "shared/job"}},
	{"ledger", []string{"shared/ledger"}},
	{"frame", []string{"shared/api/frame"}},
	{"endpoints", []string{"shared/api"}},
	{"consumers", []string{"shared/consume"}},
	{"drivers", []string{
		"shared/table/dynamo", "shared/table/pebble", "shared/table/tabletest", "shared/table/fault", "shared/table/meter",
		"shared/queue/sqs", "shared/queue/embedded", "shared/queue/queuetest", "shared/queue/fault",
	}},
	{"boot", []string{"shared/boot"}},
	{"programs", []string{"functions", "events", "infra"}},
}

// Where AWS may be known. What is under infra is not deployed, but for the one
// package that hands out the OpenAPI document.
var (
	awsServices = []string{"shared/table/dynamo", "shared/queue/sqs", "shared/boot", "infra"}
	lambdaTypes = []string{"shared/boot", "functions", "infra"}
)

const (
	module = "rubrica/"
	sdk    = "github.com/aws/aws-sdk-go-v2/service/"
	lambda = "github.com/aws/aws-lambda-go/"
	pebble = "github.com/cockroachdb/"
)

// pkg is a package as go list tells of it.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	GoFiles    []string
	Dir        string
}

func (p *pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// list returns our own packages. Their tests do not count: they may use anything.
func list(t *testing.T) []pkg {
	t.Helper()
	lookAtSources(t)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-tags=lambda.norpc", "-json=ImportPath,Imports,Deps,GoFiles,Dir", "rubrica/...")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
	if len(all) < 20 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// lookAtSources has this process look at every source file itself: go test
// remembers a result for as long as the files are the same that the test looked
// at, and does not know what go list looks at.
func lookAtSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && len(entry.Name()) > 2 && entry.Name()[0] == '.':
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go"):
			_, err = os.Stat(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// within tells whether a package is one of the named, or beneath one.
func within(name string, of []string) bool {
	return slices.ContainsFunc(of, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
}

// layerOf is the place of a package's layer, -1 if it has none.
func layerOf(name string) int {
	found, longest := -1, 0
	for i, layer := range layers {
		for _, p := range layer.packages {
			exact, alone := strings.CutSuffix(p, "=")
			if alone && name == exact {
				return i
			}
			if !alone && within(name, []string{p}) && len(p) > longest {
				found, longest = i, len(p)
			}
		}
	}
	return found
}

func TestLayers(t *testing.T) {
	t.Parallel()
	all := list(t)
	for name, hold := range map[string]func(*testing.T, []pkg){
		"ImportsPointDown":                importsPointDown,
		"RulesArePure":                    rulesArePure,
		"AWSIsKnownToDriversAndBootAlone": awsIsKnownToDriversAndBootAlone,
		"FunctionsLinkWhatTheyUse":        functionsLinkWhatTheyUse,
		"NothingStandsDirectlyInTheTop":   nothingStandsDirectlyInTheTop,
		"MainsOnlyWire":                   mainsOnlyWire,
		"NothingHappensBeforeMain":        nothingHappensBeforeMain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hold(t, all)
		})
	}
}

func importsPointDown(t *testing.T, all []pkg) {
	for _, p := range all {
		at := layerOf(p.name())
		if at < 0 {
			t.Errorf("%s is in no layer", p.name())
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module)
			if !ours {
				if imported == "rubrica" {
					t.Errorf("%s imports the module's root", p.name())
				}
				continue
			}
			if to := layerOf(name); to > at {
				t.Errorf("%s (%s) imports %s (%s)", p.name(), layers[at].name, name, layers[to].name)
			}
		}
	}
}

// rulesArePure keeps tables, processes and networks out of the rules.
func rulesArePure(t *testing.T, all []pkg) {
	for _, p := range all {
		if at := layerOf(p.name()); at < 0 || layers[at].name != "rules" {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains([]string{"context", "net", "net/http", "os", "os/exec", "syscall", "database/sql", "log", "log/slog"}, imported) {
				t.Errorf("%s imports %s", p.name(), imported)
			}
		}
	}
}

func awsIsKnownToDriversAndBootAlone(t *testing.T, all []pkg) {
	for _, p := range all {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, sdk) && !within(p.name(), awsServices) {
				t.Errorf("%s imports %s", p.name(), imported)
			}
			if strings.HasPrefix(imported, lambda) && !within(p.name(), lambdaTypes) {
				t.Errorf("%s imports %s", p.name(), imported)
			}
		}
	}
}

func nothingStandsDirectlyInTheTop(t *testing.T, all []pkg) {
	for _, p := range all {
		if name := p.name(); name == "shared" || name == "functions" || name == "rubrica" {
			t.Errorf("there are Go files directly in %s", name)
		}
	}
}

// nothingHappensBeforeMain keeps init functions out: a cold start pays for each,
// and no test can look into them.
func nothingHappensBeforeMain(t *testing.T, all []pkg) {
	for _, p := range all {
		if within(p.name(), []string{"infra"}) {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s/%s has an init", p.name(), name)
				}
			}
		}
	}
}
