package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	startTime = time.Minute      // for an engine to answer
	stopTime  = 10 * time.Second // for the command to end when it is told to
)

// beside runs the command while the engines serve.
func beside(ctx context.Context, folder string, all []engine, command []string, stdout, stderr io.Writer) (err error) {
	env := append(os.Environ(),
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true")
	servers := make([]*server, len(all))
	for i, e := range all {
		if servers[i], err = start(filepath.Join(folder, e.name), e); err != nil {
			return fmt.Errorf("start %s: %w", e.name, err)
		}
		defer servers[i].stop()
	}
	for i, e := range all {
		if err := servers[i].wait(ctx); err != nil {
			return fmt.Errorf("start %s: %w", e.name, err)
		}
		env = append(env, e.variable+"="+servers[i].url)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTime
	return cmd.Run()
}

// server is an engine at work.
type server struct {
	url   string
	cmd   *exec.Cmd
	log   *tail
	ended chan struct{} // closed when the process is gone
}

func start(folder string, e engine) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	command := e.serve(folder, port)
	s := &server{
		url: fmt.Sprintf("http://127.0.0.1:%d", port), cmd: exec.Command(command[0], command[1:]...),
		log: &tail{}, ended: make(chan struct{}),
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	apart(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is not the question, but that it did
		close(s.ended)
	}()
	return s, nil
}

// freePort may be somebody else's by the time it is used; then the engine ends
// at once and says so.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// wait returns when the engine answers, whatever it says.
func (s *server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			return response.Body.Close()
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it ended at once: %s", s.log)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fmt.Errorf("no answer at %s: %s", s.url, s.log))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop kills the engine: its data was in memory.
func (s *server) stop() {
	kill(s.cmd) // or it is gone already
	<-s.ended
}

// tail keeps the end of what an engine says.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - 4096; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.kept))
}
