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
	"smileybot/outfile"
	databases "smileybot/store/database"
	"smileybot/store/sqlite"
)

type backupCommand struct {
	File string `arg:"" help:"The file for the copy. An earlier backup there is replaced once the new one is complete."`
}

func (backupCommand) Help() string {
	return `It copies one state of the database while serve runs, checks every page of the copy, and only then replaces
FILE. Ratings are not delayed. The copy contains what customers wrote, so only its owner can read it. To restore
it, stop serve, run 'smileybot restore FILE', and start serve.

Example, for every night:

	SMILEYBOT_DATABASE=/var/lib/smileybot/smileybot.db smileybot backup /backup/smileybot.db
`
}

// Run copies the database.
func (c backupCommand) Run(ctx context.Context, s streams) error {
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	if databases.OnServer(settings.Database.Reveal()) {
		return usageErrorf("the database is on PostgreSQL, whose own programs back it up, also while serve runs: "+
			"pg_dump --format=custom --file='%s' --dbname='%s'; PGPASSWORD or ~/.pgpass gives the password", c.File, databases.Shown(settings.Database.Reveal()))
	}
	if err := c.checkFile(settings.Database.Reveal()); err != nil {
		return err
	}
	began := time.Now()
	progress := s.progress(1)
	made, err := sqlite.Copy(ctx, settings.Database.Reveal(), c.File, progress.set)
	progress.clear()
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: there is no new backup, and an earlier one is unchanged")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d answers, %.1f MB, checked, in %.1f s\n", oneLine(c.File), made.Feedback, float64(made.Bytes)/1e6, time.Since(began).Seconds())
	return nil
}

// checkFile refuses a FILE that is part of the database, a link or no regular file.
func (c backupCommand) checkFile(database string) error {
	if c.File == "-" {
		return usageErrorf("a backup is written to a file, which is checked at the end: name one")
	}
	for _, path := range []string{c.File, sqlite.Partial(c.File)} {
		if belongsTo(database, path) {
			return usageErrorf("%s belongs to the database itself: name another file", path)
		}
	}
	if info, err := os.Lstat(c.File); err == nil && info.IsDir() {
		return usageErrorf("%s is no file: name the file of the backup, such as %s", c.File, filepath.Join(c.File, "smileybot.db"))
	}
	if err := outfile.Check(c.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usageError{err}
	}
	return nil
}

// belongsTo reports whether a path names a file of the database, by whatever name.
func belongsTo(database, path string) bool {
	return !databases.OnServer(database) && slices.ContainsFunc(sqlite.Files(database), func(file string) bool { return outfile.Same(file, path) })
}
