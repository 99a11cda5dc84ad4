package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Rescue writes the content of a database whose file was removed while it is open into a new
// file next to where it was, and returns its name. That is everything that was acknowledged; it is
// gone when the process ends. Rescue returns an empty name when the file still has a name.
func (e *engine) Rescue(ctx context.Context, now time.Time) (name string, err error) {
	if e.guard == nil {
		return "", nil
	}
	info, err := e.guard.file.Stat()
	if err != nil {
		return "", fmt.Errorf("rescuing the database: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Nlink > 0 {
		return "", nil
	}
	name = resolved(e.path) + ".rescued-" + now.UTC().Format("20060102T150405Z")
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
