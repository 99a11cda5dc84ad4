package message

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Score answers a question for one or more scores of the same period, the main
// one first, computed at that moment, with the chart of a trend where there is one.
// Its text begins with the name and the figure of the main one: "NPS +42". Of groups,
// as many are shown as have room.
func (s *Speaker) Score(reports []feedback.Report, computed time.Time) Message {
	return s.scoreBeside(reports, computed, 0)
}

// scoreBeside is Score that leaves so much room for what stands below it.
func (s *Speaker) scoreBeside(reports []feedback.Report, computed time.Time, room int) Message {
	at, told := s.computedBlock(computed), s.toldScores(reports)
	inText := s.scoreBlocks(told, maxTextBytes-scoreFrame-room, func(l line) int { return len(flatLine(l)) })
	inBlocks := s.scoreBlocks(told, maxBlocksUnits-chartFrame-room, lineUnits)
	trend := trendOf(reports)
	if trend == nil {
		return Message{Text: flat(append(inText, at)), Blocks: append(inBlocks, at)}
	}
	spark := []slack.Block{rich(text(s.sparkline(trend)).section()), at}
	chart := []slack.Block{s.chart(trend), slack.NewContextBlock("", plain(s.caption(trend))), at}
	return Message{
		Text:      flat(slices.Concat(inText, spark)),
		Blocks:    slices.Concat(inBlocks, chart),
		Chartless: slices.Concat(inBlocks, spark),
	}
}

// ScoreText is the text of Score with all groups: mrkdwn, for where there is room.
func (s *Speaker) ScoreText(reports []feedback.Report, computed time.Time) string {
	blocks := s.scoreBlocks(s.toldScores(reports), math.MaxInt, func(line) int { return 0 })
	if trend := trendOf(reports); trend != nil {
		blocks = append(blocks, rich(text(s.sparkline(trend)).section()))
	}
	return flat(append(blocks, s.computedBlock(computed)))
}

// What stands around heads and groups never takes more: a line of text for the trend,
// or a chart.
const (
	scoreFrame = 600
	chartFrame = 1800
)

// toldScore is what is said of a score and of its groups.
type toldScore struct {
	head   line
	groups toldGroups
}

func (s *Speaker) toldScores(reports []feedback.Report) []toldScore {
	told := make([]toldScore, len(reports))
	for i, report := range reports {
		told[i] = toldScore{s.scoreLine(report), s.scoreGroups(report)}
	}
	return told
}

// scoreBlocks are all scores, each with as many of its groups as fit: each has an equal
// share of the room.
func (s *Speaker) scoreBlocks(scores []toldScore, room int, size func(line) int) []slack.Block {
	var blocks []slack.Block
	for _, score := range scores {
		blocks = append(blocks, rich(score.head.section()))
		if groups := s.grouped(score.groups, room/len(scores)-size(score.head), size); len(groups) > 0 {
			blocks = append(blocks, rich(groups.section()))
		}
	}
	return blocks
}

func (s *Speaker) computedBlock(computed time.Time) slack.Block {
	return slack.NewContextBlock("", mrkdwn(s.say("computed", values{"time": date(computed, s.moment(computed))})))
}

// scoreLine is one score with all that is needed to judge it.
func (s *Speaker) scoreLine(r feedback.Report) line {
	var l line
	l.bold(s.scoreWords(r.Score))
	for _, words := range []string{
		s.variantWord(r.Score.Metric),
		s.periodWords(r.Period),
		s.channelWord(r.Filter.Channel),
		agentWord(r.Filter.Agent),
	} {
		if words != "" {
			l.dot()
			l.text(words)
		}
	}
	for _, said := range []line{
		text(s.splitWords(r.Score)),
		text(s.meanWords(r.Score)),
		text(s.marginWords(r.Score)),
		text(s.indicativeWords(r.Score)),
		s.previousLine(r),
		text(s.voidedWords(r.Voided)),
	} {
		if len(said) > 0 {
			l.text("\n")
			l.join(said)
		}
	}
	return l
}

// percentOf is a part of all answers in whole percent, half rounded up.
func percentOf(part, all int64) string {
	return fmt.Sprintf("%d%%", (200*part+all)/(2*all))
}

// scoreWords are the score with its name, as an answer begins: "NPS +42", "CSAT
// 87%", "Reviews 4.31" or "NPS: too few answers (4)".
func (s *Speaker) scoreWords(score feedback.Score) string {
	metric := s.metricWord(score.Metric)
	if !score.Enough() {
		return s.say("score_few", values{"metric": metric, "count": score.N})
	}
	return s.say("score", values{"metric": metric, "figure": s.figure(score)})
}

// figure is a score as the language writes it.
func (s *Speaker) figure(score feedback.Score) string { return s.number(score.Figure()) }

// variantWord says by which rule a score is counted that is not the usual one, or what
// it is out of.
func (s *Speaker) variantWord(m feedback.Metric) string {
	switch m {
	case feedback.MetricNPSEU:
		return s.say("variant_eu")
	case feedback.MetricReviews:
		return s.say("variant_reviews")
	default:
		return ""
	}
}

// metricWord is how a metric is called in front of its score: NPS, CSAT, CSAT 1–5,
// Smileys, CES, NLS or Reviews.
func (s *Speaker) metricWord(m feedback.Metric) string {
	switch m {
	case feedback.MetricNPSEU:
		return s.metricWord(feedback.MetricNPS)
	case feedback.MetricCSAT5:
		return s.say("metric_csat5")
	case feedback.MetricSmileys:
		return s.say("metric_smileys")
	case feedback.MetricReviews:
		return s.say("metric_reviews")
	default:
		return strings.ToUpper(string(m))
	}
}

// answersWord is a number of answers.
func (s *Speaker) answersWord(n int64) string { return s.say("answers", values{"n": n}) }

// splitWords tells the number of answers and how they divide: "40 answers: 20
// promoters (50%), 12 passives (30%), 8 detractors (20%)." or, for answers that
// are numbers, "32 answers · 4: 12 (38%) · 5: 20 (63%)".
func (s *Speaker) splitWords(score feedback.Score) string {
	if score.N == 0 {
		return s.say("answers_none")
	}
	var parts []string
	for _, share := range score.Split {
		parts = append(parts, s.say("split_part", values{
			"part": s.shareWord(score.Metric, share), "share": percentOf(share.N, score.N),
		}))
	}
	answers := s.answersWord(score.N)
	if numbered(score.Metric) {
		return s.say("split_scores", values{"answers": answers, "parts": joined(parts...)})
	}
	return s.say("split", values{"answers": answers, "parts": strings.Join(parts, ", ")})
}

// shareWord is one part of a split: "20 promoters", "1 green", or for answers
// that are numbers "4: 6", six times a four, "4 ★: 6" when they are stars.
func (s *Speaker) shareWord(m feedback.Metric, share feedback.Share) string {
	if m == feedback.MetricReviews {
		return share.Name + " ★: " + s.count(share.N)
	}
	if numbered(m) {
		return share.Name + ": " + s.number(strconv.FormatInt(share.N, 10))
	}
	return s.say("split_"+share.Name, values{"n": share.N})
}

// numbered reports whether the parts of a metric's split are its numbers.
func numbered(m feedback.Metric) bool {
	return m.Kind() == feedback.KindCSAT || m.Kind() == feedback.KindCES || m.Kind() == feedback.KindReview
}

// meanWords tells the mean, which belongs to the effort score alone.
func (s *Speaker) meanWords(score feedback.Score) string {
	if score.Metric != feedback.MetricCES || !score.Enough() {
		return ""
	}
	return s.say("mean", values{"mean": s.number(score.Mean().FloatString(2))})
}

// marginWords tells how far the score may lie from that of all customers.
func (s *Speaker) marginWords(score feedback.Score) string {
	if !score.Enough() {
		return s.say("few_answers", values{"limit": feedback.FewAnswers})
	}
	low, high, ok := score.Ends()
	if !ok {
		return s.say("margin_none")
	}
	in := values{"low": s.number(low), "high": s.number(high)}
	if points, ok := score.Margin(); ok {
		in["n"] = points
		return s.say("margin", in)
	}
	return s.say("margin_share", in)
}

func (s *Speaker) indicativeWords(score feedback.Score) string {
	if !score.Indicative() {
		return ""
	}
	return s.say("indicative", values{"limit": feedback.SolidAnswers})
}

// previousLine tells the score before, and whether it has really changed.
func (s *Speaker) previousLine(r feedback.Report) line {
	before := r.Previous
	days := feedback.Period{From: before.Period.From, To: before.Period.To, Unit: feedback.UnitRange}
	was := s.scoreWords(before.Score)
	if before.Score.Enough() {
		was = s.say("previous_with", values{"score": was, "answers": s.answersWord(before.Score.N)})
	}
	l := text(s.say("previous", values{"period": s.periodWords(days), "score": was}) + " ")
	l.join(s.changeLine(r))
	return l
}

func (s *Speaker) changeLine(r feedback.Report) line {
	verdict := s.verdictWord(r.Verdict())
	if change := r.ChangeText(); change != "" {
		key := "change"
		if r.Score.Metric.Averaged() {
			key = "change_stars"
		}
		return s.line(key, values{"points": s.number(change), "verdict": bold(verdict)})
	}
	return text(s.say("change_unknown", values{"verdict": verdict}))
}

func (s *Speaker) verdictWord(v feedback.Verdict) string {
	switch v {
	case feedback.VerdictReal:
		return s.say("verdict_real")
	case feedback.VerdictNoise:
		return s.say("verdict_noise")
	default:
		return s.say("verdict_unknown")
	}
}

func (s *Speaker) voidedWords(n int64) string {
	if n == 0 {
		return ""
	}
	return s.say("voided", values{"n": n})
}

// toldGroups are what an answer is divided into, a line each.
type toldGroups struct {
	per   feedback.Per
	lines []line
	// rest is what is in no group, empty when nothing is.
	rest string
}

// scoreGroups says the groups of a report.
func (s *Speaker) scoreGroups(r feedback.Report) toldGroups {
	told := toldGroups{per: r.Per}
	unnamed := r.Score.N
	for _, group := range r.Groups {
		told.lines = append(told.lines, s.groupLine(r.Per, group))
		unnamed -= group.Score.N
	}
	if r.Per == feedback.PerAgent && unnamed > 0 {
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
func (s *Speaker) groupLine(per feedback.Per, g feedback.Group) line {
	in := values{"name": bold(s.groupWord(per, g.Name)), "answers": s.answersWord(g.Score.N)}
	if !g.Score.Enough() {
		return s.line("group_few", in)
	}
	in["score"] = s.figure(g.Score)
	low, high, ok := g.Score.Ends()
	if !ok {
		return s.line("group_alike", in)
	}
	in["low"], in["high"] = s.number(low), s.number(high)
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
