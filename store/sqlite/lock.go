package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"smileybot/store"
)

// ErrLocked is returned when another serve holds the database.
var ErrLocked = errors.New("another smileybot serves this database: stop it first")

// lockRetry is how often a waiting serve looks whether the first one has ended; the kernel
// offers no wait with a bound.
const lockRetry = 100 * time.Millisecond

// A Held is the lock of a serve. It is on the file of the database itself, so a link to it, or a
// removed lock file, lets no second serve in; and on the lock file next to it, which smileybot up
// to version 1 locks. Both are the kernel's, so a killed process leaves none behind.
type Held struct {
	path string // as the operator wrote it
	near *flock.Flock
	file *os.File
}

// kept are the descriptors of databases. They are open until the process ends, because closing one
// drops the locks that SQLite has on the same file in this process.
var kept struct { //nolint:gochecknoglobals // they are the process's
	sync.Mutex

	files []*os.File
}

// Lock keeps a second serve away from the database at path: two would post everything twice.
// The database is created if it does not exist. Lock waits up to patience for the first serve to
// end, then returns [ErrLocked]. It returns a [store.Fault] for a file or folder that cannot be
// used, see [Examine].
func Lock(ctx context.Context, path string, patience time.Duration) (*Held, error) {
	if err := Examine(path); err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	return LockExisting(ctx, path, patience)
}

// LockExisting is Lock for a process that has the database open, or must not create it.
func LockExisting(ctx context.Context, path string, patience time.Duration) (*Held, error) {
	real := resolved(path)
	h := &Held{path: path, near: flock.New(lockFile(real), flock.SetPermissions(0o600))}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		taken, err := h.try()
		switch {
		case err != nil:
			return nil, asFault(real, fmt.Errorf("locking database %s: %w", path, err))
		case taken:
			return h, nil
		}
		select {
		case <-time.After(lockRetry):
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, fmt.Errorf("%s: %w", path, ErrLocked)
			}
			return nil, fmt.Errorf("locking database %s: %w", path, ctx.Err())
		}
	}
}

// try takes both locks, or none. The file is opened again when another one has come into its place.
func (h *Held) try() (taken bool, err error) {
	if taken, err = h.near.TryLock(); err != nil || !taken {
		return false, err
	}
	defer func() {
		if !taken {
			err = errors.Join(err, h.near.Unlock())
		}
	}()
	if h.file == nil || !inPlace(h.file, h.path) {
		if h.file, err = openKept(h.path); err != nil {
			return false, err
		}
	}
	if taken, err = lockInode(h.file); err != nil || !taken {
		return false, err
	}
	if !inPlace(h.file, h.path) {
		return false, unlockInode(h.file)
	}
	return true, nil
}

// Release lets another serve in.
func (h *Held) Release() error { return errors.Join(unlockInode(h.file), h.near.Unlock()) }

// openKept opens a file that stays open until the process ends.
func openKept(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, err
	}
	kept.Lock()
	defer kept.Unlock()
	kept.files = append(kept.files, file)
	return file, nil
}

// inPlace reports whether path leads to the open file.
func inPlace(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(opened, there)
}

// heldByServe reports whether a serve holds the lock file of a database.
func heldByServe(path string) bool {
	if _, err := os.Stat(lockFile(path)); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	near := flock.New(lockFile(path), flock.SetFlag(os.O_RDONLY))
	taken, err := near.TryRLock() // shared, so that two commands do not take each other for a serve
	if taken {
		_ = near.Unlock()
	}
	return err == nil && !taken
}

// Open opens the locked database as [Open] does, and watches its file from then on: when that is
// removed, replaced or damaged, reads and writes return a [store.Fault].
func (h *Held) Open(ctx context.Context, options store.Options) (*store.Store, error) {
	return openDatabase(ctx, h.path, h, options)
}
