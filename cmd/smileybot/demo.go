package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"smileybot/bot/outbox"
	"smileybot/fakeslack"
	"smileybot/bot/message"
)

type demoCommand struct {
	Once   *int   `placeholder:"N" help:"Play N customers quickly, print the channel and the score, and stop."`
	Seed   uint64 `default:"1" help:"Whose customers come; the same seed gives the same customers."`
	Listen string `default:"127.0.0.1:0" placeholder:"ADDR" help:"Where the page is shown and webhooks come in. Default: a free port of this machine."`

	Language message.Language `enum:"en,nl" default:"en" help:"What the bot speaks: en or nl."`
}

// Help is printed by --help.
func (demoCommand) Help() string {
	return `The bot is the real one. Slack is a stand-in within this program, and the database is a temporary
one with 13 months of history; nothing is left behind. The environment is not looked at.

Examples:

	smileybot demo
	smileybot demo --language nl
	smileybot demo --once 20
`
}

const (
	// mostAtOnce keeps the moments of --once's customers, who share a working
	// day, so far apart that no click looks like a mail scanner's.
	mostAtOnce = 1000
	// humanPause lies between two customers in the demo that runs on.
	humanPause = 4 * time.Second
	// opening is how many customers have been there before the page is opened.
	opening      = 9
	openingPause = 250 * time.Millisecond
)

// Run plays.
func (c demoCommand) Run(ctx context.Context, t terminal) (err error) {
	if c.Once != nil && (*c.Once < 1 || *c.Once > mostAtOnce) {
		return misusef("--once takes 1 to %d customers, for example 'smileybot demo --once 20'", mostAtOnce)
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return misusef("--listen must be host:port, for example 127.0.0.1:8080")
	}
	o := stageOptions{listen: c.Listen, language: c.Language, seed: c.Seed, perDay: historyPerDay, log: t.err}
	o.pace = outbox.Pace{Post: 250 * time.Millisecond, Edits: 600} // the stand-in bears it
	if c.Once != nil {
		o.pace = outbox.Pace{Post: time.Millisecond, Edits: 1e6}
	}
	s, err := openStage(ctx, o)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if c.Once != nil {
		return stopped(ctx, c.once(s, t))
	}
	return stopped(ctx, c.on(s, t))
}

// once plays some customers and prints what came of it.
func (c demoCommand) once(s *stage, t terminal) error {
	fmt.Fprintf(t.out, "%d customers, seed %d. The bot is the real one; Slack is a stand-in, to which it posts faster\n"+
		"than Slack itself would allow.\n\n── what happens ──\n\n", *c.Once, c.Seed)
	p := player{stage: s, cast: newCast(c.Seed), tell: func(line string) { fmt.Fprintln(t.out, line) }}
	minute := min(2*time.Minute, 8*time.Hour/time.Duration(*c.Once))
	begin := s.slack.Options().Now().Add(-time.Duration(*c.Once+longestStory) * minute)
	p.at = func(slot int) time.Time { return begin.Add(time.Duration(slot) * minute) }
	if err := p.play(s.ctx, *c.Once); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n── how it stands in Slack then ──\n\n%s", s.slack.Text(demoChannel))
	answer, err := s.ask(s.ctx, lead(), "/nps", "month")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "\n── /nps month ──\n\n%s\n", answer)
	return err
}

// on plays customers at a human pace until it is stopped, and tells what changes
// in Slack, a line each.
func (c demoCommand) on(s *stage, t terminal) error {
	fmt.Fprintf(t.out, `Open %[1]s in a browser: the support channel, live.

Webhooks come in there, too. In another terminal, be a customer yourself
(on a clone, with 'go run ./cmd/smileybot' for 'smileybot'):
  smileybot send --url %[1]s/webhooks/feedback --secret %[2]s --id mine --smiley red
  smileybot send --url %[1]s/webhooks/feedback --secret %[2]s --id mine --comment "Step 3 is wrong"
Ctrl-C ends it and leaves nothing behind.

`, s.address, s.secret)
	feed := s.slack.Subscribe()
	played := make(chan struct{})
	go func() {
		defer close(played)
		s.fail(c.perform(s))
	}()
	defer func() { <-played }() // the stage's context has ended then
	for {
		change, err := feed.Next(s.ctx)
		if err != nil {
			return context.Cause(s.ctx)
		}
		if change.Kind == fakeslack.Posted || change.Kind == fakeslack.Edited || change.Kind == fakeslack.Deleted {
			fmt.Fprintf(t.out, "%s  %-7s  %s\n", s.slack.Options().Now().Format(time.TimeOnly), change.Kind, firstLine(s.slack.Plain(change.Message.Text)))
		}
	}
}

// perform lets a few customers have been there during the last hours, and others
// come one after another.
func (c demoCommand) perform(s *stage) error {
	began := s.slack.Options().Now().Add(-4 * time.Hour)
	p := player{stage: s, cast: newCast(c.Seed), tell: func(string) {}, live: true, pause: openingPause}
	p.at = func(slot int) time.Time { return began.Add(time.Duration(slot) * 11 * time.Minute) }
	if err := p.play(s.ctx, opening); err != nil {
		return err
	}
	p.at, p.pause = nil, humanPause
	return p.play(s.ctx, forever)
}

// firstLine is the beginning of a text, as much as fits in a terminal's line.
func firstLine(text string) string {
	const most = 110 // characters
	line, _, _ := strings.Cut(text, "\n")
	if letters := []rune(line); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return line
}
