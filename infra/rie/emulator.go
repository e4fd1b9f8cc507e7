package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// emulator is a function at work, under the Runtime Interface Emulator.
type emulator struct {
	url string
	cmd *exec.Cmd
	log *buffer
}

// startTime is how long an emulator may take until it listens.
const startTime = 10 * time.Second

// emulate starts the emulator, which starts the function at the first event.
func emulate(ctx context.Context, program, bootstrap, function string, settings map[string]string) (*emulator, error) {
	front, err := freeAddress()
	if err != nil {
		return nil, err
	}
	api, err := freeAddress()
	if err != nil {
		return nil, err
	}
	e := &emulator{url: "http://" + front + "/2015-03-31/functions/function/invocations", log: new(buffer)}
	e.cmd = exec.CommandContext(ctx, program, "--log-level", "error",
		"--runtime-interface-emulator-address", front, "--runtime-api-address", api, bootstrap)
	e.cmd.Env = append(environ(settings), "AWS_LAMBDA_FUNCTION_NAME=rubrica-"+function, "AWS_LAMBDA_FUNCTION_TIMEOUT=30", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512")
	e.cmd.Stdout, e.cmd.Stderr = e.log, e.log
	e.cmd.Cancel = func() error { return e.cmd.Process.Signal(syscall.SIGTERM) } // so that it ends the function too
	e.cmd.WaitDelay = 5 * time.Second
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", front)
		if err == nil {
			return e, conn.Close()
		}
		if time.Since(begin) > startTime || ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("the emulator does not listen: %w\n%s", err, e.log), e.stop())
		}
	}
}

// invoke sends an event and returns the answer. A function's error is one here.
func (e *emulator) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || bytes.HasPrefix(answer, []byte(`{"errorMessage"`)) || bytes.HasPrefix(answer, []byte(`{"errorType"`)) {
		return nil, fmt.Errorf("status %d: %s\n%s", resp.StatusCode, answer, e.log)
	}
	return answer, nil
}

// stop ends emulator and function.
func (e *emulator) stop() error {
	_ = e.cmd.Process.Signal(syscall.SIGTERM)
	err := e.cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		return nil // told to, it ends as it likes
	}
	return err
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func environ(settings map[string]string) []string {
	all := make([]string, 0, len(settings))
	for name, value := range settings {
		all = append(all, name+"="+value)
	}
	return all
}

// buffer keeps what two processes write.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
