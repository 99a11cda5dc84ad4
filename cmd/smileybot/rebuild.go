package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
	databases "smileybot/store/database"
)

type rebuildCommand struct{}

func (rebuildCommand) Help() string {
	return `The scores are sums of tallies that are stored with every rating. This command recounts all feedback and corrects
each tally that differs. It prints up to ` + strconv.Itoa(store.MaxDifferences) + ` of them. It works next to a running serve with the same settings.

After a change of the time zone, the office hours or the holidays it recounts by the new ones, while no serve runs.

Example:

	smileybot rebuild
`
}

// Run recounts all scores.
func (rebuildCommand) Run(ctx context.Context, s streams) (err error) {
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	database, err := databases.OpenToRecount(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer database.Close()
	release, err := lockOutServe(ctx, settings.Database.Reveal(), database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	progress := s.progress(1)
	rebuilt, err := database.Rebuild(ctx, progress.set)
	progress.clear()
	s.printRebuilt(rebuilt)
	if cancelled(ctx) {
		return errors.New("stopped before the end: nothing is lost, and 'smileybot rebuild' starts again")
	}
	return err
}

// lockOutServe keeps serve away while a database is recounted by settings that it is not counted by: a
// running serve has the old ones, and counts each new rating by them.
func lockOutServe(ctx context.Context, path string, database *store.Store) (release func() error, err error) {
	const patience = time.Second
	if counted, err := database.Counted(ctx); err != nil || counted {
		return func() error { return nil }, err
	}
	if databases.OnServer(path) {
		release, err = databases.Alone(ctx, path, database, databases.Quiet)
	} else if held, locked := databases.LockExisting(ctx, path, patience); locked != nil {
		err = locked
	} else {
		release = held.Release
	}
	if errors.Is(err, databases.ErrLocked) || errors.Is(err, databases.ErrServed) {
		return nil, errors.New("'smileybot serve' counts by another time zone, other office hours or holidays: " +
			"give this command the settings that serve has; or restart serve with the new ones, and it recounts by itself")
	}
	return release, err
}

// printRebuilt prints what differed.
func (s streams) printRebuilt(r store.Rebuilt) {
	fmt.Fprintf(s.out, "feedback %d: %d moved to another day, %d tallies differed, %d of service\n", r.Feedback, r.Moved, r.Different, r.Service)
	for _, d := range r.Differences {
		fmt.Fprintln(s.out, differenceLine(d))
	}
	if more := r.Different - int64(len(r.Differences)); more > 0 {
		fmt.Fprintf(s.out, "and %d more\n", more)
	}
}

// differenceLine returns a tally and what was wrong with it, as in "nps, 2026-10-05, chat, Bart: 9: 4,
// counted 3".
func differenceLine(d store.Difference) string {
	days := d.From.String()
	if d.To != d.From {
		days += ".." + d.To.String()
	}
	tally := []string{string(d.Kind), days, string(d.Channel), oneLine(clip(d.Agent))}
	tally = slices.DeleteFunc(tally, func(part string) bool { return part == "" })
	var wrong []string
	add := func(name string, was, counted int64) {
		if was != counted {
			wrong = append(wrong, fmt.Sprintf("%s: %d, counted %d", name, was, counted))
		}
	}
	add("voided", d.Was.Voided, d.Counted.Voided)
	for value := range d.Was.Tally {
		name := strconv.Itoa(value)
		if d.Kind == feedback.KindSmiley {
			name = d.Kind.RatingText(value)
		}
		add(name, d.Was.Tally[value], d.Counted.Tally[value])
	}
	return strings.Join(tally, ", ") + ": " + strings.Join(wrong, "; ")
}
