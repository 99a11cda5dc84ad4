package message

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Service answers how the rated tickets of a period were served, computed at that
// moment. Its text begins "Service: 34 min to the first reply". Of groups, as many are
// shown as have room.
func (s *Speaker) Service(r score.ServiceReport, computed time.Time) Answer {
	told := s.toldService(r)
	return Answer{
		Text:   flat(s.serviceBlocks(told, computed, maxTextBytes-scoreFrame, func(l line) int { return len(flatLine(l)) })),
		Blocks: s.serviceBlocks(told, computed, maxBlocksUnits-scoreFrame, lineUnits),
	}
}

// ServiceText is the text of Service with all groups: mrkdwn, for where there is room.
func (s *Speaker) ServiceText(r score.ServiceReport, computed time.Time) string {
	return flat(s.serviceBlocks(s.toldService(r), computed, math.MaxInt, func(line) int { return 0 }))
}

func (s *Speaker) toldService(r score.ServiceReport) toldScore {
	told := toldScore{head: s.serviceLine(r), groups: toldGroups{per: r.Per}}
	for _, group := range r.Groups {
		told.groups.lines = append(told.groups.lines, s.serviceGroup(r.Per, group))
	}
	return told
}

func (s *Speaker) serviceBlocks(told toldScore, computed time.Time, room int, size func(line) int) []slack.Block {
	blocks := s.scoreBlocks([]toldScore{told}, room, size)
	return append(blocks, slack.NewContextBlock("", plain(s.say("service_note"))), s.computedBlock(computed))
}

// serviceLine is all that is known of how tickets were served.
func (s *Speaker) serviceLine(r score.ServiceReport) line {
	l := bold(s.serviceWords(r.Count))
	for _, words := range []string{s.periodWords(r.Period), s.channelWord(r.Filter.Channel), agentWord(r.Filter.Agent)} {
		if words != "" {
			l.dot()
			l.text(words)
		}
	}
	for _, said := range []string{
		s.ticketsWords(r.Count),
		s.quantileWords("service_reply", r.Count.FirstReply),
		s.quantileWords("service_resolution", r.Count.Resolution),
		s.yesWords("service_within", r.Count.Within4h),
		s.yesWords("service_same_day", r.Count.SameDay),
		s.yesWords("service_one_reply", r.Count.OneReply),
		s.servedBefore(r.Previous),
	} {
		if said != "" {
			l.text("\n" + said)
		}
	}
	return l
}

// serviceGroup is one group: the medians that are known, and the number of tickets.
func (s *Speaker) serviceGroup(per score.GroupBy, g score.ServiceGroup) line {
	var facts []string
	if median, _, ok := g.Count.FirstReply.Quantiles(); ok {
		facts = append(facts, s.say("service_replied", values{"reply": s.officeTime(median)}))
	}
	if median, _, ok := g.Count.Resolution.Quantiles(); ok {
		facts = append(facts, s.say("service_solved", values{"solved": s.officeTime(median)}))
	}
	facts = append(facts, s.say("service_count", values{"n": g.Count.N}))
	if len(facts) == 1 {
		facts = append(facts, s.say("service_group_few"))
	}
	return s.line("service_group", values{"name": bold(s.groupWord(per, g.Name)), "facts": strings.Join(facts, ", ")})
}

// serviceWords are the figure that matters most, or that there is none.
func (s *Speaker) serviceWords(c score.ServiceCount) string {
	median, _, ok := c.FirstReply.Quantiles()
	switch {
	case ok:
		return s.say("service_head", values{"reply": s.officeTime(median)})
	case c.N < score.FewAnswers:
		return s.say("score_few", values{"metric": s.say("metric_service"), "count": c.N})
	default:
		return s.say("metric_service")
	}
}

func (s *Speaker) ticketsWords(c score.ServiceCount) string {
	words := s.say("service_tickets", values{"n": c.N})
	if c.N > 0 && c.N < score.FewAnswers {
		words += " " + s.say("service_few", values{"limit": score.FewAnswers})
	}
	return words
}

// quantileWords tell the median and within which time nine of ten were served.
func (s *Speaker) quantileWords(key string, d score.Durations) string {
	median, p90, ok := d.Quantiles()
	if !ok {
		return ""
	}
	return s.say(key, values{"median": s.officeTime(median), "p90": s.officeTime(p90)})
}

// yesWords tell a share with one decimal.
func (s *Speaker) yesWords(key string, y score.Ratio) string {
	share := y.PercentText()
	if share == "" {
		return ""
	}
	return s.say(key, values{"share": s.number(share), "all": s.count(y.All)})
}

// servedBefore tells the same of the period before, in short.
func (s *Speaker) servedBefore(before score.ServiceReading) string {
	days := score.Period{From: before.Period.From, To: before.Period.To, Unit: score.UnitRange}
	was := s.serviceWords(before.Count)
	if median, _, ok := before.Count.Resolution.Quantiles(); ok {
		was = joinedBy(", ", was, s.say("service_solved", values{"solved": s.officeTime(median)}))
	}
	return s.say("previous", values{"period": s.periodWords(days), "score": was})
}

// officeTime is a number of minutes as people say it: 34 min, 2 h, 2 h 5 min.
func (s *Speaker) officeTime(minutes int) string {
	const hour = 60
	h, m := strconv.Itoa(minutes/hour), strconv.Itoa(minutes%hour)
	switch {
	case minutes < hour:
		return s.say("office_minutes", values{"minutes": m})
	case minutes%hour == 0:
		return s.say("office_hours", values{"hours": s.number(h)})
	default:
		return s.say("office_hours_minutes", values{"hours": s.number(h), "minutes": m})
	}
}
