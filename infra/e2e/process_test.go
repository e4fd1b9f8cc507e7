package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// build makes the command infra/local and returns where it is.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "rubrica-local")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "rubrica/infra/local").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// process is the command, running.
type process struct {
	// URL is where it listens, Token what it printed, Curl the line to try.
	URL, Token, Curl string

	cmd    *exec.Cmd
	stderr *lines
	done   chan struct{} // closed when it has ended
	err    error         // of its end
}

// lines collects what a process writes.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// launch starts the command and waits until it has said that it listens. It is
// killed when the test ends, if it has not ended before.
func launch(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...), stderr: &lines{}, done: make(chan struct{})}
	p.cmd.SysProcAttr = dieWithTest()
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
	})
	welcome := make(chan struct{})
	go func() {
		defer close(p.done)
		p.read(stdout, welcome)
		p.err = p.cmd.Wait()
	}()
	select {
	case <-welcome:
	case <-p.done:
		t.Fatalf("%v ended: %v\n%s", p.cmd.Args, p.err, p.stderr)
	case <-time.After(patience):
		t.Fatalf("%v does not say that it listens\n%s", p.cmd.Args, p.stderr)
	}
	return p
}

// read takes URL, token and curl out of what the command prints.
func (p *process) read(stdout io.Reader, welcome chan<- struct{}) {
	scanner := bufio.NewScanner(stdout)
	after := ""
	for scanner.Scan() {
		line := scanner.Text()
		switch {
		case strings.HasPrefix(line, "Rubrica listens on "):
			p.URL, _, _ = strings.Cut(strings.TrimPrefix(line, "Rubrica listens on "), " ")
		case strings.HasPrefix(after, "A token"):
			p.Token = line
		case strings.HasPrefix(line, "curl "):
			p.Curl = line
			close(welcome)
		}
		after = line
	}
}

// end sends a signal, waits, and returns how the command ended.
func (p *process) end(t *testing.T, signal os.Signal) error {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatalf("it does not end after %v\n%s", signal, p.stderr)
	}
	return p.err
}

// where says what the command keeps its data in: a folder, or engines.
func where(t *testing.T) []string {
	if db, q := os.Getenv("RUBRICA_DYNAMODB"), os.Getenv("RUBRICA_SQS"); db != "" && q != "" {
		return []string{"-dynamodb", db, "-sqs", q, "-prefix", randomName("e2e") + "-"}
	}
	return []string{"-data", t.TempDir()}
}
