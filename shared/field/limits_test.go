package field_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"rubrica/shared/field"
	"rubrica/shared/problem"
)

func TestLimitsOfAWorkspace(t *testing.T) {
	t.Parallel()
	var s field.Set
	for i := range field.MaxFolders {
		var err error
		if s, _, err = s.CreateFolder(fmt.Sprintf("%026d", i), fmt.Sprintf("%099d\"", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.CreateFolder("more", "More", nil); !cmp.Equal(told(problem.Of(err).Fields), []string{"name too_many"}) {
		t.Errorf("one folder more: %v", err)
	}
	label := strings.Repeat("漢", 100)
	for i := range field.MaxCustom {
		s = create(t, s, fmt.Sprintf(`{"key":"%s_%d","type":"multilist","options":["\""],"label":%q,"folder":"%026d","managedBy":"%s"}`,
			strings.Repeat("k", 58), i, label, i%field.MaxFolders, strings.Repeat("m", 64)))
	}
	if _, _, err := s.Create(good(t, true, `{"key":"more","type":"text"}`)); !problem.HasCode(err, "too_many_fields") {
		t.Errorf("one field more: %v", err)
	}
	for _, d := range (&field.Set{}).All() {
		s = update(t, s, d.Key, fmt.Sprintf(`{"position":9999,"managedBy":"%s"}`, strings.Repeat("m", 64)))
	}
	// Options until they are too many: a Set must fit into a row.
	options := make([]string, 150)
	for i := range options {
		options[i] = fmt.Sprintf(`"%03d%s"`, i, strings.Repeat("漢", 252))
	}
	d := good(t, false, `{"options":[`+strings.Join(options, ",")+`]}`)
	took := 0
	for _, f := range s.Custom {
		after, _, err := s.Update(f.Key, d)
		if err != nil {
			if got := told(problem.Of(err).Fields); !cmp.Equal(got, []string{"options too_long"}) {
				t.Errorf("too many options: %v", err)
			}
			break
		}
		s = after
		took++
	}
	if took == 0 || took == len(s.Custom) {
		t.Errorf("%d lists of %d took 114 KB of options each", took, len(s.Custom))
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(encoded) > 380_000 {
		t.Errorf("the largest Set has %d bytes, a row at most 400 KB", len(encoded))
	}
	if _, _, err := s.Delete(s.Custom[0].Key); err != nil {
		t.Errorf("making room: %v", err)
	}
}
