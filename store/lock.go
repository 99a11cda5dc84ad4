package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked is returned when another serve holds the database.
var ErrLocked = errors.New("another smileybot serves this database: stop it first")

// lockRetry is how often a waiting serve looks whether the first one is gone;
// the kernel offers no wait with a bound.
const lockRetry = 100 * time.Millisecond

// Lock keeps a second serve away from the database at path: two would post
// everything twice. It waits up to patience for the first to go, then returns
// [ErrLocked]. The lock is the kernel's, so a killed process leaves none behind.
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

// lockFile is what a serve holds while it runs.
func lockFile(path string) string { return path + ".lock" }
