package message

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

const (
	// digestEntries is how many follow-ups, customers at risk and comments a digest links to, each.
	digestEntries = 3
	// namedOutcomes is how many outcomes a digest names.
	namedOutcomes = 3
)

// Digest is what team leads read when a week or a month is over. It names no customer and quotes no
// comment: it links to the messages, so that a customer's words are in one place.
type Digest struct {
	// Key is the notice's own, see [EventNotice].
	Key   string
	Parts []score.DigestPart
	// Overdue are the follow-ups that are overdue now, AtRisk the latest answer of each customer at risk
	// who answered in the first period. They need no more entries than a digest links to.
	Overdue, AtRisk QueuePage
	// Comments are those worth reading.
	Comments []Entry
	// Alert has the comparisons that the alert makes. The digest says which of them find no drop,
	// because they have too few answers.
	Alert score.Alert
	Now   time.Time
}

// Digest is a message for the lead channel, to be read in ten seconds and acted on: first what needs
// attention, with links, then what went well, then the figures. Its text has fewer links when it is
// too long for one message.
func (r *Renderer) Digest(d Digest) Message {
	m := notice(d.Key, r.digestBlocks(d, digestEntries)...)
	for most := digestEntries - 1; most >= 0 && len(m.Text) > maxPlainBytes; most-- {
		m.Text = blocksMrkdwn(r.digestBlocks(d, most))
	}
	return m
}

// digestBlocks make a digest with at most so many links of each kind.
func (r *Renderer) digestBlocks(d Digest, most int) []slack.Block {
	var periods []string
	for _, part := range d.Parts {
		periods = append(periods, r.periodWords(part.Period))
	}
	head := bold(r.text("digest_head", values{"periods": strings.Join(periods, " + ")}))
	blocks := []slack.Block{lines(head, r.attention(d, most)).block()}
	if well := r.wentWell(d, most); len(well) > 0 {
		blocks = append(blocks, slack.NewDividerBlock(), well.block())
	}
	for _, part := range d.Parts {
		title := bold(r.text("digest_figures"))
		if len(d.Parts) > 1 {
			title = bold(r.text("digest_figures_of", values{"period": r.periodWords(part.Period)}))
		}
		blocks = append(blocks, slack.NewDividerBlock(), lines(title, r.digestPart(part)).block())
	}
	if blind := d.Alert.Blind(); len(blind) > 0 {
		said := []string{r.text("alert_blind")}
		for _, report := range blind {
			said = append(said, r.text("alert_lacks", values{
				"days": r.periodWords(report.Period), "answers": r.answersWord(report.Score.N),
				"before_days": r.periodWords(report.Previous.Period), "before_answers": r.answersWord(report.Previous.Score.N),
				"needed": r.count(score.AlertAnswers),
			}))
		}
		blocks = append(blocks, contextBlock(strings.Join(said, "\n")))
	}
	return blocks
}

// attention is what a lead acts on, a line for each cause and each link: overdue follow-ups, customers
// at risk, scores that clearly fell, and comments of unhappy customers.
func (r *Renderer) attention(d Digest, most int) line {
	var what []line
	list := func(key string, page QueuePage, more line, entry func(Entry, time.Time) line) {
		if page.Total == 0 {
			return
		}
		what = append(what, textLine(r.text(key, values{"n": page.Total})))
		shown := page.Entries[:min(len(page.Entries), most)]
		for _, e := range shown {
			what = append(what, bullet(entry(e, d.Now)))
		}
		if page.Total > len(shown) && len(more) > 0 {
			what = append(what, bullet(more))
		}
	}
	list("digest_overdue", d.Overdue, r.line("digest_overdue_all", values{"queue": code(r.queueCommand(QueueOverdue))}), r.overdueLine)
	list("digest_risk", d.AtRisk, nil, r.answerLine)
	for _, part := range d.Parts {
		for _, report := range part.Dropped() {
			what = append(what, r.movedLine(d, part, report, "digest_dropped"))
		}
	}
	unhappy := commentsOf(d.Comments, func(s feedback.Smiley) bool { return s != feedback.Green })
	list("digest_reading", unhappy, nil, r.answerLine)
	if len(what) == 0 {
		return textLine(r.text("digest_calm"))
	}
	return lines(append([]line{bold(r.text("digest_look"))}, what...)...)
}

// wentWell is what a team may be proud of: its greens, with a thank-you to all of it, customers who are
// happy after a follow-up, scores that clearly rose, and praise. It names and ranks no one. It is nil
// when there is nothing.
func (r *Renderer) wentWell(d Digest, most int) line {
	var what []line
	if len(d.Parts) > 0 {
		first := d.Parts[0]
		if green, all := first.Greens(); green > 0 {
			what = append(what, textLine(r.text("digest_thanks", values{"n": green, "all": r.count(all), "share": percentOf(green, all)})))
		}
		if again := first.Recovery; again.Yes > 0 {
			what = append(what, textLine(r.text("digest_recovered", values{"n": again.Yes})))
		}
	}
	for _, part := range d.Parts {
		for _, report := range part.Risen() {
			what = append(what, r.movedLine(d, part, report, "digest_risen"))
		}
	}
	happy := commentsOf(d.Comments, func(s feedback.Smiley) bool { return s == feedback.Green })
	for _, e := range happy.Entries[:min(len(happy.Entries), most)] {
		what = append(what, r.line("digest_praise", values{"answer": r.answerLine(e, d.Now)}))
	}
	if len(what) == 0 {
		return nil
	}
	return lines(append([]line{bold(r.text("digest_well"))}, what...)...)
}

func bullet(l line) line { return append(textLine("• "), l...) }

// commentsOf are the comments of some colours.
func commentsOf(comments []Entry, of func(feedback.Smiley) bool) QueuePage {
	var page QueuePage
	for _, e := range comments {
		if of(e.Feedback.Colour()) {
			page.Entries = append(page.Entries, e)
		}
	}
	page.Total = len(page.Entries)
	return page
}

// movedLine is a score that has clearly changed, and the channel from which most of it comes: "CSAT fell
// to 67% (−17 points), mostly in Chat".
func (r *Renderer) movedLine(d Digest, part score.DigestPart, report score.Report, key string) line {
	in := values{"metric": r.metricWord(report.Score.Metric), "score": r.figure(report.Score), "change": r.changeWords(report)}
	moved := r.text(key, in)
	if channel := r.whereWords(report); channel != "" {
		moved = r.text("digest_where", values{"moved": moved, "channel": channel})
	}
	if len(d.Parts) > 1 {
		moved = r.text("digest_of", values{"moved": moved, "period": r.periodWords(part.Period)})
	}
	return textLine(moved)
}

// whereWords name the channel from which most of a change comes, with its score and the one before:
// "Chat (71%, was 90%)". They are empty when that is unknown.
func (r *Renderer) whereWords(report score.Report) string {
	where, ok := report.Where()
	if !ok {
		return ""
	}
	channel := r.channelWord(where.Channel)
	if !where.Now.Enough() || !where.Before.Enough() {
		return channel
	}
	return r.text("where", values{"channel": channel, "now": r.figure(where.Now), "before": r.figure(where.Before)})
}

func (r *Renderer) digestPart(part score.DigestPart) line {
	var facts []line
	for _, report := range part.Scores {
		facts = append(facts, r.digestScore(report))
	}
	if len(facts) == 0 {
		facts = append(facts, textLine(r.text("answers_none")))
	}
	if c := part.FollowUps; c.Opened > 0 {
		facts = append(facts,
			textLine(r.text("digest_followups", values{"n": c.Opened, "sum": r.sumWords(c)})),
			textLine(r.text("digest_in_time", values{"intime": r.count(c.InTime), "overdue": r.count(c.Overdue), "waiting": r.count(c.Waiting)})))
	} else {
		facts = append(facts, textLine(r.text("digest_followups_none")))
	}
	if part.Recovery.All > 0 {
		facts = append(facts, textLine(r.recoveryWords(part.Recovery)))
	}
	if handled := part.Handled(); handled > 0 {
		facts = append(facts, textLine(r.text("digest_handled", values{"n": handled, "outcomes": r.outcomesWords(part.Outcomes)})))
	}
	return lines(facts...)
}

// recoveryWords are the share of the customers who were happy after a follow-up: "Happy after
// follow-up: 2 of 3 (67%)".
func (r *Renderer) recoveryWords(again score.Ratio) string {
	return r.text("recovery", values{"n": again.All, "yes": r.count(again.Yes), "share": percentOf(again.Yes, again.All)})
}

// outcomesWords are the outcomes that were named most.
func (r *Renderer) outcomesWords(outcomes []score.OutcomeCount) string {
	var named []string
	for _, o := range outcomes[:min(len(outcomes), namedOutcomes)] {
		named = append(named, r.text("digest_outcome", values{"outcome": r.outcomeWord(o.Outcome), "times": r.count(o.N)}))
	}
	return strings.Join(named, ", ")
}

// digestScore is a score in one line: the score, the number of answers, and whether it has changed.
// Several scores are read together, so [score.Report.SignificanceOfMany] decides. The line of Smileys
// has the CSAT of the same answers, too; the change is that of Smileys, which yellow and red both lower.
func (r *Renderer) digestScore(report score.Report) line {
	l := bold(r.digestWords(report.Score))
	if report.Score.Enough() {
		l.fact(textLine(r.answersWord(report.Score.N)))
	}
	before := report.Previous.Score
	switch {
	case before.N == 0:
		l.fact(textLine(r.text("digest_before_none")))
	case !before.Enough():
		l.fact(textLine(r.text("digest_before_few", values{"n": before.N})))
	default:
		was := r.figure(before)
		if before.Metric == score.MetricSmileys {
			was = r.text("digest_both", values{"csat": r.figure(before.Satisfaction()), "score": was})
		}
		l.fact(textLine(r.text("digest_before", values{"before": was})))
	}
	l.fact(textLine(r.changedWords(report)))
	return l
}

// digestWords names a score with its figure: Smileys together with the CSAT of the same answers.
func (r *Renderer) digestWords(s score.Score) string {
	switch {
	case s.Metric != score.MetricSmileys:
		return r.scoreWords(s)
	case !s.Enough():
		both := r.text("digest_both", values{"csat": r.metricWord(score.MetricCSAT), "score": r.metricWord(s.Metric)})
		return r.text("score_few", values{"metric": both, "count": s.N})
	default:
		return r.text("digest_both", values{"csat": r.scoreWords(s.Satisfaction()), "score": r.scoreWords(s)})
	}
}

// sumWords say what became of the follow-ups of a period; the numbers add up to those that were opened:
// "4 done, 5 explained by the customer, 1 withdrawn, 4 still open".
func (r *Renderer) sumWords(c score.FollowUpCount) string {
	var parts []string
	for _, part := range []struct {
		state string
		n     int64
	}{
		{string(followup.StateDone), c.Done},
		{string(followup.StateExplained), c.Explained},
		{string(followup.StateWithdrawn), c.Withdrawn},
		{string(followup.StateOpen), c.Open},
	} {
		if part.n > 0 {
			parts = append(parts, r.text("sum_"+part.state, values{"n": part.n}))
		}
	}
	return strings.Join(parts, ", ")
}
