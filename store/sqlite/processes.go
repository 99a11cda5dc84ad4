package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/gofrs/flock"
)

// Several processes may use one file. A serve holds the lock file, so that there is only
// one. Commands such as import write next to it, take turns at the turn file, and signal
// their changes by touching it.

// ErrLocked is returned when another serve holds the database.
var ErrLocked = errors.New("another smileybot serves this database: stop it first")

// lockRetry is how often a waiting serve looks whether the first one has ended; the kernel
// offers no wait with a bound.
const lockRetry = 100 * time.Millisecond

// Lock keeps a second serve away from the database at path: two would post everything
// twice. It waits up to patience for the first to end, then returns [ErrLocked]. The lock
// is the kernel's, so a killed process leaves none behind.
func Lock(ctx context.Context, path string, patience time.Duration) (release func() error, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil { // else it is not there yet
		path = real
	}
	lock := flock.New(lockFile(path))
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	taken, err := lock.TryLockContext(ctx, lockRetry)
	switch {
	case taken:
		return lock.Unlock, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("lock file of %s: %w", path, err)
	}
	return nil, fmt.Errorf("%s: %w", path, ErrLocked)
}

// lockFile is the file that a serve locks while it runs.
func lockFile(path string) string { return path + ".lock" }

// turnFile is the file that writers of several processes lock in turn; see begin.
func turnFile(path string) string { return path + ".turn" }

// Notify signals a change to a serve that watches the database, see [Watch].
func (e *engine) Notify() error {
	now := time.Now()
	if err := os.Chtimes(turnFile(e.path), now, now); err != nil {
		return fmt.Errorf("notifying a running serve: %w", err)
	}
	return nil
}

// Watch sends a value whenever another process signals a change of the database at path,
// until ctx ends.
func Watch(ctx context.Context, path string) (<-chan struct{}, error) {
	file, err := os.OpenFile(turnFile(path), os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("watching the database: %w", err)
	}
	_ = file.Close()
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		err = watcher.Add(turnFile(path))
	}
	if err != nil {
		return nil, fmt.Errorf("watching the database: %w", err)
	}
	signals := make(chan struct{}, 1)
	go func() {
		defer watcher.Close()
		for {
			select {
			case <-watcher.Events:
			case _, open := <-watcher.Errors: // better once too often
				if !open {
					return
				}
			case <-ctx.Done():
				return
			}
			select {
			case signals <- struct{}{}:
			default:
			}
		}
	}()
	return signals, nil
}
