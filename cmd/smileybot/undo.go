package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/store"
	databases "smileybot/store/database"
)

// past lists the imports, or undoes one.
func (c importCommand) past(ctx context.Context, s streams, settings config.Config) error {
	if c.File != "" {
		return usageErrorf("--list and --undo take no file")
	}
	number, err := c.number()
	if err != nil {
		return err
	}
	database, err := databases.OpenExisting(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer database.Close()
	if c.Undo == "" {
		return listImports(ctx, s, settings, database)
	}
	if err := database.SameHours(ctx); err != nil {
		return err
	}
	undone, err := database.Undo(ctx, number, time.Now())
	err = errors.Join(err, database.Notify()) // so that the bot edits the messages of what was restored
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errors.New("there is no such import to undo: smileybot import --list shows them")
	case err != nil:
		return fmt.Errorf("%w; once that is fixed, undo it again: the rest follows", err)
	}
	fmt.Fprintf(s.out, "import %d (%s): %d removed, %d restored, %d left\n",
		undone.Run.Number, oneLine(undone.Run.Source), undone.Removed, undone.Restored, undone.Left)
	for _, key := range undone.LeftKeys {
		fmt.Fprintf(s.err, "left: %s, of sender %s, channel %s, kind %s\n", oneLine(key.ID), oneLine(key.Sender), key.Channel, key.Kind)
	}
	if undone.Left > 0 {
		return fmt.Errorf("something else changed %d feedbacks since, so they are left as they are", undone.Left)
	}
	return nil
}

// number returns the number of the import to undo; 0 is the last one.
func (c importCommand) number() (int64, error) {
	if c.Undo == "" || strings.EqualFold(c.Undo, "last") {
		return 0, nil
	}
	number, err := strconv.ParseInt(c.Undo, 10, 64)
	if err != nil || number < 1 {
		return 0, usageErrorf("--undo takes LAST or the number of an import: smileybot import --list shows them")
	}
	return number, nil
}

// listImports prints the imports, the latest first.
func listImports(ctx context.Context, s streams, settings config.Config, database *store.Store) error {
	runs, err := database.Imports(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		undone := ""
		if !r.UndoneAt.IsZero() {
			undone = ", undone " + r.UndoneAt.In(settings.Location).Format(time.DateTime)
		}
		fmt.Fprintf(s.out, "%d  %s  %s, rows that changed something: %d%s\n",
			r.Number, r.At.In(settings.Location).Format(time.DateTime), oneLine(r.Source), r.Changed, undone)
	}
	return nil
}
