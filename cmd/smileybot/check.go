package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smileybot/bot"
	"smileybot/bot/selfcheck"
	"smileybot/config"
)

type checkCommand struct {
	Post bool   `help:"Also post a test message in the support channel."`
	URL  string `name:"url" placeholder:"URL" help:"Also check that a running bot is reached at this address."`
}

func (checkCommand) Help() string {
	return `It works next to a running serve, with the same settings. The exit status is 1 when something
fails and 2 when the settings are wrong.

Example:

	smileybot check --post --url https://bot.example.org
`
}

// Run runs the self-check and prints a line for each result.
func (c checkCommand) Run(ctx context.Context, s streams) error {
	publicURL, ok := baseURL(c.URL, "https", "http")
	if c.URL != "" && !ok {
		return usageErrorf("--url must be the address at which the bot is reached, for example 'smileybot check --url https://bot.example.org'")
	}
	settings, err := bot.LoadConfig(config.All)
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		for _, unknown := range bot.UnknownResults(settings) {
			s.printResult(unknown)
		}
		fmt.Fprintf(s.out, "FAIL  settings: mistakes: %d, listed on standard error\n", len(mistakes))
	}
	if err != nil {
		return err
	}
	o := bot.SelfCheckOptions(settings)
	o.Post, o.PublicURL = c.Post, publicURL
	failed := false
	for _, r := range fewFiles(fileLimit()) {
		s.printResult(r)
	}
	selfcheck.Run(ctx, o, func(r selfcheck.Result) {
		failed = failed || r.Failed
		s.printResult(r)
	})
	switch {
	case cancelled(ctx):
		return errors.New("stopped before the end")
	case failed:
		return errReported
	default:
		return nil
	}
}

// printResult prints a result of the self-check.
func (s streams) printResult(r selfcheck.Result) {
	mark, text := "ok   ", r.Text
	switch {
	case r.Failed:
		mark = "FAIL "
	case r.Warning:
		mark = "warn "
	}
	if r.Remedy != "" {
		text += "; " + r.Remedy
	}
	fmt.Fprintln(s.out, mark, withoutSecrets(oneLine(strings.Join(strings.Fields(text), " "))))
	for _, line := range r.Details {
		fmt.Fprintln(s.out, "     ", oneLine(line))
	}
}
