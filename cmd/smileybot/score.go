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
	"unicode"

	"smileybot/bot"
	"smileybot/bot/message"
	"smileybot/config"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
)

type scoreCommand struct {
	Metric string   `arg:"" help:"nps, csat (smileys), csat5 (1–5), smileys, ces, nls, reviews or service."`
	Words  []string `arg:"" optional:"" name:"period filter" help:"A period, English or Dutch, and filters. Default: month."`
	JSON   bool     `name:"json" help:"Print one JSON object, for machines."`
}

// Help is printed by --help.
func (scoreCommand) Help() string {
	return `Periods: today, yesterday, week, month, quarter, year, last week (month, quarter, year), 30d, 2026,
2026-10, 2026-Q3, 2026-W46, 2026-10-05, 2026-10-01..2026-10-15. Filters: channel:chat, agent:Bart,
agent:"Bart de Vries" (id or name), by channel, by agent, eu (nps). It works beside a running serve.

Examples:

	smileybot score nps month
	smileybot score csat last week by channel
	smileybot score smileys 2026-Q3 'agent:"Bart de Vries"' --json
`
}

// Run prints the score; it reads the database that SMILEYBOT_DATABASE names.
func (c scoreCommand) Run(ctx context.Context, t terminal) error {
	settings, err := config.Load(config.Bot)
	if err != nil {
		return err
	}
	now := time.Now()
	asked, err := c.understand(feedback.DayOf(now, settings.Location))
	if err != nil {
		return err
	}
	kept, err := sqlite.OpenExisting(ctx, settings.Database, bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer kept.Close()
	if asked.Metric == feedback.MetricService {
		return c.service(ctx, t, kept, asked, bot.Speaker(settings), now)
	}
	if c.JSON {
		return printScoreJSON(ctx, t, kept, asked)
	}
	reports, err := kept.Reports(ctx, asked)
	if err != nil {
		return notUnderstood(err)
	}
	_, err = fmt.Fprintln(t.out, plainText(bot.Speaker(settings).ScoreText(reports, now)))
	return err
}

// scoreExamples are what works.
const scoreExamples = "these work: 'smileybot score nps month', 'smileybot score csat last week by channel', 'smileybot score smileys 2026-Q3 channel:chat'"

// understand reads the words. What the shell took for one word may be several.
func (c scoreCommand) understand(today feedback.Day) (feedback.Question, error) {
	metric, err := feedback.ParseMetric(c.Metric)
	if err != nil {
		return feedback.Question{}, misusef("%q is %w; %s", clip(c.Metric), err, scoreExamples)
	}
	asked, err := feedback.ParseQuestion(metric, strings.Join(requoted(c.Words), " "), today)
	if err == nil && asked.Share {
		return feedback.Question{}, misusef("“share” is for Slack: here there is no channel to share it with; %s", scoreExamples)
	}
	return asked, notUnderstood(err)
}

// requoted puts back the quotes that the shell took off: of agent:"Bart de Vries" it
// leaves one word with spaces in it.
func requoted(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		name, value, filter := strings.Cut(word, ":")
		if filter && strings.ContainsFunc(value, unicode.IsSpace) && !strings.ContainsAny(value, "\"“”„«»") && !strings.ContainsFunc(name, unicode.IsSpace) {
			word = name + `:"` + value + `"`
		}
		quoted[i] = word
	}
	return quoted
}

// notUnderstood says what was wrong with the words, if that is what was wrong.
func notUnderstood(err error) error {
	if strange, ok := errors.AsType[*feedback.QuestionError](err); ok {
		return misusef("%s; %s", message.NewSpeaker(message.Options{}).NoPeriod(strange), scoreExamples)
	}
	return err
}

// service prints how rated tickets were served.
func (c scoreCommand) service(ctx context.Context, t terminal, kept *store.Store, asked feedback.Question, speaker *message.Speaker, now time.Time) error {
	if err := kept.SameHours(ctx); err != nil {
		return err
	}
	report, err := kept.ServiceReport(ctx, asked)
	if err != nil {
		return notUnderstood(err)
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(report)
	}
	_, err = fmt.Fprintln(t.out, plainText(speaker.ServiceText(report, now)))
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

func printScoreJSON(ctx context.Context, t terminal, kept *store.Store, asked feedback.Question) error {
	report, err := kept.Report(ctx, asked)
	if err != nil {
		return notUnderstood(err)
	}
	return json.NewEncoder(t.out).Encode(report)
}

// plainText is Slack's mrkdwn for a terminal: a time as its fallback says, and
// nothing escaped.
func plainText(mrkdwn string) string {
	dates := regexp.MustCompile(`<!date\^[^|>]*\|([^>]*)>`)
	return html.UnescapeString(dates.ReplaceAllString(mrkdwn, "$1"))
}
