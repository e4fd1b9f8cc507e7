package main

import (
	"bufio"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"rubrica/events"
)

// machines are what the emulator and ELF call the architectures.
var machines = map[string]struct {
	emulator string
	elf      elf.Machine
}{
	"amd64": {"x86_64", elf.EM_X86_64},
	"arm64": {"arm64", elf.EM_AARCH64},
}

// find asks the Python that sam is installed in where its emulator is.
func find(ctx context.Context, sam string) (string, error) {
	program, err := exec.LookPath(sam)
	if err != nil {
		return "", fmt.Errorf("no emulator: give one with -rie, or install aws-sam-cli: %w", err)
	}
	file, err := os.Open(program)
	if err != nil {
		return "", err
	}
	defer file.Close()
	line, err := bufio.NewReader(file).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s: %w", program, err)
	}
	python, ok := strings.CutPrefix(strings.TrimSpace(line), "#!")
	if !ok {
		return "", fmt.Errorf("%s is not a script of aws-sam-cli; give the emulator with -rie", program)
	}
	out, err := exec.CommandContext(ctx, python, "-c", "import pathlib, samcli; print(pathlib.Path(samcli.__file__).parent)").Output()
	if err != nil {
		return "", fmt.Errorf("%s has no samcli: %w", python, err)
	}
	found := filepath.Join(strings.TrimSpace(string(out)), "local", "rapid", "aws-lambda-rie-"+machines[runtime.GOARCH].emulator)
	if _, err := os.Stat(found); err != nil {
		return "", fmt.Errorf("aws-sam-cli brings no emulator for %s: %w", runtime.GOARCH, err)
	}
	return found, nil
}

// executable copies a program into a folder, for the one in the wheel may not be
// run.
func executable(program, dir string) (string, error) {
	b, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "aws-lambda-rie")
	return file, os.WriteFile(file, b, 0o755)
}

// bootstraps returns the functions' programs, by their names: those in a folder
// that sam build made, or made here.
func bootstraps(ctx context.Context, build, dir string) (map[string]string, error) {
	programs := map[string]string{}
	for _, function := range events.Functions() {
		if build != "" {
			programs[function] = filepath.Join(build, logicalID(function), "bootstrap")
			if err := runsHere(programs[function]); err != nil {
				return nil, err
			}
			continue
		}
		programs[function] = filepath.Join(dir, function, "bootstrap")
		cmd := exec.CommandContext(ctx, "go", "build", "-tags=lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
			"-o", programs[function], "rubrica/functions/"+function)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", function, err, out)
		}
	}
	return programs, nil
}

// logicalID is what the template calls a function: create-contact is CreateContact.
func logicalID(function string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(function, "-") {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

func runsHere(program string) error {
	file, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.Machine != machines[runtime.GOARCH].elf {
		return errors.New(program + " is built for another machine; leave -build out to have the functions built for this one")
	}
	return nil
}
