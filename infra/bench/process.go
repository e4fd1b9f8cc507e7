package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a local server in a process of its own, built once.
type process struct {
	cmd   *exec.Cmd
	url   string
	addr  string
	data  string
	start time.Duration // until it served
}

// startServer starts the built server over a data folder and waits until it serves.
// It is killed when ctx is done.
func startServer(ctx context.Context, binary, data string, flags ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary, append([]string{"-addr", "127.0.0.1:0", "-data", data}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if cmd.Stderr, err = os.Create(filepath.Join(filepath.Dir(data), "server.log")); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, data: data}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "listens on http://"); ok {
			p.addr, _, _ = strings.Cut(rest, " ")
			p.url = "http://" + p.addr
			p.start = time.Since(began)
		}
		if strings.HasPrefix(lines.Text(), "curl ") {
			go func() {
				for lines.Scan() { //nolint:revive // only keeps the pipe empty
				}
			}()
			return p, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("the server did not start; see server.log")
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// token asks the server for one.
func (p *process) token(workspace string) (string, error) {
	body, err := json.Marshal(map[string]any{"workspace": workspace, "role": "owner", "ttlSeconds": 86400})
	if err != nil {
		return "", err
	}
	resp, err := http.Post(p.url+"/local/token", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct{ Token string }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Token, err
}

// cpu is the processor time that the server has used so far, in both modes.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	return time.Duration(user+system) * tick, err
}

// settled waits until the server has done nothing for a second, so that what it
// does behind an answer is counted with it.
func (p *process) settled() error { return p.quiet(time.Second) }

// rested waits until the server has also done what it does when it is left alone:
// ours merges its layers of files.
func (p *process) rested() error { return p.quiet(20 * time.Second) }

// quiet waits until the server has done nothing for so long.
func (p *process) quiet(long time.Duration) error {
	look := long / 4
	for quiet := time.Duration(0); quiet < long; {
		before, err := p.cpu()
		if err != nil {
			return err
		}
		time.Sleep(look)
		after, err := p.cpu()
		if err != nil {
			return err
		}
		if quiet += look; after-before > max(20*time.Millisecond, look/50) {
			quiet = 0
		}
	}
	return nil
}

// memory is the resident memory now, and its peak, in bytes.
func (p *process) memory() (now, peak int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	read := func(name string) int64 {
		_, rest, _ := strings.Cut(string(status), name+":")
		kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		return kb << 10
	}
	return read("VmRSS"), read("VmHWM")
}

// disk is how many bytes the data folder has.
func (p *process) disk() (bytes int64) {
	_ = p.files(func(_ string, d fs.DirEntry) error {
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes
}

// warm reads the data folder, so that the machine has it in its page cache. A
// machine that lacks no memory keeps there what was read or written once; one that
// is lent by the hour may take back what was not read for a while (DAMON), and then
// its disk would be measured.
func (p *process) warm() error {
	return p.files(func(path string, _ fs.DirEntry) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}

// files visits the files of the data folder, past those that the server removes
// meanwhile.
func (p *process) files(visit func(path string, d fs.DirEntry) error) error {
	return filepath.WalkDir(p.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = visit(path, d)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}
