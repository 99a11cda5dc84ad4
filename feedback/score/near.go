package score

import (
	"regexp"
	"slices"
	"strings"

	"smileybot/feedback"
)

// mostNear bounds the words that are offered.
const mostNear = 3

// offered are the words of a query that are offered to a person who typed something like them; # is a
// number.
var offered = strings.Split( //nolint:gochecknoglobals // a list that never changes
	"today|yesterday|week|month|quarter|year|this week|this month|this quarter|this year|"+
		"last week|last month|last quarter|last year|last # days|# days|past week|past month|since|everything|"+
		"vandaag|gisteren|maand|kwartaal|jaar|deze week|deze maand|dit kwartaal|dit jaar|"+
		"vorige week|vorige maand|vorig kwartaal|vorig jaar|laatste # dagen|# dagen|afgelopen week|afgelopen maand|sinds|alles|"+
		"january|february|march|april|may|june|july|august|september|october|november|december|"+
		"januari|februari|maart|mei|juni|juli|augustus|oktober|"+
		"week #|quarter #|kwartaal #|share|delen", "|")

// nearest are the words that may be meant instead of those that were not understood: all are as near,
// and the query is understood with them.
func (m misread) nearest(words []string, understood func(instead []string) bool) []string {
	typed := m.of(words)
	fits := func(candidate string) bool {
		var instead []string
		for i, word := range words {
			if i == m.at[0] {
				instead = append(instead, split(candidate)...)
			}
			if !slices.Contains(m.at, i) {
				instead = append(instead, word)
			}
		}
		return understood(instead)
	}
	if filter := channelFilter + string(channelOf(typed)); filter != channelFilter && fits(filter) {
		return []string{filter} // the channel alone was typed
	}
	switch {
	case m.reason == ReasonNoGroups:
		return Nearest(typed, groupWords, fits)
	case m.reason == ReasonNoChannel, m.reason == ReasonUnknown && strings.Contains(typed, ":"):
		if near := Nearest(typed, channelFilters(), fits); near != nil {
			return near
		}
		return nearestAgentFilter(typed, fits)
	case m.reason == ReasonUnknown:
		return Nearest(typed, append(offered, groupWords...), fits)
	default:
		return nil
	}
}

// groupWords are the ways to divide an answer, in both languages.
var groupWords = []string{"by channel", "by agent", "per kanaal", "per medewerker"} //nolint:gochecknoglobals // a list that never changes

const channelFilter = "channel:"

// channelFilters are all filters by a channel, in both languages.
func channelFilters() []string {
	var all []string
	for _, filter := range []string{channelFilter, "kanaal:"} {
		for _, channel := range feedback.Channels() {
			all = append(all, filter+string(channel))
		}
	}
	return all
}

// nearestAgentFilter is a filter by an agent whose name was mistyped: agent:Bart for agnet:Bart.
func nearestAgentFilter(typed string, fits func(filter string) bool) []string {
	name, agent, _ := strings.Cut(strings.ReplaceAll(typed, `"`, ""), ":")
	filter := func(name string) string { return name + agentFilter(strings.TrimSpace(agent)) }
	near := Nearest(name, []string{"agent", "medewerker"}, func(name string) bool { return fits(filter(name)) })
	for i, name := range near {
		near[i] = filter(name)
	}
	return near
}

var numbers = regexp.MustCompile(`\d+`)

// Nearest picks the known words that a typed word may mean, at most three that are equally near: those
// that it begins, or those that a slip of the fingers makes of it. A slip is one wrong, missing, added or
// swapped letter; a word of six letters or more may have two, one of eleven or more three. A # in a known
// word is a number, and is offered as it was typed. Words that do not fit are left out.
func Nearest(typed string, known []string, fits func(word string) bool) []string {
	typed = Fold(typed)
	digits := numbers.FindAllString(typed, -1)
	pattern := strings.ReplaceAll(numbers.ReplaceAllString(typed, "#"), " ", "")
	const shortest, longest = 3, 40
	length := len([]rune(pattern))
	if length < shortest || length > longest {
		return nil
	}
	most, best := 1+(length-1)/5, []string(nil)
	for _, word := range known {
		distance := feedback.Distance(pattern, strings.ReplaceAll(Fold(word), " ", ""))
		if strings.HasPrefix(word, typed+" ") {
			distance = 0
		}
		if distance > most || strings.Count(word, "#") != len(digits) {
			continue
		}
		for _, number := range digits {
			word = strings.Replace(word, "#", number, 1)
		}
		if !fits(word) {
			continue
		}
		if distance < most {
			most, best = distance, nil
		}
		if len(best) < mostNear {
			best = append(best, word)
		}
	}
	return best
}
