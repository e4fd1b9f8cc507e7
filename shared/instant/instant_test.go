package instant_test

import (
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
