package main

import (
	"context"
	"io"
	"log/slog"
	"net"

	"smileybot/bot/logbuffer"
	"smileybot/bot/message"
	"smileybot/demo"
)

type demoCommand struct {
	Once   *int   `placeholder:"N" help:"Play N customers quickly, print the channel and the score, and stop."`
	Seed   uint64 `default:"1" help:"Selects the customers; the same seed gives the same customers."`
	Listen string `default:"127.0.0.1:0" placeholder:"ADDR" help:"The address of the page and the webhooks. Default: a free port of this machine."`

	Language message.Language `enum:"en,nl" default:"en" help:"The language of the bot: en or nl."`
}

func (demoCommand) Help() string {
	return `The bot is the real one. Slack is a stand-in within this program, and the database is a temporary
one with 13 months of history; nothing is left behind. The environment is not read.

Examples:

	smileybot demo
	smileybot demo --language nl
	smileybot demo --once 20
`
}

// Run plays the demo.
func (c demoCommand) Run(ctx context.Context, s streams) error {
	o := demo.Options{Seed: c.Seed, Listen: c.Listen, Language: c.Language, Version: readBuild().version}
	if c.Once != nil {
		o.Once = *c.Once
		if o.Once < 1 || o.Once > demo.MaxOnce {
			return usageErrorf("--once takes 1 to %d customers, for example 'smileybot demo --once 20'", demo.MaxOnce)
		}
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return usageErrorf("--listen must be host:port, for example 127.0.0.1:8080")
	}
	// Its files are removed at the end, also when it ends because no one reads it any more.
	keepRunning()
	ctx, end := context.WithCancel(ctx)
	defer end()
	lines := logbuffer.New(s.err, func(w io.Writer) slog.Handler {
		return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})
	})
	defer lines.Close(lastWords)
	o.Log = slog.New(lines)
	return demo.Run(ctx, o, endingOutput{s.out, end})
}
