package score

import (
	"errors"
	"fmt"
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
	// Agent is the id of the rated agent, the name or how it begins; empty for all agents.
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
	ReasonUnknown     QueryReason = "unknown"      // No words for anything.
	ReasonNoDate      QueryReason = "no_date"      // No date of the calendar.
	ReasonNoWeek      QueryReason = "no_week"      // No week of that year.
	ReasonAmbiguous   QueryReason = "ambiguous"    // A date of which the day or the month may come first.
	ReasonFuture      QueryReason = "future"       // A period that has not begun yet.
	ReasonBackwards   QueryReason = "backwards"    // A period that ends before it begins.
	ReasonLength      QueryReason = "length"       // Not 1 to [LongestDays] days.
	ReasonNoChannel   QueryReason = "channel"      // A filter by a channel that there is not.
	ReasonTwoChannels QueryReason = "two_channels" // A second channel.
	ReasonNoAgent     QueryReason = "agent"        // A filter by an agent without ratings.
	ReasonManyAgents  QueryReason = "many_agents"  // A filter by the beginning of several agents' names.
	ReasonTwoAgents   QueryReason = "two_agents"   // A second agent.
	ReasonNoName      QueryReason = "no_name"      // A filter by an agent without a name.
	ReasonNoGroups    QueryReason = "no_groups"    // Groups by something that there is not.
	ReasonTwoGroups   QueryReason = "two_groups"   // Groups by channel and by agent.
	ReasonNotNPS      QueryReason = "not_nps"      // The European score of something else than NPS.
)

// QueryReasons lists the reasons.
func QueryReasons() []QueryReason {
	return []QueryReason{
		ReasonUnknown, ReasonNoDate, ReasonNoWeek, ReasonAmbiguous, ReasonFuture, ReasonBackwards, ReasonLength, ReasonNoChannel,
		ReasonTwoChannels, ReasonNoAgent, ReasonManyAgents, ReasonTwoAgents, ReasonNoName, ReasonNoGroups, ReasonTwoGroups, ReasonNotNPS,
	}
}

// QueryError reports words that were not understood. The text for the person who typed them is not
// part of it.
type QueryError struct {
	Word   string // What was not understood, as it was typed, cut at 40 characters.
	Reason QueryReason
	// Near are words that may be meant instead, the nearest first. In their place the query is
	// understood.
	Near []string
}

// Error has the words and the code: “2025-W53” is not understood (no_week).
func (e *QueryError) Error() string {
	return fmt.Sprintf("“%s” is not understood (%s)", e.Word, e.Reason)
}

// ParseQuery reads the words after a metric: a period (see [ParsePeriod]) and in any order
// channel:chat, agent:Bart, agent:"Bart de Vries" (quotes of any sort), by channel, by agent, eu (for
// NPS) and share; in Dutch kanaal:, medewerker:, per kanaal, per medewerker, delen, and the Dutch names
// of the channels. Any error is a [*QueryError] with the fewest words that were not understood. It does
// not look up whether an agent is known.
func ParseQuery(metric Metric, text string, today office.Day) (Query, error) {
	words := split(text)
	q, wrong := parseQuery(metric, words, today)
	if wrong == nil {
		return q, nil
	}
	return Query{}, &QueryError{
		Word: quotable(wrong.of(words)), Reason: wrong.reason,
		Near: wrong.nearest(words, func(instead []string) bool {
			_, wrong := parseQuery(metric, instead, today)
			return wrong == nil
		}),
	}
}

// misread are the words of a query, by their places, that were not understood.
type misread struct {
	reason QueryReason
	at     []int
}

// of are the words themselves.
func (m misread) of(words []string) string {
	picked := make([]string, len(m.at))
	for i, place := range m.at {
		picked[i] = words[place]
	}
	return strings.Join(picked, " ")
}

func parseQuery(metric Metric, words []string, today office.Day) (Query, *misread) {
	q := Query{Metric: metric}
	var rest []int
	for at := 0; at < len(words); {
		n, reason := q.parseOption(words[at:])
		if reason != "" {
			return Query{}, &misread{reason, sequence(at, n)}
		}
		if n == 0 {
			rest, n = append(rest, at), 1
		}
		at += n
	}
	period, wrong := periodOf(words, rest, today)
	q.Period = period
	return q, wrong
}

// sequence are n numbers from the first on.
func sequence(first, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = first + i
	}
	return all
}

// parseOption reads the first words unless they belong to the period; n is how many it has read, or
// how many are wrong for that reason.
func (q *Query) parseOption(words []string) (n int, reason QueryReason) {
	switch first := squeeze(words[0]); first {
	case "share", "delen", "deel":
		q.Share = true
		return 1, ""
	case "eu":
		if q.Metric.Kind() != feedback.KindNPS {
			return 1, ReasonNotNPS
		}
		q.Metric = MetricNPSEU
		return 1, ""
	case "by", "per":
		return q.parseGroupBy(words)
	default:
		return q.parseFilter(words)
	}
}

// parseGroupBy reads by channel and by agent.
func (q *Query) parseGroupBy(words []string) (n int, reason QueryReason) {
	asked := words[:min(2, len(words))]
	var known GroupBy
	switch squeeze(asked[len(asked)-1]) {
	case "channel", "channels", "kanaal", "kanalen":
		known = ByChannel
	case "agent", "agents", "medewerker", "medewerkers", "collega":
		known = ByAgent
	default:
		return len(asked), ReasonNoGroups
	}
	if q.GroupBy != ByNothing && q.GroupBy != known {
		return len(asked), ReasonTwoGroups
	}
	q.GroupBy = known
	return len(asked), ""
}

// parseFilter reads channel:… and agent:…, also with a space after the colon.
func (q *Query) parseFilter(words []string) (n int, reason QueryReason) {
	name, value, found := strings.Cut(words[0], ":")
	n = 1
	if found && value == "" && len(words) > 1 {
		value, n = words[1], 2
	}
	value = feedback.Said(strings.Join(strings.Fields(strings.ReplaceAll(value, `"`, "")), " "))
	switch name := squeeze(name); {
	case !found:
		return 0, ""
	case name == "channel" || name == "kanaal":
		channel := channelOf(value)
		if channel == "" {
			return n, ReasonNoChannel
		}
		if q.Filter.Channel != "" && q.Filter.Channel != channel {
			return n, ReasonTwoChannels
		}
		q.Filter.Channel = channel
		return n, ""
	case name == "agent" || name == "medewerker" || name == "collega":
		if value == "" {
			return n, ReasonNoName
		}
		if q.Filter.Agent != "" && Fold(q.Filter.Agent) != Fold(value) {
			return n, ReasonTwoAgents
		}
		q.Filter.Agent = value
		return n, ""
	default:
		return 0, ""
	}
}

// channelOf is the channel with that English or Dutch name, empty when there is none.
func channelOf(name string) feedback.Channel {
	switch word := strings.TrimPrefix(squeeze(name), "#"); word {
	case "e-mail", "mail":
		return feedback.ChannelEmail
	case "telefoon":
		return feedback.ChannelPhone
	case "controlpanel", "control-panel", "klantenpaneel", "klantpaneel", "controlepaneel", "paneel":
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

// periodOf reads the words of a period, which are those at these places. What is misread are the fewest
// words: in "month gibberish" that is "gibberish".
func periodOf(words []string, at []int, today office.Day) (Period, *misread) {
	read := func(at []int) (Period, *misread) {
		period, err := ParsePeriod(misread{at: at}.of(words), today)
		if wrong, failed := errors.AsType[*QueryError](err); failed {
			return period, &misread{wrong.Reason, at}
		}
		return period, nil
	}
	whole, wrong := read(at)
	if wrong == nil || wrong.reason != ReasonUnknown {
		return whole, wrong
	}
	const longest = 8 // words in the longest period
	for n := min(longest, len(at)-1); n > 0; n-- {
		for _, known := range []struct{ period, rest []int }{{at[:n], at[n:]}, {at[len(at)-n:], at[:len(at)-n]}} {
			if _, strange := read(known.period); strange == nil {
				return Period{}, &misread{ReasonUnknown, known.rest}
			}
		}
	}
	return whole, wrong
}

// AgentUnknown reports that no rated agent has that name or id, with the nearest names.
func AgentUnknown(agent string, near ...string) error { return agentError(ReasonNoAgent, agent, near) }

// AgentsAlike reports that the names of several agents begin like that, with these.
func AgentsAlike(agent string, names ...string) error {
	return agentError(ReasonManyAgents, agent, names)
}

func agentError(reason QueryReason, agent string, names []string) error {
	e := &QueryError{Word: quotable("agent" + agentFilter(agent)), Reason: reason}
	for _, name := range names {
		e.Near = append(e.Near, "agent"+agentFilter(name))
	}
	return e
}

// agentFilter is the filter by an agent as it is typed, behind the word for agent.
func agentFilter(agent string) string {
	if strings.ContainsFunc(agent, unicode.IsSpace) {
		agent = `"` + agent + `"`
	}
	return ":" + agent
}
