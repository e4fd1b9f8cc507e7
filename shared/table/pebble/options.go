package pebble

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	lsm "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/redact"
)

// CacheSize is how much memory the engine takes at most, in bytes: in Go's heap where
// there is no C compiler, in C's where there is one.
//
// The engine takes the memtables, up to two of them, out of it: what is
// left for blocks, 56 MB, holds the indexes and filters of a few million rows.
// Without that room every read of a row reads its file's index as well.
const CacheSize = 88 << 20

// How much memory a store in memory takes, and how much the engine replays after an unclean
// stop: at most two memtables' worth of log.
const (
	memoryCacheSize = 8 << 20 // of a store in memory
	memtableSize    = 16 << 20

	// level0Layers is twice how many layers level 0 has when it is merged into the
	// next level (the engine counts so). A change of a contact writes rows all over
	// the key space, so that each merge rewrites the whole of that level: with the
	// engine's own choice, two layers, a patch among a million contacts had 5.9 KB
	// rewritten there, with four layers 3.2. More would be in the way of lists.
	level0Layers = 2 * 4
)

func (s *Store) engineOptions(o Options) *lsm.Options {
	merging := o.Merging
	if merging == nil {
		merging = func() {}
	}
	eo := &lsm.Options{
		FS:                          s.files,
		FormatMajorVersion:          lsm.FormatWALSyncChunks,
		Comparer:                    s.comparer(),
		CacheSize:                   CacheSize,
		MemTableSize:                memtableSize,
		MemTableStopWritesThreshold: 2,
		L0CompactionThreshold:       level0Layers,
		MaxManifestFileSize:         1, // see renewManifest
		Cleaner:                     remover{},
		Logger:                      engineLogger{s.logger, s.fatal},
		EventListener: &lsm.EventListener{
			BackgroundError: func(err error) { s.logger.Error("storage", "error", redact.Sprint(err).Redact()) },
			DataCorruption: func(i lsm.DataCorruptionInfo) {
				s.logger.Error("storage: damaged data", "file", i.Path, "error", redact.Sprint(i.Details).Redact())
			},
			FlushBegin:      func(lsm.FlushInfo) { merging() },
			CompactionBegin: func(lsm.CompactionInfo) { merging() },
			ManifestCreated: func(lsm.ManifestCreateInfo) { s.manifests.Add(1) },
		},
	}
	if o.Memory {
		eo.CacheSize = memoryCacheSize
	}
	for i := range eo.Levels {
		l := &eo.Levels[i]
		l.FilterPolicy = bloom.FilterPolicy(10)
		// Half as many blocks per page of rows, and one level of index: both made reads
		// cheaper. Compression would halve the disk, and make a patch among a million
		// contacts half as dear again as among 20,000 (infra/docs/043).
		l.Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
		l.BlockSize = 8 << 10
		l.IndexBlockSize = 256 << 10
	}
	return eo
}

// remover deletes obsolete files. The engine would rather keep the files of its
// log and write over them, which leaves the values of erased persons in what is
// not written over yet. It does not if its cleaner claims to need what is in the
// files, as the archiving one does; of that one only this claim is taken, since
// the methods of DeleteCleaner are nearer.
type remover struct {
	lsm.DeleteCleaner
	needsContents
}

type needsContents struct{ lsm.ArchiveCleaner }

// engineLogger is where the engine reports to. Of what it says, keys and other
// data are left out: it marks what is safe to log.
type engineLogger struct {
	log   *slog.Logger
	fatal func(error)
}

func (l engineLogger) Infof(format string, args ...any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug("storage", "event", redact.Sprintf(format, args...).Redact())
	}
}

func (l engineLogger) Errorf(format string, args ...any) {
	l.log.Error("storage", "error", redact.Sprintf(format, args...).Redact())
}

// Fatalf must not return: the engine's state is not defined behind it.
func (l engineLogger) Fatalf(format string, args ...any) {
	err := fmt.Errorf("storage: %s", oneLine(string(redact.Sprintf(format, args...).Redact())))
	if l.fatal != nil {
		l.fatal(err)
	}
	panic(err)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
