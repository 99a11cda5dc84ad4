package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Rescue keeps what was acknowledged when the file of an open database, or its write-ahead log, was
// removed or replaced: it would be gone when the process ends. It writes the content into a new file
// next to the database and returns its name. That is empty when the database needs no new file, such as
// when its log only has no name any more: then the log is written into the database.
func (e *engine) Rescue(ctx context.Context, now time.Time) (name string, err error) {
	if e.guard == nil {
		return "", nil
	}
	info, err := e.guard.file.Stat()
	if err != nil {
		return "", fmt.Errorf("rescuing the database: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	gone, replaced := e.guard.withoutLog()
	switch {
	case ok && stat.Nlink == 0 || replaced:
		return e.rescueInto(ctx, resolved(e.path)+".rescued-"+now.UTC().Format("20060102T150405Z"))
	case gone:
		if _, err := e.write.ExecContext(ctx, `pragma wal_checkpoint(full)`); err != nil {
			return "", fmt.Errorf("rescuing the database: %w", err)
		}
	}
	return "", nil
}

func (e *engine) rescueInto(ctx context.Context, name string) (_ string, err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // next to the operator's path
	if err != nil {
		return "", fmt.Errorf("rescuing the database: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(name)
		}
	}()
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("rescuing the database: %w", err)
	}
	_, err = e.write.ExecContext(ctx, `vacuum into $1`, name) // it writes into an empty file
	if err = errors.Join(err, syncPath(name)); err != nil {
		return "", fmt.Errorf("rescuing the database: %w", err)
	}
	return name, nil
}
