package instant_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"rubrica/shared/instant"
)

func TestAnInstantIsWrittenAsTheContractSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "ms")).UTC()
		want := at.Format("2006-01-02T15:04:05.000Z")
		i := instant.Of(at)
		if text, err := i.MarshalText(); err != nil || string(text) != want {
			t.Fatalf("text %s, %v; want %s", text, err, want)
		}
		b, err := json.Marshal(i)
		if err != nil || string(b) != `"`+want+`"` {
			t.Fatalf("JSON %s, %v; want %q", b, err, want)
		}
		var back instant.Instant
		if err := json.Unmarshal(b, &back); err != nil || back != i {
			t.Fatalf("came back as %s, %v; want %s", back, err, i)
		}
	})
}

// Texts that look like those that are written, and are read by a way of their own.
func TestATextIsReadAsTimeParseReadsIt(t *testing.T) {
	t.Parallel()
	digits := func(n, beyond int) *rapid.Generator[string] {
		return rapid.Map(rapid.IntRange(0, beyond), func(i int) string { return fmt.Sprintf("%0*d", n, i) })
	}
	rapid.Check(t, func(t *rapid.T) {
		text := digits(4, 9999).Draw(t, "year") + "-" + digits(2, 13).Draw(t, "month") + "-" + digits(2, 32).Draw(t, "day") + "T" +
			digits(2, 25).Draw(t, "hour") + ":" + digits(2, 61).Draw(t, "minute") + ":" + digits(2, 61).Draw(t, "second") + "." +
			digits(3, 999).Draw(t, "ms") + rapid.SampledFrom([]string{"Z", "Z", "z", "+", ""}).Draw(t, "zone")
		want, wrong := time.Parse(time.RFC3339Nano, text)
		var got instant.Instant
		switch err := got.UnmarshalText([]byte(text)); {
		case (err == nil) != (wrong == nil):
			t.Fatalf("%s: %v; time.Parse: %v", text, err, wrong)
		case err == nil && got != instant.Of(want):
			t.Fatalf("%s is %s, want %s", text, got, want)
		}
	})
}
