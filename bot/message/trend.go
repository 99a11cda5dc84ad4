package message

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// trendOf returns the trend that an answer shows, and the score of all of it: those of the first score
// that has a trend. One chart is enough to look at.
func trendOf(reports []score.Report) (t score.Trend, whole score.Score) {
	for _, report := range reports {
		if len(report.Trend.Shown()) > 0 {
			return report.Trend, report.Score
		}
	}
	return nil, whole
}

// chart draws a trend: a line for the score, and a line for each end of its margin of error. Slack
// needs a value for every label, so a point without a score, between two that have one, keeps its place
// on the lines and is marked as missing. Those before the first score and after the last are left out.
func (r *Renderer) chart(t score.Trend) *slack.DataVisualizationBlock {
	span := t.Span()
	metric := span[0].Score.Metric
	labels := make([]string, len(span))
	for i, point := range span {
		labels[i] = r.pointLabel(t, point)
	}
	unit, decimals := "%", 0
	switch {
	case metric.Net():
		unit = r.text("trend_points")
	case metric.Averaged():
		unit, decimals = r.text("trend_stars"), 2
	}
	line := func(name string, units func(score.Score) int64) slack.DataVisualizationDataSeries {
		return series(name, span, labels, decimals, units)
	}
	title := r.text("trend_title", values{"metric": r.metricWord(metric), "per": r.perWord(t)})
	axis := slack.NewDataVisualizationAxisConfig(labels...).WithYLabel(unit)
	return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationLineChart(axis,
		line(r.metricWord(metric), func(s score.Score) int64 { return s.Round(decimals) }),
		line(r.text("trend_high"), func(s score.Score) int64 { _, high := ends(s, decimals); return high }),
		line(r.text("trend_low"), func(s score.Score) int64 { low, _ := ends(s, decimals); return low }),
	))
}

// ends are those of the margin of error of a score that has one, in units of 10^-decimals.
func ends(s score.Score, decimals int) (low, high int64) {
	interval, _ := s.Interval()
	return interval.Round(decimals)
}

// series are the values of a line in units of 10^-decimals. A point without a score is on the straight
// line between its neighbours; the first and the last have one.
func series(name string, span score.Trend, labels []string, decimals int, units func(score.Score) int64) slack.DataVisualizationDataSeries {
	scale := math.Pow10(decimals)
	points := make([]slack.DataVisualizationDataPoint, len(span))
	last := 0
	for i, point := range span {
		if !point.Score.Enough() {
			continue
		}
		value := float64(units(point.Score))
		points[i] = slack.NewDataVisualizationDataPoint(labels[i], value/scale)
		for gap := last + 1; gap < i; gap++ {
			from := points[last].Value * scale
			between := math.Round(from + (value-from)*float64(gap-last)/float64(i-last))
			points[gap] = slack.NewDataVisualizationDataPoint(labels[gap], between/scale)
		}
		last = i
	}
	return slack.NewDataVisualizationDataSeries(name, points...)
}

// The marks behind the name of a point.
const (
	partMark    = "*"  // only a part of its week, month, quarter or year
	missingMark = " –" // no score
)

// pointLabel is the name of a point with its marks.
func (r *Renderer) pointLabel(t score.Trend, p score.Point) string {
	label := r.pointName(t, p)
	if p.Part() {
		label += partMark
	}
	if !p.Score.Enough() {
		label += missingMark
	}
	return label
}

// pointName names a point of a trend: "20 Nov", "week 47", "Nov", "Q4" or "2026". A month and a quarter
// have their year when the trend has several, "Nov 2026" and "Q4 2026": short names leave all of them
// room below a chart.
func (r *Renderer) pointName(t score.Trend, p score.Point) string {
	year, month, day := p.Period.From.Date()
	firstYear, _, _ := t[0].Period.From.Date()
	lastYear, _, _ := t[len(t)-1].Period.From.Date()
	var name string
	switch p.Period.Unit {
	case score.UnitDay:
		return strconv.Itoa(day) + " " + r.month("months_short", month)
	case score.UnitWeek:
		_, week := p.Period.From.ISOWeek()
		return r.text("period_week_of_year", values{"week": week})
	case score.UnitMonth:
		name = r.month("months_short", month)
	case score.UnitQuarter:
		name = r.text("trend_quarter", values{"quarter": p.Period.Quarter()})
	default:
		return strconv.Itoa(year)
	}
	if firstYear != lastYear {
		name += " " + strconv.Itoa(year)
	}
	return name
}

// perWord says what the points of a trend are: "per week".
func (r *Renderer) perWord(t score.Trend) string {
	return r.text("trend_per_" + string(t[0].Period.Unit))
}

// caption says below a chart what its lines are, the score of the whole period, as above, and what is
// missing.
func (r *Renderer) caption(t score.Trend, whole score.Score) string {
	words := r.text("trend_caption", values{"metric": r.metricWord(whole.Metric), "per": r.perWord(t), "figure": r.figure(whole)})
	return words + r.trendNotes(t, t.Span())
}

// sparkline is a trend in one line of text, where there is no chart.
func (r *Renderer) sparkline(t score.Trend) string {
	shown := t.Shown()
	in := values{"metric": r.metricWord(shown[0].Score.Metric), "per": r.perWord(t), "bars": bars(t)}
	low, high := slices.MinFunc(shown, byScore), slices.MaxFunc(shown, byScore)
	in["low"], in["high"] = r.figure(low.Score), r.figure(high.Score)
	if in["low"] == in["high"] {
		return r.text("trend_alike", in) + r.trendNotes(t, nil)
	}
	in["low_at"], in["high_at"] = r.pointLabel(t, low), r.pointLabel(t, high)
	return r.text("trend_spark", in) + r.trendNotes(t, nil)
}

func byScore(a, b score.Point) int { return a.Score.Exact().Cmp(b.Score.Exact()) }

// trendNotes say, each after a space, how many points have no score, and what the marks of those that
// are drawn mean.
func (r *Renderer) trendNotes(t, drawn score.Trend) string {
	unit, notes := string(t[0].Period.Unit), ""
	missing := func(p score.Point) bool { return !p.Score.Enough() }
	if left := len(t) - len(t.Shown()); left > 0 {
		notes += " " + r.text("trend_left_"+unit, values{"n": left, "all": len(t)})
	}
	if slices.ContainsFunc(drawn, missing) {
		notes += " " + r.text("trend_gap")
	}
	shown := t.Shown()
	switch last := shown[len(shown)-1]; {
	case slices.ContainsFunc(shown, score.Point.Cut):
		notes += " " + r.text("trend_part_"+unit)
	case last.Period.Running:
		notes += " " + r.text("trend_running")
	}
	return notes
}

// gap is in a sparkline for a point that is left out. It does not break the line.
const gap = "\u00a0"

// bars draws the scores of a trend between its lowest and its highest; if they are alike, all in
// the middle.
func bars(t score.Trend) string {
	heights := []string{"▁", "▂", "▃", "▅", "▇"}
	shown := t.Shown()
	low, high := slices.MinFunc(shown, byScore).Score.Exact(), slices.MaxFunc(shown, byScore).Score.Exact()
	var drawn strings.Builder
	for _, point := range t {
		switch score := point.Score.Exact(); {
		case score == nil:
			drawn.WriteString(gap)
		case low.Cmp(high) == 0:
			drawn.WriteString(heights[len(heights)/2])
		default:
			drawn.WriteString(heights[height(score, low, high, len(heights))])
		}
	}
	return drawn.String()
}

// height returns on which of n equal steps from low to high a score is.
func height(score, low, high *big.Rat, n int) int {
	part := new(big.Rat).Quo(new(big.Rat).Sub(score, low), new(big.Rat).Sub(high, low))
	part.Mul(part, big.NewRat(int64(n), 1))
	return min(int(new(big.Int).Quo(part.Num(), part.Denom()).Int64()), n-1)
}
