package message

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// trendOf returns the trend that an answer shows: that of the first score that has one. One chart
// is enough to look at.
func trendOf(reports []score.Report) score.Trend {
	for _, report := range reports {
		if len(report.Trend.Shown()) > 0 {
			return report.Trend
		}
	}
	return nil
}

// chart draws a trend: a line for a score, stacked counts for smileys. A point with too few answers
// is left out with its label, because Slack needs a value for every label.
func (r *Renderer) chart(t score.Trend) *slack.DataVisualizationBlock {
	shown := t.Shown()
	metric := shown[0].Score.Metric
	labels := make([]string, len(shown))
	for i, point := range shown {
		labels[i] = r.pointLabel(point)
	}
	title := r.text("trend_title", values{"metric": r.metricWord(metric), "per": r.perWord(t)})
	axis := slack.NewDataVisualizationAxisConfig(labels...)
	if metric == score.MetricSmileys {
		return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationAreaChart(
			axis.WithYLabel(r.text("trend_answers")), r.stack(shown, labels)...))
	}
	unit, decimals := "%", 1
	switch {
	case metric.Net():
		unit = r.text("trend_points")
	case metric.Averaged():
		unit, decimals = r.text("trend_stars"), 2
	}
	line := series(r.metricWord(metric), shown, labels, func(s score.Score) float64 {
		rounded, _ := strconv.ParseFloat(s.Exact().FloatString(decimals), 64) // half away from zero, and always a number
		return rounded
	})
	return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationLineChart(axis.WithYLabel(unit), line))
}

// stack is the smileys of each colour on top of each other. Slack does not stack: it draws one area
// before the other, the first at the back. So each area is its own colour and those below it, and
// its name says so, because Slack chooses the colours.
func (r *Renderer) stack(shown []score.Point, labels []string) []slack.DataVisualizationDataSeries {
	var layers []slack.DataVisualizationDataSeries
	for lowest, name := range []string{"trend_all", "trend_red_yellow", "trend_red"} {
		layers = append(layers, series(r.text(name), shown, labels, func(s score.Score) float64 {
			var n int64
			for _, share := range s.Split[lowest:] { // green, yellow, red
				n += share.N
			}
			return float64(n)
		}))
	}
	return layers
}

func series(name string, shown []score.Point, labels []string, value func(score.Score) float64) slack.DataVisualizationDataSeries {
	points := make([]slack.DataVisualizationDataPoint, len(shown))
	for i, point := range shown {
		points[i] = slack.NewDataVisualizationDataPoint(labels[i], value(point.Score))
	}
	return slack.NewDataVisualizationDataSeries(name, points...)
}

// pointLabel is the name of a point, with an asterisk while its period is running.
func (r *Renderer) pointLabel(p score.Point) string {
	if p.Period.Running {
		return r.pointName(p) + "*"
	}
	return r.pointName(p)
}

// pointName names a point of a trend: "20 Nov", "week 47", "Nov 2026", "Q4 2026" or "2026".
func (r *Renderer) pointName(p score.Point) string {
	year, month, day := p.Period.From.Date()
	switch p.Period.Unit {
	case score.UnitDay:
		return strconv.Itoa(day) + " " + r.month("months_short", month)
	case score.UnitWeek:
		_, week := p.Period.From.ISOWeek()
		return r.text("trend_week", values{"week": week})
	case score.UnitMonth:
		return r.month("months_short", month) + " " + strconv.Itoa(year)
	case score.UnitQuarter:
		return r.text("trend_quarter", values{"quarter": p.Period.Quarter(), "year": year})
	default:
		return strconv.Itoa(year)
	}
}

// perWord says what the points of a trend are: "per week".
func (r *Renderer) perWord(t score.Trend) string {
	return r.text("trend_per_" + string(t[0].Period.Unit))
}

// caption describes a chart: where it begins and ends, and what is missing.
func (r *Renderer) caption(t score.Trend) string {
	return r.trendWords(r.text("trend_begins", values{"metric": r.metricWord(t[0].Score.Metric), "per": r.perWord(t)}), t)
}

// sparkline is a trend in one line of text, where there is no chart.
func (r *Renderer) sparkline(t score.Trend) string {
	return r.trendWords(r.text("trend_spark", values{
		"metric": r.metricWord(t[0].Score.Metric), "per": r.perWord(t), "bars": bars(t),
	}), t)
}

func (r *Renderer) trendWords(begin string, t score.Trend) string {
	shown := t.Shown()
	first, last := shown[0], shown[len(shown)-1]
	words := begin + " " + r.text("trend_ends", values{
		"first": r.figure(first.Score), "from": r.pointName(first), "last": r.figure(last.Score), "to": r.pointLabel(last),
	})
	if left := len(t) - len(shown); left > 0 {
		words += " " + r.text("trend_left", values{"left": left, "all": len(t), "limit": score.FewAnswers})
	}
	if last.Period.Running {
		words += " " + r.text("trend_running")
	}
	return words
}

// gap is in a sparkline for a point that is left out. It does not break the line.
const gap = "\u00a0"

// bars draws the scores of a trend between its lowest and its highest; if they are alike, all in
// the middle.
func bars(t score.Trend) string {
	heights := []string{"▁", "▂", "▃", "▅", "▇"}
	shown := t.Shown()
	byScore := func(a, b score.Point) int { return a.Score.Exact().Cmp(b.Score.Exact()) }
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
