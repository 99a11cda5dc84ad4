// Package demo plays the whole loop on one machine: the real bot, a stand-in for Slack, invented
// customers, and a page that shows the channel to a visitor.
//
// The environment is not read and nothing outside this machine is called. The database is a
// temporary one with 13 months of invented history, which is removed at the end.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"smileybot/bot/message"
	"smileybot/bot/outbox"
)

// MaxOnce is the largest number of customers that [Options.Once] takes. They share a working day,
// and with more of them a click would follow a webhook as fast as a mail scanner's.
const MaxOnce = 1000

// Options are the settings of a demo.
type Options struct {
	// Once is how many customers to play before the result is printed and the demo ends. With
	// zero it runs until its context ends.
	Once int
	// Seed selects the customers: the same seed gives the same ones.
	Seed uint64
	// Listen is the address of the page and of the webhooks.
	Listen   string
	Language message.Language
	// Version is shown by the bot as its own.
	Version string
	Log     *slog.Logger
}

const (
	// humanPause is the time between two customers in a demo that runs on.
	humanPause = 4 * time.Second
	// openingCustomers have rated before a visitor can open the page, openingPause apart.
	openingCustomers = 9
	openingPause     = 250 * time.Millisecond
)

// Run plays the demo and prints what happens to out. It returns nil when ctx ended it.
func Run(ctx context.Context, o Options, out io.Writer) (err error) {
	// The stand-in accepts more calls a second than Slack.
	pace := outbox.Pace{Post: 100 * time.Millisecond, Edits: 600}
	if o.Once > 0 {
		pace = outbox.Pace{Post: time.Millisecond, Edits: 1e6}
	}
	s, err := openStage(ctx, o, historyPerDay, pace)
	if err == nil {
		play := playOn
		if o.Once > 0 {
			play = playOnce
		}
		defer func() { err = errors.Join(err, s.close()) }()
		if err = s.playPrologue(newEarlierCast(o.Seed, o.Language)); err == nil {
			err = play(s, o, out)
		}
	}
	if ctx.Err() != nil {
		err = nil // it follows from the end of ctx
	}
	return err
}

// playOnce plays o.Once customers and prints the channel and the score.
func playOnce(s *stage, o Options, out io.Writer) error {
	fmt.Fprintf(out, s.words.Intro+"\n\n── %s ──\n\n", o.Once, o.Seed, s.words.Happens)
	p := player{stage: s, cast: newCast(o.Seed, o.Language), narrate: func(line string) { fmt.Fprintln(out, line) }}
	interval := min(2*time.Minute, 8*time.Hour/time.Duration(o.Once))
	begin := s.clock.Now().Add(-time.Duration(o.Once+longestStory) * interval)
	p.at = func(slot int) time.Time { return begin.Add(time.Duration(slot) * interval) }
	if err := p.play(s.ctx, o.Once); err != nil {
		return err
	}
	for _, c := range channels() {
		fmt.Fprintf(out, "\n── "+s.words.Channel+" ──\n\n%s", c.Name, s.slack.Text(c.ID))
	}
	// Not the month: on its first day there is nothing to say about it.
	const command, period = "/nps", "30d"
	answer, err := s.ask(s.ctx, lead(), command, period)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n── %s %s ──\n\n%s\n", command, period, answer)
	return err
}

// playOn plays customers at a human pace until the stage's context ends, and prints a line for
// each change of a message in Slack.
func playOn(s *stage, o Options, out io.Writer) error {
	fmt.Fprintf(out, s.words.Live+"\n\n", s.address, s.secret)
	changes := s.slack.Subscribe()
	played := make(chan struct{})
	go func() {
		defer close(played)
		s.fail(playCustomers(s, o))
	}()
	defer func() { <-played }() // the stage's context has ended by then
	for {
		change, err := changes.Next(s.ctx)
		if err != nil {
			return context.Cause(s.ctx)
		}
		if happened := s.words.of(change.Kind); happened != "" {
			fmt.Fprintf(out, "%s  %-10s  %s\n", s.clock.Now().Format(time.TimeOnly), happened, firstLine(s.slack.Plain(change.Message.Text)))
		}
	}
}

// playCustomers plays the opening, which spreads over the last hours, and then one customer after
// another.
func playCustomers(s *stage, o Options) error {
	began := s.clock.Now().Add(-4 * time.Hour)
	p := player{stage: s, cast: newCast(o.Seed, o.Language), narrate: func(string) {}, live: true, pause: openingPause}
	p.at = func(slot int) time.Time { return began.Add(time.Duration(slot) * 11 * time.Minute) }
	if err := p.play(s.ctx, openingCustomers); err != nil {
		return err
	}
	p.at, p.pause = nil, humanPause
	return p.play(s.ctx, endless)
}

// firstLine returns the first line of a text, cut to the width of a terminal.
func firstLine(text string) string {
	const maxRunes = 110
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > maxRunes {
		return string(runes[:maxRunes]) + "…"
	}
	return line
}
