package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestCommand runs the command as people do.
func TestCommand(t *testing.T) {
	t.Parallel()
	binary := build(t)

	t.Run("IsPleasantWhenUsedWrongly", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		taken := listener.Addr().String()
		other := httptest.NewServer(http.NotFoundHandler()) // a server, but no DynamoDB
		t.Cleanup(other.Close)
		inUse := t.TempDir()
		running := launch(t, binary, "-data", inUse)
		nobody := "http://" + closedPort(t)

		for _, c := range []struct {
			name string
			args []string
			says string
		}{
			{"AnUnknownFlag", []string{"-nonsense"}, "-nonsense"},
			{"AFlagWithoutItsValue", []string{"-addr"}, "-addr"},
			{"AValueThatIsNone", []string{"-memory=perhaps"}, "memory"},
			{"AnArgument", []string{"serve"}, `"serve"`},
			{"APortThatIsTaken", []string{"-memory", "-addr", taken}, taken + " is taken"},
			{"AnAddressThatIsNone", []string{"-memory", "-addr", "nonsense"}, "nonsense"},
			{"AFolderInUse", []string{"-data", inUse}, "in use"},
			{"AFolderThatIsAFile", []string{"-data", madeBy(t, "file", "")}, "file"},
			{"AFolderInAFile", []string{"-data", filepath.Join(madeBy(t, "file", ""), "x")}, "file"},
			{"ANewerFormat", []string{"-data", filepath.Dir(madeBy(t, "format", "99\n"))}, "newer version"},
			{"AFormatThatIsNone", []string{"-data", filepath.Dir(madeBy(t, "format", "\x00\x01"))}, "damaged"},
			{"AFormatWithoutAStore", []string{"-data", filepath.Dir(madeBy(t, "format", "1\n"))}, "damaged"},
			{"ADamagedStore", []string{"-data", damaged(t, binary)}, "damaged"},
			{"DynamoDBWithoutSQS", []string{"-dynamodb", nobody}, "-sqs"},
			{"SQSWithoutDynamoDB", []string{"-sqs", nobody}, "-dynamodb"},
			{"ADynamoDBThatIsNotThere", []string{"-dynamodb", nobody, "-sqs", nobody}, nobody},
			{"ADynamoDBThatIsNone", []string{"-dynamodb", other.URL, "-sqs", other.URL}, other.URL},
			{"AnAddressOfDynamoDBThatIsNone", []string{"-dynamodb", "nonsense", "-sqs", "nonsense"}, "nonsense"},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				args := c.args
				if c.name != "APortThatIsTaken" && c.name != "AFlagWithoutItsValue" && c.name != "AnAddressThatIsNone" {
					args = append([]string{"-addr", "127.0.0.1:0"}, args...)
				}
				cmd := exec.CommandContext(t.Context(), binary, args...)
				cmd.Dir, cmd.SysProcAttr = t.TempDir(), dieWithTest()
				var stdout, stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				err := cmd.Run()
				exit, ok := errors.AsType[*exec.ExitError](err)
				if !ok || exit.ExitCode() != 1 {
					t.Errorf("it ends with %v, want exit 1", err)
				}
				line := stderr.String()
				if strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "rubrica: ") || !strings.Contains(line, c.says) || len(line) > 400 {
					t.Errorf("it says\n%s\nwant one line, with %q", line, c.says)
				}
				if stdout.Len() > 0 {
					t.Errorf("it prints\n%s", &stdout)
				}
			})
		}
		t.Cleanup(func() {
			if running.err != nil {
				t.Errorf("the first process on the folder ended: %v", running.err)
			}
		})
	})

	t.Run("HelpsWhoeverAsks", func(t *testing.T) {
		t.Parallel()
		for _, flag := range []string{"-h", "-help", "--help"} {
			out, err := exec.CommandContext(t.Context(), binary, flag).Output()
			if err != nil || !strings.Contains(string(out), "-memory") || !strings.Contains(string(out), "-data") {
				t.Errorf("%s: %v\n%s", flag, err, out)
			}
		}
	})

	t.Run("PrintsATokenAndACurlThatWork", func(t *testing.T) {
		t.Parallel()
		p := launch(t, binary, where(t)...)
		c := NewClient(t, p.URL, p.Token)
		c.Get(t, "/v1/me").Is(200).Has(Object{"workspace": "demo", "role": "owner"})
		c.Get(t, "/local/ready").Is(200)
		c.Post(t, "/v1/contacts", args(t, p.Curl)["-d"]).Is(201)
		if _, err := exec.LookPath("curl"); err == nil {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", p.Curl).Output()
			if err != nil || !strings.Contains(string(out), `"name":"Maria Rossi"`) {
				t.Errorf("%s\n%v\n%s", p.Curl, err, out)
			}
		}
		if given := args(t, p.Curl); given[""] != p.URL+"/v1/contacts" || given["-H"] != "Authorization: Bearer "+p.Token+"\nContent-Type: application/json" {
			t.Errorf("a shell takes the line for %q", given)
		}
	})

	t.Run("EndsCleanlyOnSIGTERMAndKeepsTheData", func(t *testing.T) {
		t.Parallel()
		at := where(t)
		p := launch(t, binary, at...)
		c := NewClient(t, p.URL, p.Token)
		id := c.Create(t, Object{"firstName": "Kept"}).ID()
		if err := p.end(t, syscall.SIGTERM); err != nil {
			t.Errorf("it ends with %v, want exit 0\n%s", err, p.stderr)
		}
		for line := range strings.Lines(p.stderr.String()) {
			if !jsontext.Value(line).IsValid() {
				t.Errorf("a line of its log is not JSON: %s", line)
			}
			if strings.Contains(line, "Kept") || strings.Contains(line, id) {
				t.Errorf("a line of its log tells of a contact: %s", line)
			}
		}
		again := launch(t, binary, at...)
		NewClient(t, again.URL, p.Token).Get(t, "/v1/contacts/"+id).Is(200).Has(Object{"firstName": "Kept"})
		if err := again.end(t, syscall.SIGINT); err != nil {
			t.Errorf("on SIGINT it ends with %v, want exit 0\n%s", err, again.stderr)
		}
	})

	t.Run("KeepsNothingInMemory", func(t *testing.T) {
		t.Parallel()
		p := launch(t, binary, "-memory")
		NewClient(t, p.URL, p.Token).Create(t, Object{})
		if files, err := os.ReadDir(p.cmd.Dir); err != nil || len(files) != 0 {
			t.Errorf("in its folder: %v, %v", files, err)
		}
	})

	t.Run("LosesNothingWhenKilled", func(t *testing.T) {
		t.Parallel()
		endUnderLoad(t, binary, os.Kill, 4)
	})

	t.Run("LosesNothingWhenToldToStop", func(t *testing.T) {
		t.Parallel()
		endUnderLoad(t, binary, syscall.SIGTERM, 2)
	})
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// madeBy writes a file into a folder of its own and returns its path.
func madeBy(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// damaged is a folder of the command's whose files were written over.
func damaged(t *testing.T, binary string) string {
	t.Helper()
	dir := t.TempDir()
	p := launch(t, binary, "-data", dir)
	NewClient(t, p.URL, p.Token).Create(t, Object{})
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	manifests, err := filepath.Glob(filepath.Join(dir, "store", "MANIFEST-*"))
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no manifest in %s: %v", dir, err)
	}
	for _, name := range manifests {
		if err := os.WriteFile(name, bytes.Repeat([]byte("damage"), 100), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// args are what a shell makes of a curl line: flags with their values, several
// of one joined by line breaks, and the URL under "".
func args(t *testing.T, line string) map[string]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `curl() { printf '%s\n' "$@"; }; `+line).Output()
	if err != nil {
		t.Fatalf("sh -c %s: %v", line, err)
	}
	given := map[string]string{}
	words := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "-s":
		case strings.HasPrefix(word, "-") && i+1 < len(words):
			i++
			if given[word] != "" {
				given[word] += "\n"
			}
			given[word] += words[i]
		default:
			given[""] = fmt.Sprint(given[""], word)
		}
	}
	return given
}
