package message

import (
	"cmp"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// groupList is what an answer is divided into, a line each.
type groupList struct {
	per   score.GroupBy
	lines []line
	// rest counts what is in no group; it is empty if that is nothing.
	rest string
}

func (r *Renderer) groupLines(report score.Report) groupList {
	groups := groupList{per: report.GroupBy, rest: r.unnamedWords(report)}
	for _, group := range report.Groups {
		groups.lines = append(groups.lines, r.groupLine(report.GroupBy, group))
	}
	return groups
}

// unnamedWords count the answers that name no agent; they are empty without any.
func (r *Renderer) unnamedWords(report score.Report) string {
	unnamed := report.Score.N
	for _, group := range report.Groups {
		unnamed -= group.Score.N
	}
	if report.GroupBy != score.ByAgent || unnamed <= 0 {
		return ""
	}
	return r.text("groups_unnamed", values{"n": unnamed})
}

// grouped lists as many groups as there is room for under a head that says what they are, and
// counts the rest. They are in alphabetical order: it ranks no one.
func (r *Renderer) grouped(groups groupList, room int, size func(line) int) line {
	if len(groups.lines) == 0 {
		return nil
	}
	fits := countThatFit(groups.lines, max(room, 0), func(l line) int { return size(l) + len("\n") })
	l := bold(r.text("groups_" + string(groups.per)))
	for _, group := range groups.lines[:fits] {
		l.text("\n")
		l.join(group)
	}
	if more := len(groups.lines) - fits; more > 0 {
		l.text("\n" + r.text("groups_more", values{"n": more}))
	}
	if groups.rest != "" {
		l.text("\n" + groups.rest)
	}
	return l
}

func (r *Renderer) groupLine(per score.GroupBy, g score.Group) line {
	in := values{"name": bold(r.groupWord(per, g.Name)), "answers": r.basisWords(g.Score)}
	if !g.Score.Enough() {
		return r.line("group_few", in)
	}
	in["score"] = r.figure(g.Score)
	low, high, _ := g.Score.IntervalText()
	in["low"], in["high"] = r.number(low), r.number(high)
	l := r.line("group", in)
	if g.Significance() == score.Significant {
		l.text(", " + r.changedWords(g.Report))
	}
	return l
}

func (r *Renderer) groupWord(per score.GroupBy, name string) string {
	if per == score.ByChannel {
		return r.channelWord(feedback.Channel(name))
	}
	return agentWord(name)
}

// agentWord is the name of an agent in a list of facts. An agent known by an e-mail address alone
// is called by the part before the at sign.
func agentWord(agent string) string {
	const maxAgent = 60
	local, _, _ := strings.Cut(agent, "@")
	return phrase(cmp.Or(name(feedback.Person{Name: agent}), name(feedback.Person{Name: local})), maxAgent)
}
