package server

import (
	"log/slog"
	"sync/atomic"
	"testing"
)

// How many batches of bulk work there may be, and who is told of files that are
// written, is what whoever starts the server says.
func TestTheStoreIsOpenedAsOptionsSay(t *testing.T) {
	t.Parallel()
	var told atomic.Int32
	s, err := openEmbedded(Options{Data: t.TempDir(), Bulk: 7, Merging: func() { told.Add(1) }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	if s.bulk != 7 {
		t.Errorf("%d batches at a time", s.bulk)
	}
	before := told.Load()
	if err := s.compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told.Load() == before {
		t.Error("files are rewritten, and nobody is told")
	}
}
