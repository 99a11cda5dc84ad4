package message

import (
	"cmp"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// toldGroups are what an answer is divided into, a line each.
type toldGroups struct {
	per   score.GroupBy
	lines []line
	// rest is what is in no group, empty when nothing is.
	rest string
}

// scoreGroups says the groups of a report.
func (s *Speaker) scoreGroups(r score.Report) toldGroups {
	told := toldGroups{per: r.GroupBy}
	unnamed := r.Score.N
	for _, group := range r.Groups {
		told.lines = append(told.lines, s.groupLine(r.GroupBy, group))
		unnamed -= group.Score.N
	}
	if r.GroupBy == score.ByAgent && unnamed > 0 {
		told.rest = s.say("groups_unnamed", values{"n": unnamed})
	}
	return told
}

// grouped lists as many groups as there is room for under a head that says what they
// are, and counts those left out. It ranks nobody: they come in alphabetical order.
func (s *Speaker) grouped(told toldGroups, room int, size func(line) int) line {
	if len(told.lines) == 0 {
		return nil
	}
	fit := fitting(told.lines, max(room, 0), func(l line) int { return size(l) + len("\n") })
	l := bold(s.say("groups_" + string(told.per)))
	for _, group := range told.lines[:fit] {
		l.text("\n")
		l.join(group)
	}
	if more := len(told.lines) - fit; more > 0 {
		l.text("\n" + s.say("groups_more", values{"n": more}))
	}
	if told.rest != "" {
		l.text("\n" + told.rest)
	}
	return l
}

// groupLine is one group: its score between the ends of its interval, and the number
// of answers.
func (s *Speaker) groupLine(per score.GroupBy, g score.Group) line {
	in := values{"name": bold(s.groupWord(per, g.Name)), "answers": s.answersWord(g.Score.N)}
	if !g.Score.Enough() {
		return s.line("group_few", in)
	}
	in["score"] = s.figure(g.Score)
	low, high, ok := g.Score.IntervalText()
	if !ok {
		return s.line("group_alike", in)
	}
	in["low"], in["high"] = s.number(low), s.number(high)
	return s.line("group", in)
}

func (s *Speaker) groupWord(per score.GroupBy, name string) string {
	if per == score.ByChannel {
		return s.channelWord(feedback.Channel(name))
	}
	return agentWord(name)
}

// agentWord is the name of an agent, as it stands in a list of facts. Of one who is
// known by an e-mail address alone it is what stands before the at sign.
func agentWord(agent string) string {
	const maxAgent = 60
	local, _, _ := strings.Cut(agent, "@")
	return phrase(cmp.Or(name(feedback.Person{Name: agent}), name(feedback.Person{Name: local})), maxAgent)
}
