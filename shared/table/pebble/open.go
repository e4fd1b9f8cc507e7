package pebble

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	lsm "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// format is the number of the layout of keys, rows and files. It is raised with
// every change that an older program would misread. A folder keeps the one that it
// was made with; 1 has another comparer.
const format = 2

// A data folder holds the file "format" with the number, and the engine's files
// in "store".
const (
	formatFile = "format"
	storeDir   = "store"
)

// Why a folder could not be opened; compare with errors.Is. The *OpenError that
// wraps one of them is a sentence for a person.
var (
	ErrInUse      = errors.New("is in use by another process")
	ErrNewer      = errors.New("was written by a newer version of the program")
	ErrDamaged    = errors.New("is damaged")
	ErrUnwritable = errors.New("cannot be written to")
	ErrNoStore    = errors.New("holds no store")
)

// OpenError says in one line why a data folder could not be opened and what to
// do about it.
type OpenError struct {
	Dir    string
	Reason error // one of the errors above
	Cause  error
}

func (e *OpenError) Error() string {
	s := fmt.Sprintf("the data folder %s %v", e.Dir, e.Reason)
	switch e.Reason {
	case ErrInUse:
		return s + ": stop the other one, or choose another folder"
	case ErrNewer:
		s += ": upgrade this one, or choose another folder"
	case ErrNoStore:
		s += ": choose another folder, or start the server on it, which makes one"
	case ErrDamaged:
		s += ": restore it from a backup, or choose another folder"
	}
	if e.Cause != nil {
		s += " (" + oneLine(e.Cause.Error()) + ")"
	}
	return s
}

// Unwrap returns the reason and the cause.
func (e *OpenError) Unwrap() []error { return []error{e.Reason, e.Cause} }

// Open opens the data folder, and creates it if it is not there, unless the
// options say that it must be. Anything that
// is wrong with the folder is an *OpenError. One process at a time can have it
// open. After an unclean stop it replays at most a few tens of megabytes, well
// below a second's work.
func Open(dir string, o Options) (*Store, error) {
	if o.Memory {
		return openFiles(vfs.NewMem(), o)
	}
	s := newStore(vfs.Default, o)
	if err := s.openFolder(dir, o); err != nil {
		if s.lock != nil {
			err = errors.Join(err, s.lock.Close())
		}
		return nil, err
	}
	s.keepers.Go(s.sweepAlways)
	s.keepers.Go(s.tidyAlways)
	return s, nil
}

// openFiles opens a store that is alone in a file system.
func openFiles(files vfs.FS, o Options) (*Store, error) {
	s := newStore(files, o)
	if err := s.openEngine(s.engineOptions(o)); err != nil {
		return nil, err
	}
	s.keepers.Go(s.sweepAlways)
	s.keepers.Go(s.tidyAlways)
	return s, nil
}

func newStore(files vfs.FS, o Options) *Store {
	s := &Store{
		files:   files,
		now:     o.Now,
		logger:  o.Logger,
		fatal:   o.Fatal,
		format:  format,
		closing: make(chan struct{}),
		tables:  map[string]*Table{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s
}

func (s *Store) openFolder(dir string, o Options) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return &OpenError{dir, ErrUnwritable, err}
	}
	s.dir = filepath.Join(dir, storeDir)
	if o.Existing {
		if found, err := readFormat(dir); err != nil {
			return err
		} else if found == 0 {
			return &OpenError{dir, ErrNoStore, nil}
		}
	}
	// The folder holds personal data: it is its owner's alone.
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return &OpenError{dir, ErrUnwritable, err}
	}
	if s.lock, err = lsm.LockDirectory(s.dir, s.files); err != nil {
		if _, ok := errors.AsType[*fs.PathError](err); ok {
			return &OpenError{dir, ErrUnwritable, err}
		}
		return &OpenError{dir, ErrInUse, err}
	}
	found, err := readFormat(dir)
	if err != nil {
		return err
	}
	if found == 0 {
		return s.create(dir, o)
	}
	if err := s.findLog(); err != nil {
		return &OpenError{dir, ErrDamaged, err}
	}
	s.format = found
	if err := s.openStore(o, func(eo *lsm.Options) { eo.ErrorIfNotExists = true }); err != nil {
		return openError(dir, err)
	}
	return nil
}

// create makes a folder. Its format is written last: so there may be an empty store,
// of an attempt that was cut off, by an older program perhaps, but nothing more.
func (s *Store) create(dir string, o Options) error {
	var why error
	for ; s.format > 0; s.format-- {
		err := s.openStore(o, func(eo *lsm.Options) { eo.ErrorIfNotPristine = true })
		if err == nil {
			break
		}
		why = cmp.Or(why, err)
	}
	if s.format == 0 {
		return openError(dir, why)
	}
	if err := s.writeFormat(dir); err != nil {
		return errors.Join(&OpenError{dir, ErrUnwritable, err}, s.db.Close())
	}
	return nil
}

// openStore opens the engine on the folder, which is locked.
func (s *Store) openStore(o Options, also func(*lsm.Options)) error {
	eo := s.engineOptions(o)
	eo.Lock = s.lock
	also(eo)
	return s.openEngine(eo)
}

// findLog looks for the engine's log, of which there is always some: the engine
// itself would take its absence for an empty one, and forget the last writes.
func (s *Store) findLog() error {
	names, err := s.files.List(s.dir)
	if err != nil {
		return err
	}
	if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return filepath.Ext(n) == ".log" }) {
		return nil // none at all is told better by the engine
	}
	return errors.New("its log is missing")
}

func (s *Store) openEngine(o *lsm.Options) error {
	db, err := lsm.Open(s.dir, o)
	if err != nil {
		return err
	}
	s.db = db
	if s.kept, err = keptChanges(db); err == nil {
		err = s.dropIndex()
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// openError says what an error of the engine means for the folder.
func openError(dir string, err error) error {
	for _, unwritable := range []error{fs.ErrPermission, syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, unwritable) {
			return &OpenError{dir, ErrUnwritable, err}
		}
	}
	return &OpenError{dir, ErrDamaged, err}
}

// readFormat returns the folder's format, 0 if it has none yet.
func readFormat(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, formatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return 0, &OpenError{dir, ErrUnwritable, err}
	}
	if err != nil {
		return 0, &OpenError{dir, ErrDamaged, err}
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	switch {
	case err != nil || n < 1:
		return 0, &OpenError{dir, ErrDamaged, fmt.Errorf("its file %q does not say a number", formatFile)}
	case n > format:
		return 0, &OpenError{dir, ErrNewer, fmt.Errorf("format %d, this program knows %d", n, format)}
	}
	return n, nil
}

// writeFormat writes the file whole or not at all, also if the machine stops.
func (s *Store) writeFormat(dir string) error {
	name := filepath.Join(dir, formatFile)
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, s.format)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}

// syncDir makes durable which files a folder has.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
