package message

import (
	"strconv"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/score"
)

// scoreWords are the score with its name, as an answer begins: "NPS +42", "CSAT
// 87%", "Reviews 4.31" or "NPS: too few answers (4)".
func (s *Speaker) scoreWords(score score.Score) string {
	metric := s.metricWord(score.Metric)
	if !score.Enough() {
		return s.say("score_few", values{"metric": metric, "count": score.N})
	}
	return s.say("score", values{"metric": metric, "figure": s.figure(score)})
}

// figure is a score as the language writes it.
func (s *Speaker) figure(score score.Score) string { return s.number(score.Figure()) }

// variantWord says by which rule a score is counted that is not the usual one, or what
// it is out of.
func (s *Speaker) variantWord(m score.Metric) string {
	switch m {
	case score.MetricNPSEU:
		return s.say("variant_eu")
	case score.MetricReviews:
		return s.say("variant_reviews")
	default:
		return ""
	}
}

// metricWord is how a metric is called in front of its score: NPS, CSAT, CSAT 1–5,
// Smileys, CES, NLS or Reviews.
func (s *Speaker) metricWord(m score.Metric) string {
	switch m {
	case score.MetricNPSEU:
		return s.metricWord(score.MetricNPS)
	case score.MetricCSAT5:
		return s.say("metric_csat5")
	case score.MetricSmileys:
		return s.say("metric_smileys")
	case score.MetricReviews:
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
func (s *Speaker) splitWords(score score.Score) string {
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
func (s *Speaker) shareWord(m score.Metric, share score.Share) string {
	if m == score.MetricReviews {
		return share.Name + " ★: " + s.count(share.N)
	}
	if numbered(m) {
		return share.Name + ": " + s.number(strconv.FormatInt(share.N, 10))
	}
	return s.say("split_"+share.Name, values{"n": share.N})
}

// numbered reports whether the parts of a metric's split are its numbers.
func numbered(m score.Metric) bool {
	return m.Kind() == feedback.KindCSAT || m.Kind() == feedback.KindCES || m.Kind() == feedback.KindReview
}

// meanWords tells the mean, which belongs to the effort score alone.
func (s *Speaker) meanWords(measured score.Score) string {
	if measured.Metric != score.MetricCES || !measured.Enough() {
		return ""
	}
	return s.say("mean", values{"mean": s.number(measured.Mean().FloatString(2))})
}

// marginWords tells how far the score may lie from that of all customers.
func (s *Speaker) marginWords(measured score.Score) string {
	if !measured.Enough() {
		return s.say("few_answers", values{"limit": score.FewAnswers})
	}
	low, high, ok := measured.IntervalText()
	if !ok {
		return s.say("margin_none")
	}
	in := values{"low": s.number(low), "high": s.number(high)}
	if points, ok := measured.Margin(); ok {
		in["n"] = points
		return s.say("margin", in)
	}
	return s.say("margin_share", in)
}

func (s *Speaker) indicativeWords(measured score.Score) string {
	if !measured.Indicative() {
		return ""
	}
	return s.say("indicative", values{"limit": score.SolidAnswers})
}

// previousLine tells the score before, and whether it has really changed.
func (s *Speaker) previousLine(r score.Report) line {
	before := r.Previous
	days := score.Period{From: before.Period.From, To: before.Period.To, Unit: score.UnitRange}
	was := s.scoreWords(before.Score)
	if before.Score.Enough() {
		was = s.say("previous_with", values{"score": was, "answers": s.answersWord(before.Score.N)})
	}
	l := text(s.say("previous", values{"period": s.periodWords(days), "score": was}) + " ")
	l.join(s.changeLine(r))
	return l
}

func (s *Speaker) changeLine(r score.Report) line {
	verdict := s.verdictWord(r.Significance())
	if change := r.ChangeText(); change != "" {
		key := "change"
		if r.Score.Metric.Averaged() {
			key = "change_stars"
		}
		return s.line(key, values{"points": s.number(change), "verdict": bold(verdict)})
	}
	return text(s.say("change_unknown", values{"verdict": verdict}))
}

func (s *Speaker) verdictWord(v score.Significance) string {
	switch v {
	case score.Significant:
		return s.say("verdict_real")
	case score.NotSignificant:
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
