package score

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Filter chooses the answers that count. The zero Filter chooses all.
type Filter struct {
	// Channel is empty for all channels.
	Channel feedback.Channel
	// Agent is the id or the name of the rated agent, in any case; empty for all agents.
	Agent string
}

// GroupBy is how an answer is divided.
type GroupBy string

// The ways to divide an answer. The zero GroupBy is ByNothing.
const (
	ByNothing GroupBy = ""
	ByChannel GroupBy = "channel"
	ByAgent   GroupBy = "agent"
)

// Query is a question about a score.
type Query struct {
	Metric  Metric
	Period  Period
	Filter  Filter
	GroupBy GroupBy
	// Share shows the answer to the whole channel.
	Share bool
	// Now is when it is asked, for [Period.PreviousAt]. A query without it compares whole days.
	Now time.Time
	// GroupsNow leaves out the groups of the period before, for an answer that does not show them.
	GroupsNow bool
}

// NewQuery is a query for a metric over a period, without a filter.
func NewQuery(metric Metric, period Period) Query { return Query{Metric: metric, Period: period} }

// Personal reports whether the answer shows how single agents are rated.
func (q Query) Personal() bool { return q.Filter.Agent != "" || q.GroupBy == ByAgent }

// QueryReason is a code for why words were not understood.
type QueryReason string

// The reasons.
const (
	ReasonUnknown   QueryReason = "unknown"   // No words for anything.
	ReasonNoDate    QueryReason = "no_date"   // No date of the calendar.
	ReasonNoWeek    QueryReason = "no_week"   // No week of that year.
	ReasonFuture    QueryReason = "future"    // A period that has not begun yet.
	ReasonBackwards QueryReason = "backwards" // A period that ends before it begins.
	ReasonLength    QueryReason = "length"    // Not 1 to [LongestDays] days.
	ReasonNoChannel QueryReason = "channel"   // A filter by a channel that there is not.
	ReasonNoAgent   QueryReason = "agent"     // A filter by an agent without ratings.
)

// QueryError reports words that were not understood. The text for the person who typed them is not
// part of it.
type QueryError struct {
	Word   string // What was not understood, as it was typed, cut at 40 characters.
	Reason QueryReason
}

// Error has the words and the code: “2025-W53” is not understood (no_week).
func (e *QueryError) Error() string {
	return fmt.Sprintf("“%s” is not understood (%s)", e.Word, e.Reason)
}

// ParseQuery reads the words after a metric: a period (see [ParsePeriod]) and in any order
// channel:chat, agent:Bart, agent:"Bart de Vries" (straight or curly quotes), by channel, by agent,
// eu (for NPS) and share; in Dutch kanaal:, medewerker:, per kanaal, per medewerker, and the Dutch
// names of the channels. Any error is a [*QueryError] with the fewest words that were not
// understood. It does not look up whether an agent is known.
func ParseQuery(metric Metric, text string, today office.Day) (Query, error) {
	q := Query{Metric: metric}
	var rest []string
	for words := split(text); len(words) > 0; {
		n, err := q.parseOption(words)
		if err != nil {
			return Query{}, err
		}
		if n == 0 {
			rest, n = append(rest, words[0]), 1
		}
		words = words[n:]
	}
	period, err := periodOf(rest, today)
	if err != nil {
		return Query{}, err
	}
	q.Period = period
	return q, nil
}

// parseOption reads the first words unless they belong to the period; n is how many it has read.
func (q *Query) parseOption(words []string) (n int, err error) {
	switch first := normalize(words[0]); first {
	case "share":
		q.Share = true
		return 1, nil
	case "eu":
		if q.Metric.Kind() != feedback.KindNPS {
			return 0, newQueryError(ReasonUnknown, words[0])
		}
		q.Metric = MetricNPSEU
		return 1, nil
	case "by", "per":
		return q.parseGroupBy(words)
	default:
		return q.parseFilter(words)
	}
}

// parseGroupBy reads by channel and by agent.
func (q *Query) parseGroupBy(words []string) (n int, err error) {
	asked, known := words[:min(2, len(words))], ByNothing
	if len(words) > 1 {
		switch normalize(words[1]) {
		case "channel", "kanaal":
			known = ByChannel
		case "agent", "medewerker":
			known = ByAgent
		default:
		}
	}
	if known == ByNothing || q.GroupBy != ByNothing && q.GroupBy != known {
		return 0, newQueryError(ReasonUnknown, asked...)
	}
	q.GroupBy = known
	return len(asked), nil
}

// parseFilter reads channel:… and agent:…, also with a space after the colon.
func (q *Query) parseFilter(words []string) (n int, err error) {
	name, value, found := strings.Cut(words[0], ":")
	n = 1
	if found && value == "" && len(words) > 1 {
		value, n = words[1], 2
	}
	value = feedback.Said(strings.TrimSpace(strings.ReplaceAll(value, `"`, "")))
	typed := words[:n]
	switch name := normalize(name); {
	case !found:
		return 0, nil
	case name == "channel" || name == "kanaal":
		channel := channelOf(value)
		if channel == "" {
			return 0, newQueryError(ReasonNoChannel, typed...)
		}
		if q.Filter.Channel != "" && q.Filter.Channel != channel {
			return 0, newQueryError(ReasonUnknown, typed...)
		}
		q.Filter.Channel = channel
		return n, nil
	case name == "agent" || name == "medewerker":
		if value == "" || q.Filter.Agent != "" && !strings.EqualFold(q.Filter.Agent, value) {
			return 0, newQueryError(ReasonUnknown, typed...)
		}
		q.Filter.Agent = value
		return n, nil
	default:
		return 0, nil
	}
}

// channelOf is the channel with that English or Dutch name, empty when there is none.
func channelOf(name string) feedback.Channel {
	switch word := normalize(name); word {
	case "e-mail", "mail":
		return feedback.ChannelEmail
	case "telefoon":
		return feedback.ChannelPhone
	case "klantenpaneel", "klantpaneel":
		return feedback.ChannelPanel
	case "beoordeling", "recensie":
		return feedback.ChannelReview
	default:
		if channel := feedback.Channel(word); channel.Known() {
			return channel
		}
		return ""
	}
}

// split divides a text into words at its spaces, except between quotes. Curly quotes become
// straight ones. Words that say nothing are left out.
func split(text string) []string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("“”„‟«»", r) {
			return '"'
		}
		return r
	}, text)
	quoted := false
	words := strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return unicode.IsSpace(r) && !quoted
	})
	return slices.DeleteFunc(words, func(word string) bool { return !feedback.Says(word) })
}

// periodOf reads the words of a period. The error has the fewest words that were not understood: in
// "month gibberish" that is "gibberish".
func periodOf(words []string, today office.Day) (Period, error) {
	whole, err := ParsePeriod(strings.Join(words, " "), today)
	var wrong *QueryError
	if !errors.As(err, &wrong) || wrong.Reason != ReasonUnknown {
		return whole, err
	}
	const longest = 3 // words in the longest period
	for n := min(longest, len(words)-1); n > 0; n-- {
		for _, known := range []struct{ period, rest []string }{
			{words[:n], words[n:]},
			{words[len(words)-n:], words[:len(words)-n]},
		} {
			if _, err := ParsePeriod(strings.Join(known.period, " "), today); err == nil {
				return Period{}, newQueryError(ReasonUnknown, known.rest...)
			}
		}
	}
	return whole, err
}

// newQueryError reports words that were not understood.
func newQueryError(reason QueryReason, words ...string) error {
	return &QueryError{Word: quotable(strings.Join(words, " ")), Reason: reason}
}

// AgentUnknown reports that no rated agent has that name or id.
func AgentUnknown(agent string) error {
	if slices.ContainsFunc([]rune(agent), unicode.IsSpace) {
		agent = `"` + agent + `"`
	}
	return newQueryError(ReasonNoAgent, "agent:"+agent)
}
