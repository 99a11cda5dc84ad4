package message

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// Service answers how the rated tickets of a period were served: the figure that matters most, whether
// that has changed, then one number a line. Its text begins "Service: 34 min to the first reply".
// Groups are shown as far as there is room.
func (r *Renderer) Service(report score.ServiceReport, computed time.Time) Message {
	part := r.servicePart(report)
	m := Message{
		Text:   blocksMrkdwn(r.serviceBlocks(part, computed, maxTextBytes-scoreFrame, lineBytes)),
		Blocks: r.serviceBlocks(part, computed, maxBlocksUnits-scoreFrame, lineUnits),
	}
	if table := r.serviceTable(report); table != nil {
		m.Chartless = m.Blocks
		m.Blocks = append([]slack.Block{part.head.block()}, append(table, r.serviceFoot(computed)...)...)
	}
	return m
}

// ServiceText is the text of Service with all groups, as mrkdwn, for a terminal.
func (r *Renderer) ServiceText(report score.ServiceReport, computed time.Time) string {
	return blocksMrkdwn(r.serviceBlocks(r.servicePart(report), computed, math.MaxInt, lineBytes))
}

func (r *Renderer) servicePart(report score.ServiceReport) scorePart {
	part := scorePart{head: r.serviceLine(report), groups: groupList{per: report.GroupBy}}
	for _, group := range report.Groups {
		part.groups.lines = append(part.groups.lines, r.serviceGroup(report.GroupBy, group))
	}
	return part
}

func (r *Renderer) serviceBlocks(part scorePart, computed time.Time, room int, size func(line) int) []slack.Block {
	return append(r.scoreBlocks([]scorePart{part}, room, size), r.serviceFoot(computed)...)
}

func (r *Renderer) serviceFoot(computed time.Time) []slack.Block {
	return []slack.Block{contextBlock(r.text("service_note")), r.computedBlock(computed)}
}

// serviceTable are the groups as a table, nil without groups.
func (r *Renderer) serviceTable(report score.ServiceReport) []slack.Block {
	median := func(d score.Durations) string {
		if minutes, _, ok := d.Quantiles(); ok {
			return r.officeTime(minutes)
		}
		return ""
	}
	head := []string{
		r.text("table_" + string(report.GroupBy)), r.text("table_reply"), r.text("table_solved"), r.text("table_within"), r.text("table_tickets"),
	}
	var rows [][]string
	for _, g := range report.Groups {
		within := ""
		if g.Count.Within4h.Percent() != nil {
			within = percentOf(g.Count.Within4h.Yes, g.Count.Within4h.All)
		}
		rows = append(rows, []string{
			r.groupWord(report.GroupBy, g.Name), median(g.Count.FirstReply), median(g.Count.Resolution), within, r.count(g.Count.N),
		})
	}
	return r.groupTable(report.GroupBy, head, rows, "")
}

// serviceVerdict says whether more or fewer tickets than before were answered within 4 hours.
func (r *Renderer) serviceVerdict(report score.ServiceReport) line {
	quick := report.Quick()
	if !quick.Score.Enough() || report.Period.Unit == score.UnitAll {
		return nil
	}
	period := r.comparedWords(report.Previous.Period, report.Period)
	if !quick.Previous.Score.Enough() {
		return textLine(r.text("service_verdict_unknown", values{"period": period}))
	}
	in := values{"now": r.figure(quick.Score), "before": r.figure(quick.Previous.Score), "period": period}
	switch quick.Significance() {
	case score.Significant:
		in["verdict"] = bold(r.text("service_verdict_up"))
		if quick.Change().Sign() < 0 {
			in["verdict"] = bold(r.text("service_verdict_down"))
		}
		return r.line("service_verdict_clear", in)
	default:
		in["verdict"], in["chance"] = bold(r.text("verdict_noise")), r.amountWords(quick.Score.Metric, quick.ChanceText())
		if quick.ChanceText() == "0" {
			return r.line("service_verdict_same", in)
		}
		return r.line("service_verdict_chance", in)
	}
}

func (r *Renderer) serviceLine(report score.ServiceReport) line {
	l := bold(r.serviceWords(report.Count))
	l.fact(textLine(r.periodWords(report.Period)))
	l.fact(textLine(r.channelWord(report.Filter.Channel)))
	l.fact(textLine(agentWord(report.Filter.Agent)))
	tickets := r.text("service_tickets", values{"n": report.Count.N})
	if report.Count.N > 0 && report.Count.N < score.FewAnswers {
		tickets += " " + r.text("service_few", values{"limit": score.FewAnswers})
	}
	l = lines(l, r.serviceVerdict(report))
	for _, fact := range []string{
		tickets,
		r.quantileWords("service_reply", report.Count.FirstReply),
		r.quantileWords("service_resolution", report.Count.Resolution),
		r.shareWords("service_within", report.Count.Within4h),
		r.shareWords("service_same_day", report.Count.SameDay),
		r.shareWords("service_one_reply", report.Count.OneReply),
		r.mistakenWords(report.Count.Mistaken),
		r.previousService(report),
	} {
		if fact != "" {
			l.text("\n" + fact)
		}
	}
	return l
}

func (r *Renderer) serviceGroup(per score.GroupBy, g score.ServiceGroup) line {
	facts := append(r.medianWords(g.Count), r.ticketsWord(g.Count))
	switch {
	case len(facts) > 1:
	case g.Count.N < score.FewAnswers:
		facts = append(facts, r.text("service_group_few"))
	default:
		facts = append(facts, r.text("service_group_untimed"))
	}
	return r.line("service_group", values{"name": bold(r.groupWord(per, g.Name)), "facts": strings.Join(facts, ", ")})
}

// serviceWords are the figure that matters most, or that there is none.
func (r *Renderer) serviceWords(c score.ServiceCount) string {
	median, _, replied := c.FirstReply.Quantiles()
	_, _, solved := c.Resolution.Quantiles()
	switch {
	case replied:
		return r.text("service_head", values{"reply": r.officeTime(median)})
	case c.N < score.FewAnswers:
		return r.text("score_few", values{"metric": r.text("metric_service"), "count": c.N})
	case !solved:
		return r.text("service_untimed")
	default:
		return r.text("metric_service")
	}
}

// quantileWords are the median, and the time within which nine of ten tickets were served.
func (r *Renderer) quantileWords(key string, d score.Durations) string {
	median, p90, ok := d.Quantiles()
	if !ok {
		return ""
	}
	return r.text(key, values{"median": r.officeTime(median), "p90": r.officeTime(p90)})
}

func (r *Renderer) shareWords(key string, y score.Ratio) string {
	if y.Percent() == nil {
		return ""
	}
	return r.text(key, values{"share": percentOf(y.Yes, y.All), "all": r.count(y.All)})
}

// mistakenWords count the tickets with a reply or a solution that cannot be right.
func (r *Renderer) mistakenWords(n int64) string {
	if n == 0 {
		return ""
	}
	return r.text("service_mistaken", values{"n": n})
}

// previousService is the same of the previous period, in short. It is empty when nothing was before.
func (r *Renderer) previousService(report score.ServiceReport) string {
	if report.Period.Unit == score.UnitAll {
		return ""
	}
	before := report.Previous
	return r.text("service_previous", values{
		"period": r.previousWords(before.Period), "service": strings.Join(append(r.medianWords(before.Count), r.ticketsWord(before.Count)), ", "),
	})
}

// medianWords are the medians that are known: "45 min to the first reply", "5 h to the solution".
func (r *Renderer) medianWords(c score.ServiceCount) []string {
	var facts []string
	if median, _, ok := c.FirstReply.Quantiles(); ok {
		facts = append(facts, r.text("service_replied", values{"reply": r.officeTime(median)}))
	}
	if median, _, ok := c.Resolution.Quantiles(); ok {
		facts = append(facts, r.text("service_solved", values{"solved": r.officeTime(median)}))
	}
	return facts
}

func (r *Renderer) ticketsWord(c score.ServiceCount) string {
	return r.text("service_count", values{"n": c.N})
}

// officeTime is a number of office minutes: 34 min, 2 h, 2 h 5 min.
func (r *Renderer) officeTime(minutes int) string {
	const hour = 60
	h, m := strconv.Itoa(minutes/hour), strconv.Itoa(minutes%hour)
	switch {
	case minutes < hour:
		return r.text("office_minutes", values{"minutes": m})
	case minutes%hour == 0:
		return r.text("office_hours", values{"hours": r.number(h)})
	default:
		return r.text("office_hours_minutes", values{"hours": r.number(h), "minutes": m})
	}
}
