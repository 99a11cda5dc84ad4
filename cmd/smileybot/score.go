package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"

	"smileybot/bot"
	"smileybot/bot/message"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
)

type scoreCommand struct {
	Metric string   `arg:"" help:"nps, csat (smileys), csat5 (1–5), smileys, ces, nls or service."`
	Period []string `arg:"" optional:"" help:"A period, English or Dutch. Default: month."`
	JSON   bool     `name:"json" help:"Print one JSON object, for machines."`
}

// Help is printed by --help.
func (scoreCommand) Help() string {
	return `Periods: today, yesterday, week, month, quarter, year, last week (month, quarter, year), 30d, 2026,
2026-10, 2026-Q3, 2026-W46, 2026-10-05, 2026-10-01..2026-10-15. It works beside a running serve.

Examples:

	smileybot score nps month
	smileybot score csat last week
	smileybot score smileys 2026-Q3 --json
`
}

// Run prints the score; it reads the database that SMILEYBOT_DATABASE names.
func (c scoreCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	now := time.Now()
	metric, period, err := c.understand(feedback.DayOf(now, settings.Location))
	if err != nil {
		return err
	}
	kept, err := store.OpenBeside(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer kept.Close()
	if metric == metricService {
		return c.service(ctx, t, kept, period, bot.Speaker(settings), now)
	}
	if c.JSON {
		return printScoreJSON(ctx, t, kept, metric, period)
	}
	speaker := bot.Speaker(settings)
	reports, err := kept.Reports(ctx, metric, period)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, plainText(speaker.Score(reports, now).Text))
	return err
}

// understand reads the words.
func (c scoreCommand) understand(today feedback.Day) (feedback.Metric, feedback.Period, error) {
	const examples = "these work: 'smileybot score nps month', 'smileybot score csat last week', 'smileybot score smileys 2026-Q3'"
	metric, err := feedback.ParseMetric(c.Metric)
	if strings.EqualFold(strings.TrimSpace(c.Metric), string(metricService)) {
		metric, err = metricService, nil
	}
	if err != nil {
		return "", feedback.Period{}, misusef("%q is %w; %s", clip(c.Metric), err, examples)
	}
	period, err := feedback.ParsePeriod(strings.Join(c.Period, " "), today)
	if strange, ok := errors.AsType[*feedback.PeriodError](err); ok {
		return "", feedback.Period{}, misusef("%s; %s", message.NewSpeaker(message.Options{}).NoPeriod(strange), examples)
	}
	return metric, period, err
}

// metricService is asked for as the scores are, and is none: it has no tally.
const metricService feedback.Metric = "service"

// service prints how rated tickets were served.
func (c scoreCommand) service(ctx context.Context, t terminal, kept *store.Store, period feedback.Period, speaker *message.Speaker, now time.Time) error {
	report, err := kept.ServiceReport(ctx, period, feedback.Rater{})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(report)
	}
	_, err = fmt.Fprintln(t.out, plainText(speaker.Service(report, now).Text))
	return err
}

// clip bounds what a mistake repeats of what was typed.
func clip(word string) string {
	const most = 40 // characters
	if letters := []rune(word); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return word
}

func printScoreJSON(ctx context.Context, t terminal, kept *store.Store, metric feedback.Metric, period feedback.Period) error {
	report, err := kept.Report(ctx, metric, period)
	if err != nil {
		return err
	}
	return json.NewEncoder(t.out).Encode(report)
}

// plainText is Slack's mrkdwn for a terminal: a time as its fallback says, and
// nothing escaped.
func plainText(mrkdwn string) string {
	dates := regexp.MustCompile(`<!date\^[^|>]*\|([^>]*)>`)
	return html.UnescapeString(dates.ReplaceAllString(mrkdwn, "$1"))
}
