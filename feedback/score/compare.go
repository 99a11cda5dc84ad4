package score

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// Significance answers "has the score really changed, or is it noise?".
type Significance string

// The answers. The zero Significance is SignificanceUnknown: one side has too few answers.
const (
	SignificanceUnknown Significance = ""
	Significant         Significance = "real"
	NotSignificant      Significance = "noise"
)

// PeriodScore is a metric's score over a period.
type PeriodScore struct {
	Period Period
	Score  Score
	Voided int64 // How many answers of the period were voided; they are not in the score.
}

// Report is a score next to that of the period before: the answer of a slash command and of
// `score`.
type Report struct {
	PeriodScore
	Previous PeriodScore
	// Channels has the scores of the channels for [Report.Mix], where the change is significant and
	// several channels have answers.
	Channels []ChannelScores
	// Trend is the course of the score during the period, where it was asked for.
	Trend Trend
	// Filter has the answers that it is about; an agent has the senders' name, or several agents have
	// theirs, separated by commas.
	Filter Filter
	// GroupBy is how Groups divide it, in alphabetical order; those without an answer in the period
	// are left out.
	GroupBy GroupBy
	Groups  []Group
}

// Compare makes the report of a score and that of the period before, which must be of the same
// metric.
func Compare(now, before PeriodScore) Report {
	return Report{PeriodScore: now, Previous: before}
}

// Change is the exact difference between the two scores in points, or in stars, from the unrounded scores; nil when
// either has too few answers.
func (r Report) Change() *big.Rat {
	now, before := r.Score.Exact(), r.Previous.Score.Exact()
	if now == nil || before == nil {
		return nil
	}
	return now.Sub(now, before)
}

// ChangeText is the change for people, as precise as [Score.Figure]: +3, −12 or 0; that of a mean has
// two decimals. It is empty when there is no change to show.
func (r Report) ChangeText() string {
	change := r.Change()
	if change == nil {
		return ""
	}
	return Signed(change, r.Score.Metric.figureDecimals())
}

// ChanceText is how large a difference in points, or in stars, can be chance, as precise as
// [Report.ChangeText]: the difference that is just not significant, see [Report.Significance]. It is
// at least the change itself, whose adjusted difference may be smaller. It is empty when there is no
// change.
func (r Report) ChanceText() string {
	change := r.Change()
	if change == nil {
		return ""
	}
	unit, decimals := zOf95Percent(), r.Score.Metric.figureDecimals()
	if !r.Score.Metric.Averaged() {
		unit = percent(unit)
	}
	_, errorSquared := difference(r.Score, r.Previous.Score)
	chance := quadratic{new(big.Rat), +1, errorSquared.Mul(errorSquared, unit.Mul(unit, unit))}.round(decimals)
	return fixed(max(chance, round(change.Abs(change), decimals)), decimals)
}

// Significance reports whether the change is significant at 95 %: |z| > 1.96. For net scores and
// means z is Δ/√(SE₁² + SE₂²), where Δ and both standard errors are those of [Score.estimate], and
// not of the answers alone: of ten answers against a hundred, a third would otherwise be called a
// change where nothing has changed. For shares it is the pooled two-proportion z
// (https://en.wikipedia.org/wiki/Two-proportion_Z-test). docs/scores.md has how often chance is
// called a change.
func (r Report) Significance() Significance { return r.significance(zOf95Percent()) }

// SignificanceOfMany is the significance of one of several changes that are read together, at 99 %:
// |z| > 2.58. At 95 % one of twelve would be significant every other time where nothing has changed.
func (r Report) SignificanceOfMany() Significance { return r.significance(zOf99Percent()) }

func (r Report) significance(limit *big.Rat) Significance {
	switch {
	case r.Change() == nil:
		return SignificanceUnknown
	case significantlyDifferent(r.Score, r.Previous.Score, limit):
		return Significant
	default:
		return NotSignificant
	}
}

// significantlyDifferent reports whether |z| > limit for the difference of two scores of one metric
// that both have answers. It compares squares, Δ² > limit²·(SE₁² + SE₂²), so nothing is rounded and
// no standard error of zero divides.
func significantlyDifferent(a, b Score, limit *big.Rat) bool {
	delta, errorSquared := difference(a, b)
	errorSquared.Mul(errorSquared, new(big.Rat).Mul(limit, limit))
	return delta.Mul(delta, delta).Cmp(errorSquared) > 0
}

// difference is that of two scores of one metric that both have answers, and the square of its
// standard error: in stars for a mean, else as a fraction of 1.
func difference(a, b Score) (delta, errorSquared *big.Rat) {
	if a.Metric.Net() || a.Metric.Averaged() {
		of, from := a.estimate(), b.estimate()
		return of.centre.Sub(of.centre, from.centre), of.errorSquared.Add(of.errorSquared, from.errorSquared)
	}
	return new(big.Rat).Sub(a.share(), b.share()), pooledErrorSquared(a, b)
}

// pooledErrorSquared is the square of the standard error of the difference of two shares, on the
// assumption that both are the share p of all answers: p(1−p)·(1/n₁ + 1/n₂).
func pooledErrorSquared(a, b Score) *big.Rat {
	n, m := a.effective(), b.effective()
	pooled := new(big.Rat).Add(a.weighed(a.top), b.weighed(b.top))
	pooled = bernoulli(pooled.Quo(pooled, new(big.Rat).Add(n, m)))
	return pooled.Mul(pooled, new(big.Rat).Add(n.Inv(n), m.Inv(m)))
}

// zOf99Percent is the number of standard errors that chance alone exceeds once in a hundred times.
func zOf99Percent() *big.Rat { return big.NewRat(258, 100) }

// Group is the report about one group of a divided answer.
type Group struct {
	// Name is a channel, the name of an agent, or the id of an agent without a name.
	Name string
	Report
}

// Significance is that of one of several changes, see [Report.SignificanceOfMany].
func (g Group) Significance() Significance { return g.SignificanceOfMany() }

// SortGroups puts groups in alphabetical order, whatever their scores. Agents are not ranked,
// because a score that becomes a target stops being a measure (Goodhart's law,
// https://en.wikipedia.org/wiki/Goodhart%27s_law).
func SortGroups[G interface{ name() string }](groups []G) {
	slices.SortFunc(groups, func(a, b G) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.name()), strings.ToLower(b.name())), strings.Compare(a.name(), b.name()))
	})
}

func (g Group) name() string { return g.Name }

func (g ServiceGroup) name() string { return g.Name }
