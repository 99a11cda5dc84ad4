package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Several processes may use one file. A serve holds its lock, see lock.go, so that there is
// only one. Commands such as import write next to it, take turns at the turn file, and signal
// their changes by touching it.

// lockFile is the file next to a database that a serve locks while it runs, and in which it notes
// the token of the database.
func lockFile(path string) string { return path + ".lock" }

// turnFile is the file that writers of several processes lock in turn; see begin. It is the same one
// for every link to the database.
func turnFile(path string) string { return resolved(path) + ".turn" }

// logFile is the write-ahead log of a database, and indexFile its index.
func logFile(path string) string   { return path + "-wal" }
func indexFile(path string) string { return path + "-shm" }

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
