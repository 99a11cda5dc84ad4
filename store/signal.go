package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Signal tells a serve that runs beside, see [Watch], that there is something for it to
// do.
func (s *Store) Notify() error {
	now := time.Now()
	if err := os.Chtimes(turnFile(s.path), now, now); err != nil {
		return fmt.Errorf("telling a running serve: %w", err)
	}
	return nil
}

// turnFile is where programs that write beside each other stand in line, see begin.
func turnFile(path string) string { return path + ".turn" }

// Watch tells, until ctx ends, when another program has signalled that it changed the
// database at path.
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
