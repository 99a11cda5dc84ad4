package message

import (
	"fmt"
	"strings"

	"smileybot/feedback"
)

// scoreWords are the score with its name, as an answer begins: "NPS +42", "CSAT
// 87%" or "NPS: too few answers (4)".
func scoreWords(s feedback.Score) string {
	if !s.Enough() {
		return fmt.Sprintf("%s: too few answers (%d)", metricWord(s.Metric), s.N)
	}
	return metricWord(s.Metric) + " " + s.Figure()
}

// metricWord is how a metric is called in front of its score: NPS, NPS-EU, CSAT,
// CSAT 1–5, Smileys, CES or NLS.
func metricWord(m feedback.Metric) string {
	switch m {
	case feedback.MetricCSAT5:
		return "CSAT 1–5"
	case feedback.MetricSmileys:
		return "Smileys"
	default:
		return strings.ToUpper(string(m))
	}
}

// splitWords tells the number of answers and how they divide: "40 answers: 20
// promoters (50%), 12 passives (30%), 8 detractors (20%)".
func splitWords(s feedback.Score) string {
	if s.N == 0 {
		return "No answers."
	}
	var parts []string
	for _, share := range s.Split {
		parts = append(parts, fmt.Sprintf("%s (%s)", shareWord(s.Metric, share), percentOf(share.N, s.N)))
	}
	return countWord(s.N, "answer") + ": " + strings.Join(parts, ", ") + "."
}

// shareWord is one part of a split: "20 promoters", "1 green", or for answers
// that are numbers "6 × 4".
func shareWord(m feedback.Metric, share feedback.Share) string {
	part := share.Name
	switch {
	case m.Kind() == feedback.KindCSAT || m.Kind() == feedback.KindCES:
		part = "× " + part
	case share.N == 1:
		part = strings.TrimSuffix(part, "s")
	}
	return fmt.Sprintf("%d %s", share.N, part)
}

// meanWords tells the mean, which belongs to the effort score alone.
func meanWords(s feedback.Score) string {
	if s.Metric != feedback.MetricCES || !s.Enough() {
		return ""
	}
	return "Mean " + s.Mean().FloatString(2) + " of 7."
}

// marginWords tells how far the score may lie from that of all customers.
func marginWords(s feedback.Score) string {
	if !s.Enough() {
		return fmt.Sprintf("Fewer than %d answers: the counts, no score.", feedback.FewAnswers)
	}
	interval, ok := s.Interval()
	if !ok {
		return "Margin of error: all answers are alike: no margin."
	}
	low, high := interval.Whole()
	if points, ok := s.Margin(); ok {
		return fmt.Sprintf("Margin of error: ±%s (95%%), so between %s and %s.",
			countWord(points, "point"), signed(low), signed(high))
	}
	return fmt.Sprintf("Margin of error: between %d%% and %d%% (95%%).", low, high)
}

func signed(n int64) string {
	switch {
	case n < 0:
		return fmt.Sprintf("−%d", -n)
	case n > 0:
		return fmt.Sprintf("+%d", n)
	default:
		return "0"
	}
}

func indicativeWords(s feedback.Score) string {
	if !s.Indicative() {
		return ""
	}
	return fmt.Sprintf("Indicative: fewer than %d answers.", feedback.SolidAnswers)
}

// previousWords tells the score before, and whether it has really changed.
func previousWords(r feedback.Report) string {
	before := r.Previous
	days := feedback.Period{From: before.Period.From, To: before.Period.To, Unit: feedback.UnitRange}
	words := fmt.Sprintf("Previous period (%s): %s", periodWords(days), scoreWords(before.Score))
	if before.Score.Enough() {
		words += ", " + countWord(before.Score.N, "answer")
	}
	if change := r.ChangeText(); change != "" {
		return fmt.Sprintf("%s. Change: %s points, %s.", words, change, verdictWord(r.Verdict()))
	}
	return fmt.Sprintf("%s. Change: %s.", words, verdictWord(r.Verdict()))
}

func verdictWord(v feedback.Verdict) string {
	switch v {
	case feedback.VerdictReal:
		return "a real change"
	case feedback.VerdictNoise:
		return "no real change"
	default:
		return "too few answers to tell"
	}
}

func voidedWords(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("Not counted: %s.", countWord(n, "voided answer"))
}
