package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"smileybot/config"
	"smileybot/store/sqlite"
)

type backupCommand struct {
	File string `arg:"" help:"Where the copy goes; a former backup there is replaced once the new one is complete."`
}

// Help is printed by --help.
func (backupCommand) Help() string {
	return `It copies one state of the database while a serve goes on, checks every page of the copy, and only then puts
it in the place of FILE. Whoever takes a rating meanwhile waits for nothing. The copy holds what customers
wrote: only its owner can read it. To restore it, stop serve, put it in the place of the database, remove the
files that end in -wal and -shm beside it, and start serve.

Example, for every night:

	SMILEYBOT_DATABASE=/var/lib/smileybot/smileybot.db smileybot backup /backup/smileybot.db
`
}

// Run makes the copy.
func (c backupCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	if err := c.misplaced(settings.Database); err != nil {
		return err
	}
	began := time.Now()
	progress := t.steps()
	made, err := sqlite.Copy(ctx, settings.Database, c.File, progress.to)
	progress.clear()
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: there is no new backup, and a former one is as it was")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: %d answers, %.1f MB, checked, in %.1f s\n", c.File, made.Feedback, float64(made.Bytes)/1e6, time.Since(began).Seconds())
	return nil
}

// misplaced refuses a place that would harm the database, or is none.
func (c backupCommand) misplaced(database string) error {
	if c.File == "-" {
		return misusef("a backup goes into a file, which is checked before it counts: name one")
	}
	info, err := os.Stat(c.File)
	if err == nil && !info.Mode().IsRegular() {
		return misusef("%s is no file: name the file that the backup is to be, such as %s", c.File, filepath.Join(c.File, "smileybot.db"))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, place := range []string{c.File, sqlite.Partial(c.File)} {
		if slices.ContainsFunc(sqlite.Files(database), func(file string) bool { return samePlace(file, place) }) {
			return misusef("%s belongs to the database itself: name another file", place)
		}
	}
	return nil
}

// samePlace reports whether two names mean the same file, or the same place where none is.
func samePlace(a, b string) bool {
	fileA, errA := os.Stat(a)
	fileB, errB := os.Stat(b)
	if errA == nil && errB == nil && os.SameFile(fileA, fileB) {
		return true
	}
	a, errA = filepath.Abs(a)
	b, errB = filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}
