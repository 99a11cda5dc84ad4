package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"smileybot/bot"
	"smileybot/bot/message"
	"smileybot/config"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	databases "smileybot/store/database"
	"smileybot/transfer"
)

type scoreCommand struct {
	Metric string   `arg:"" help:"nps, csat (smileys), csat5 (1–5), smileys, ces, nls, reviews or service."`
	Words  []string `arg:"" optional:"" name:"period filter" help:"A period, English or Dutch, and filters. Default: month."`
	JSON   bool     `name:"json" help:"Print one JSON object, for machines."`
}

// Help is printed by --help.
func (scoreCommand) Help() string {
	return `Periods, in English or Dutch: today, this week, last month, last 30 days, Q3, Q3 2025, week 46, October,
Nov 2025, 1 Oct to 15 Oct, since October, 2026-10-05, 2026-10..2026-11, ytd, all. Filters: channel:chat,
agent:Bart (an id, a name or how it begins), by channel, by agent, eu (nps). It works next to a running
serve.

Examples:

	smileybot score nps month
	smileybot score csat last week by channel
	smileybot score smileys 2026-Q3 'agent:"Bart de Vries"' --json
`
}

// Run prints the score.
func (c scoreCommand) Run(ctx context.Context, s streams) error {
	if c.asksForHelp() {
		_, err := fmt.Fprint(s.out, c.Help())
		return err
	}
	settings, err := s.loadConfig(config.Bot)
	if err != nil {
		return err
	}
	now := time.Now()
	query, err := c.parse(office.DayOf(now, settings.Location))
	if err != nil {
		return err
	}
	query.Now = now
	database, err := databases.OpenExisting(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	defer database.Close()
	var report any // for --json
	var text string
	switch speaker := bot.Renderer(settings); {
	case query.Metric == score.MetricService:
		if err := database.SameHours(ctx); err != nil {
			return err
		}
		r, err := database.ServiceReport(ctx, query)
		if err != nil {
			return queryError(err)
		}
		report, text = transfer.ServiceJSON(r), speaker.ServiceText(r, now)
	case c.JSON:
		r, err := database.Report(ctx, query)
		if err != nil {
			return queryError(err)
		}
		report = transfer.ScoreJSON(r)
	default:
		reports, err := database.Reports(ctx, query)
		if err != nil {
			return queryError(err)
		}
		text = speaker.ScoreText(reports, now)
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(report)
	}
	_, err = fmt.Fprintln(s.out, plainText(text))
	return err
}

// scoreExamples follow every mistake in a query.
const scoreExamples = "Try: 'smileybot score nps month', 'smileybot score csat last week by channel', 'smileybot score smileys 2026-Q3 channel:chat'"

// asksForHelp reports whether help was typed in place of a period.
func (c scoreCommand) asksForHelp() bool {
	return len(c.Words) == 1 && slices.Contains([]string{"help", "hulp", "?"}, strings.ToLower(c.Words[0]))
}

// parse returns the query. One argument of the shell may be several words.
func (c scoreCommand) parse(today office.Day) (score.Query, error) {
	metric, err := score.ParseMetric(c.Metric)
	if err != nil {
		return score.Query{}, usageErrorf("%q is %w. %s", clip(c.Metric), err, scoreExamples)
	}
	query, err := score.ParseQuery(metric, strings.Join(quoteAgain(c.Words), " "), today)
	if err == nil && query.Share {
		return score.Query{}, usageErrorf("“share” is for Slack: here there is no channel to share it with. %s", scoreExamples)
	}
	return query, queryError(err)
}

// quoteAgain restores the quotes that the shell removes: it turns agent:"Bart de Vries" into one word
// with spaces in it.
func quoteAgain(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		name, value, filter := strings.Cut(word, ":")
		if filter && strings.ContainsFunc(value, unicode.IsSpace) && !score.Quoted(value) && !strings.ContainsFunc(name, unicode.IsSpace) {
			word = name + `:"` + value + `"`
		}
		quoted[i] = word
	}
	return quoted
}

// queryError explains a mistake in the query, and returns other errors as they are.
func queryError(err error) error {
	mistake, ok := errors.AsType[*score.QueryError](err)
	if !ok {
		return err
	}
	said := message.NewRenderer(message.Options{}).NoPeriod(mistake)
	if !strings.HasSuffix(said, "?") {
		said += "."
	}
	return usageErrorf("%s %s", said, scoreExamples)
}

// clip cuts a word for an error message.
func clip(word string) string {
	const maxRunes = 40
	if runes := []rune(word); len(runes) > maxRunes {
		return string(runes[:maxRunes]) + "…"
	}
	return word
}

// plainText turns Slack's mrkdwn into text for a terminal: a date becomes its fallback, and nothing is
// escaped.
func plainText(mrkdwn string) string {
	dates := regexp.MustCompile(`<!date\^[^|>]*\|([^>]*)>`)
	return html.UnescapeString(dates.ReplaceAllString(mrkdwn, "$1"))
}
