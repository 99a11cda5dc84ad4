package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
)

type rebuildCommand struct{}

func (rebuildCommand) Help() string {
	return `The scores are sums of tallies that are stored with every rating. This command recounts all feedback and corrects
each tally that differs. It prints up to ` + strconv.Itoa(store.MaxDifferences) + ` of them. It works next to a running serve.

Example:

	smileybot rebuild
`
}

// Run recounts all scores.
func (rebuildCommand) Run(ctx context.Context, s streams) error {
	_, database, err := openDatabase(ctx, config.Bot)
	if err != nil {
		return err
	}
	defer database.Close()
	if err := database.SameHours(ctx); err != nil {
		return err
	}
	progress := s.progress(1)
	rebuilt, err := database.Rebuild(ctx, progress.set)
	progress.clear()
	s.printRebuilt(rebuilt)
	if cancelled(ctx) {
		return errors.New("stopped before the end: nothing is lost, and 'smileybot rebuild' starts again")
	}
	return err
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
