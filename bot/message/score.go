package message

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// Score answers a question for one or more scores of the same period, the main one first: each with
// its conclusion and its numbers, then the groups as one table, then the chart of a trend if there is one.
// Its text begins with the name and the figure of the main one: "NPS +42". Groups are shown as far as
// there is room.
func (r *Renderer) Score(reports []score.Report, computed time.Time) Message {
	return r.scoreWithin(reports, computed, 0)
}

// scoreWithin is Score that leaves room below it, in bytes of text and in units of blocks.
func (r *Renderer) scoreWithin(reports []score.Report, computed time.Time, room int) Message {
	at, parts := r.computedBlock(computed), r.scoreParts(reports)
	said := r.scoreBlocks(parts, maxTextBytes-scoreFrame-room, lineBytes)
	plain := r.scoreBlocks(parts, maxBlocksUnits-chartFrame-room, lineUnits)
	shown := plain
	table := r.scoreTable(reports)
	if table != nil {
		shown = r.scoreHeads(parts)
		shown = append(shown, table...)
	}
	trend, whole := trendOf(reports)
	if trend != nil {
		spark := textLine(r.sparkline(trend)).block()
		said, plain = append(said, spark), append(plain, spark)
		shown = slices.Concat(shown, []slack.Block{r.chart(trend), contextBlock(r.caption(trend, whole))})
	}
	m := Message{Text: blocksMrkdwn(append(said, at)), Blocks: append(shown, at)}
	if trend != nil || table != nil {
		m.Chartless = append(plain, at)
	}
	return m
}

// ScoreText is the text of Score with all groups, as mrkdwn, for a terminal.
func (r *Renderer) ScoreText(reports []score.Report, computed time.Time) string {
	blocks := r.scoreBlocks(r.scoreParts(reports), math.MaxInt, lineBytes)
	if trend, _ := trendOf(reports); trend != nil {
		blocks = append(blocks, textLine(r.sparkline(trend)).block())
	}
	return blocksMrkdwn(append(blocks, r.computedBlock(computed)))
}

// What surrounds heads and groups takes less: a line of text for the trend, or a chart.
const (
	scoreFrame = 600
	chartFrame = 1800
)

type scorePart struct {
	head   line
	groups groupList
}

func (r *Renderer) scoreParts(reports []score.Report) []scorePart {
	parts := make([]scorePart, len(reports))
	for i, report := range reports {
		parts[i] = scorePart{r.scoreLine(report), r.groupLines(report)}
	}
	return parts
}

// scoreBlocks are all scores, each with as many of its groups as fit into an equal share of the
// room.
func (r *Renderer) scoreBlocks(scores []scorePart, room int, size func(line) int) []slack.Block {
	var blocks []slack.Block
	for i, part := range scores {
		if i > 0 {
			blocks = append(blocks, slack.NewDividerBlock())
		}
		blocks = append(blocks, part.head.block())
		if groups := r.grouped(part.groups, room/len(scores)-size(part.head), size); len(groups) > 0 {
			blocks = append(blocks, groups.block())
		}
	}
	return blocks
}

// scoreHeads are all scores without their groups.
func (r *Renderer) scoreHeads(scores []scorePart) []slack.Block {
	var blocks []slack.Block
	for i, part := range scores {
		if i > 0 {
			blocks = append(blocks, slack.NewDividerBlock())
		}
		blocks = append(blocks, part.head.block())
	}
	return blocks
}

func (r *Renderer) computedBlock(computed time.Time) slack.Block {
	return slack.NewContextBlock("", mrkdwn(r.text("computed", values{"time": date(computed, r.moment(computed))})))
}

// scoreLine is a score as it is read: the score, the conclusion, and then one number a line.
func (r *Renderer) scoreLine(report score.Report) line {
	l := bold(r.scoreWords(report.Score))
	if report.Score.Metric == score.MetricNPSEU {
		l.fact(textLine(r.text("variant_eu")))
	}
	l.fact(textLine(r.periodWords(report.Period)))
	l.fact(textLine(r.channelWord(report.Filter.Channel)))
	l.fact(textLine(agentWord(report.Filter.Agent)))
	s := report.Score
	facts := []line{l, r.verdictLine(report), textLine(r.splitWords(s))}
	if low, high, ok := s.IntervalText(); ok {
		facts = append(facts, textLine(r.text("margin", values{"low": r.number(low), "high": r.number(high)})))
	}
	if s.Metric == score.MetricCES && s.Enough() {
		low, high, _ := s.MeanIntervalText()
		facts = append(facts, textLine(r.text("mean", values{"mean": r.number(score.Decimal(s.Mean(), 2)), "low": r.number(low), "high": r.number(high)})))
	}
	if s.Indicative() {
		facts = append(facts, textLine(r.text("indicative", values{"limit": score.SolidAnswers})))
	}
	facts = append(facts, textLine(r.previousText(report)))
	if report.Significance() == score.NotSignificant { // the conclusion has the change of a clear one
		facts = append(facts, textLine(r.text("change", values{"change": r.changeWords(report)})))
	}
	if mix, ok := report.Mix(); ok {
		facts = append(facts, textLine(r.mixWords(mix)))
	}
	if report.Voided > 0 {
		facts = append(facts, textLine(r.text("voided", values{"n": report.Voided})))
	}
	return lines(facts...)
}

// percentOf is a part of all answers in whole percent, half rounded up.
func percentOf(part, all int64) string {
	return fmt.Sprintf("%d%%", (200*part+all)/(2*all))
}

// scoreWords are a score with its name, as an answer begins: "NPS +42", "CSAT 87%", "Reviews 4.31
// of 5" or "NPS: too few answers (4)".
func (r *Renderer) scoreWords(s score.Score) string {
	metric := r.metricWord(s.Metric)
	if !s.Enough() {
		return r.text("score_few", values{"metric": metric, "count": s.N})
	}
	key := "score"
	if s.Metric.Averaged() {
		key = "score_stars"
	}
	return r.text(key, values{"metric": metric, "figure": r.figure(s)})
}

func (r *Renderer) figure(s score.Score) string { return r.number(s.Figure()) }

// metricWord is the name of a metric before its score: NPS, CSAT, CSAT 1–5, Smileys, CES, NLS or
// Reviews.
func (r *Renderer) metricWord(m score.Metric) string {
	switch m {
	case score.MetricNPSEU:
		return r.metricWord(score.MetricNPS)
	case score.MetricCSAT5:
		return r.text("metric_csat5")
	case score.MetricSmileys:
		return r.text("metric_smileys")
	case score.MetricReviews:
		return r.text("metric_reviews")
	default:
		return strings.ToUpper(string(m))
	}
}

func (r *Renderer) answersWord(n int64) string { return r.text("answers", values{"n": n}) }

// basisWords are the number of answers, and of customers when those are fewer: "15 answers of 4
// customers".
func (r *Renderer) basisWords(s score.Score) string {
	customers, fewer := s.FewerCustomers()
	if !fewer {
		return r.answersWord(s.N)
	}
	return r.text("answers_of", values{"answers": r.answersWord(s.N), "customers": r.text("customers", values{"n": customers})})
}

// splitWords are the number of answers and how they divide: "40 answers: 20 promoters (50%), 12
// passives (30%), 8 detractors (20%)." or, for answers that are numbers, "32 answers · 4: 12 (38%)
// · 5: 20 (63%)".
func (r *Renderer) splitWords(s score.Score) string {
	if s.N == 0 {
		return r.text("answers_none")
	}
	var parts []string
	for _, share := range s.Split {
		parts = append(parts, r.text("split_part", values{
			"part": r.shareWord(s.Metric, share), "share": percentOf(share.N, s.N),
		}))
	}
	answers := r.basisWords(s)
	if numbered(s.Metric) {
		return r.text("split_scores", values{"answers": answers, "parts": joined(parts...)})
	}
	return r.text("split", values{"answers": answers, "parts": strings.Join(parts, ", ")})
}

// shareWord is one part of a split: "20 promoters", "1 green"; for numbers "4: 6", a four six
// times, and for stars "4 ★: 6".
func (r *Renderer) shareWord(m score.Metric, share score.Share) string {
	switch {
	case m == score.MetricReviews:
		return share.Name + " ★: " + r.count(share.N)
	case numbered(m):
		return share.Name + ": " + r.count(share.N)
	default:
		return r.text("split_"+share.Name, values{"n": share.N})
	}
}

func numbered(m score.Metric) bool {
	return m.Kind() == feedback.KindCSAT || m.Kind() == feedback.KindCES || m.Kind() == feedback.KindReview
}

// mixWords say that a change comes from the mix of channels.
func (r *Renderer) mixWords(mix score.Mix) string {
	return r.text("mix", values{
		"channel": r.channelWord(mix.Channel), "now": score.Decimal(mix.Now, 0) + "%", "before": score.Decimal(mix.Before, 0) + "%",
	})
}

// previousText is the score of the period before, with its answers: "Before (1–31 October 2026): +35
// from 38 answers.". It is empty when nothing was before, and when the conclusion says how few they were.
func (r *Renderer) previousText(report score.Report) string {
	before := report.Previous
	in := values{"period": r.previousWords(before.Period), "answers": r.basisWords(before.Score)}
	switch {
	case report.Period.Unit == score.UnitAll, !before.Score.Enough() && report.Score.Enough():
		return ""
	case before.Score.N == 0:
		return r.text("previous_none", in)
	case !before.Score.Enough():
		return r.text("previous_few", in)
	}
	in["score"] = r.figure(before.Score)
	return r.text("previous", in)
}
