package message

import (
	"cmp"
	"fmt"
	"strings"

	"smileybot/feedback"
)

// groupsLine lists the groups of a report, as many as there is room for.
func (s *Speaker) groupsLine(r feedback.Report, room int, size func(line) int) line {
	var groups []line
	unnamed := r.Score.N
	for _, group := range r.Groups {
		groups = append(groups, s.groupLine(r.Per, group))
		unnamed -= group.Score.N
	}
	l := s.grouped(r.Per, groups, room, size)
	if r.Per == feedback.PerAgent && len(groups) > 0 && unnamed > 0 {
		l.text("\n" + s.say("groups_unnamed", values{"n": unnamed}))
	}
	return l
}

// grouped lists as many groups as there is room for under a head that says what they
// are, and counts the rest. It ranks nobody: they come in alphabetical order.
func (s *Speaker) grouped(per feedback.Per, groups []line, room int, size func(line) int) line {
	if len(groups) == 0 {
		return nil
	}
	fit := fitting(groups, max(room, 0), func(l line) int { return size(l) + len("\n") })
	l := bold(s.say("groups_" + string(per)))
	for _, group := range groups[:fit] {
		l.text("\n")
		l.join(group)
	}
	if more := len(groups) - fit; more > 0 {
		l.text("\n" + s.say("groups_more", values{"n": more}))
	}
	return l
}

// groupLine is one group: its score between the ends of its interval, and the number
// of answers.
func (s *Speaker) groupLine(per feedback.Per, g feedback.Group) line {
	in := values{"name": bold(s.groupWord(per, g.Name)), "answers": s.answersWord(g.Score.N)}
	if !g.Score.Enough() {
		return s.line("group_few", in)
	}
	in["score"] = g.Score.Figure()
	interval, ok := g.Score.Interval()
	if !ok {
		return s.line("group_alike", in)
	}
	low, high := interval.Whole()
	if g.Score.Metric.Net() {
		in["low"], in["high"] = signed(low), signed(high)
	} else {
		in["low"], in["high"] = fmt.Sprintf("%d%%", low), fmt.Sprintf("%d%%", high)
	}
	return s.line("group", in)
}

func (s *Speaker) groupWord(per feedback.Per, name string) string {
	if per == feedback.PerChannel {
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
