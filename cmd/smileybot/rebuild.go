package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type rebuildCommand struct{}

// Help is printed by --help.
func (rebuildCommand) Help() string {
	return `The scores are sums of tallies that are kept with every rating. This counts all feedback anew, tells every
tally that differs, up to ` + strconv.Itoa(store.MaxDifferences) + ` of them by name, and mends it. It works beside a running serve.

Example:

	smileybot rebuild
`
}

// Run counts everything anew.
func (rebuildCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	kept, err := sqlite.OpenExisting(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer kept.Close()
	if err := kept.SameHours(ctx); err != nil {
		return err
	}
	progress := t.steps()
	rebuilt, err := kept.Rebuild(ctx, progress.to)
	progress.clear()
	t.tellRebuilt(rebuilt)
	if cancelled(ctx) {
		return errors.New("stopped before the end: 'smileybot rebuild' begins again, nothing is lost")
	}
	return err
}

// tellRebuilt reports what was found.
func (t terminal) tellRebuilt(r store.Rebuilt) {
	fmt.Fprintf(t.out, "feedback %d: %d moved to another day, %d tallies differed, %d of service\n", r.Feedback, r.Moved, r.Different, r.Service)
	for _, d := range r.Differences {
		fmt.Fprintln(t.out, differenceLine(d))
	}
	if more := r.Different - int64(len(r.Differences)); more > 0 {
		fmt.Fprintf(t.out, "and %d more\n", more)
	}
}

// differenceLine names a tally and what was wrong with it: "nps, 2026-10-05, chat,
// Bart: 9: 4, counted 3".
func differenceLine(d store.Difference) string {
	words := []string{string(d.Kind), d.From.String()}
	if d.To != d.From {
		words[1] += ".." + d.To.String()
	}
	if d.Channel != "" {
		words = append(words, string(d.Channel))
	}
	if d.Agent != "" {
		words = append(words, clip(d.Agent))
	}
	var wrong []string
	add := func(name string, was, counted int64) {
		if was != counted {
			wrong = append(wrong, fmt.Sprintf("%s: %d, counted %d", name, was, counted))
		}
	}
	add("voided", d.Was.Voided, d.Real.Voided)
	for value := range d.Was.Tally {
		name := strconv.Itoa(value)
		if d.Kind == feedback.KindSmiley {
			name = d.Kind.RatingText(value)
		}
		add(name, d.Was.Tally[value], d.Real.Tally[value])
	}
	return strings.Join(words, ", ") + ": " + strings.Join(wrong, "; ")
}
