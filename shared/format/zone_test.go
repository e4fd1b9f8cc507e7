package format_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rubrica/shared/format"
)

var update = flag.Bool("update", false, "write the names of time zones anew from the toolchain's database")

// TestZones holds the list to the toolchain's copy of the IANA database: it must
// have every name. It may have more, since the database never drops a name and
// an older toolchain knows fewer. Write it anew with -run TestZones -update.
func TestZones(t *testing.T) {
	t.Parallel()
	names := toolchainZones(t)
	if *update {
		if err := os.WriteFile("zones.txt", []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range names {
		if _, err := format.Timezone(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	stored, err := os.ReadFile("zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(stored), "\n"), "\n")
	if !slices.IsSorted(lines) {
		t.Error("zones.txt is not in byte order")
	}
	if more := len(lines) - len(names); more < 0 || more > 20 {
		t.Errorf("%d names more than the toolchain has", more)
	}
}

func toolchainZones(t *testing.T) []string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(string(bytes.TrimSpace(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var names []string
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") && file.Name != "Factory" {
			names = append(names, file.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestTimezone(t *testing.T) {
	t.Parallel()
	check(t, format.Timezone, []valid{
		{"Europe/Rome", ""},
		{"America/Argentina/Buenos_Aires", ""},
		{"America/Sao_Paulo", ""},
		{"Asia/Calcutta", ""},
		{"Africa/Abidjan", ""},
		{"Zulu", ""},
		{"UTC", ""},
		{"Etc/GMT+5", ""},
	}, []refused{
		{"", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Local", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Factory", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Europe/Milan", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Europe", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Europe/", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"Europe/Rome\n", format.CodeInvalidTimezone, "Write Europe/Rome"},
		{"Europe/Rome\nEurope/Samara", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"+02:00", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"europe/rome", format.CodeInvalidTimezone, "Write Europe/Rome"},
		{"utc", format.CodeInvalidTimezone, "Write UTC"},
		{"America/New York", format.CodeInvalidTimezone, "Write America/New_York"},
		{"tokyo", format.CodeInvalidTimezone, "Write Asia/Tokyo"},
		{"../../etc/passwd", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"\xff", format.CodeInvalidTimezone, "as in Europe/Rome"},
		{"zzz", format.CodeInvalidTimezone, "as in Europe/Rome"},
	})
}
