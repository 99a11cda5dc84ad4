package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"smileybot/config"
	databases "smileybot/store/database"
	"smileybot/store/sqlite"
)

type restoreCommand struct {
	File string `arg:"" help:"The backup. It is not changed."`
}

func (restoreCommand) Help() string {
	return `It works while serve is stopped, also when the database is damaged or missing. It copies FILE, checks every
page of the copy, and only then puts it in the place of the database. The former database is kept
under the name that is printed: delete it when you do not need it any more.

Example:

	systemctl stop smileybot
	SMILEYBOT_DATABASE=/var/lib/smileybot/smileybot.db smileybot restore /backup/smileybot.db
	systemctl start smileybot
`
}

// Run puts a backup in place.
func (c restoreCommand) Run(ctx context.Context, s streams) error {
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	if databases.OnServer(settings.Database.Reveal()) {
		return usageErrorf("the database is on PostgreSQL, whose own programs restore it: stop every serve, then run "+
			"pg_restore --clean --if-exists --no-owner --single-transaction --dbname='%s' '%s'; PGPASSWORD or ~/.pgpass gives the password",
			databases.Shown(settings.Database.Reveal()), c.File)
	}
	if belongsTo(settings.Database.Reveal(), c.File) {
		return usageErrorf("%s belongs to the database itself: name a backup", c.File)
	}
	if info, err := os.Stat(c.File); err == nil && info.IsDir() {
		return usageErrorf("%s is a folder: name the file of a backup", c.File)
	}
	progress := s.progress(1)
	made, err := sqlite.Restore(ctx, settings.Database.Reveal(), c.File, time.Now(), progress.set)
	progress.clear()
	if err != nil && cancelled(ctx) {
		return errors.New("stopped before the end: the database is unchanged")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: restored from %s, %d answers, %.1f MB, checked\n", oneLine(settings.Database.Reveal()), oneLine(c.File), made.Feedback, float64(made.Bytes)/1e6)
	if made.Aside != "" {
		fmt.Fprintf(s.out, "the former database is kept in %s\n", oneLine(made.Aside))
	}
	return nil
}
