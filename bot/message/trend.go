package message

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback/score"
)

// trendOf is the trend that an answer shows: that of the first score that has one. One
// chart is enough to look at.
func trendOf(reports []score.Report) score.Trend {
	for _, report := range reports {
		if len(report.Trend.Shown()) > 0 {
			return report.Trend
		}
	}
	return nil
}

// chart draws a trend: a line for a score, for smileys their counts stacked. What has
// too few answers is left out: Slack wants a value for every label, so its label goes
// with it.
func (s *Speaker) chart(t score.Trend) *slack.DataVisualizationBlock {
	shown := t.Shown()
	metric := shown[0].Score.Metric
	labels := make([]string, len(shown))
	for i, point := range shown {
		labels[i] = s.pointLabel(point)
	}
	title := s.say("trend_title", values{"metric": s.metricWord(metric), "per": s.perWord(t)})
	axis := slack.NewDataVisualizationAxisConfig(labels...)
	if metric == score.MetricSmileys {
		return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationAreaChart(
			axis.WithYLabel(s.say("trend_answers")), s.stack(shown, labels)...))
	}
	unit, decimals := "%", 1
	switch {
	case metric.Net():
		unit = s.say("trend_points")
	case metric.Averaged():
		unit, decimals = s.say("trend_stars"), 2
	}
	line := series(s.metricWord(metric), shown, labels, func(score score.Score) float64 { return rounded(score.Exact(), decimals) })
	return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationLineChart(axis.WithYLabel(unit), line))
}

// stack is the smileys of each colour on top of each other. Slack stacks nothing, but
// draws one area before the other, the first at the back: so each is what it
// stands on and its own colour, and its name says so, because Slack chooses how
// they are coloured.
func (s *Speaker) stack(shown []score.Point, labels []string) []slack.DataVisualizationDataSeries {
	var layers []slack.DataVisualizationDataSeries
	for lowest, name := range []string{"trend_all", "trend_red_yellow", "trend_red"} {
		layers = append(layers, series(s.say(name), shown, labels, func(score score.Score) float64 {
			var n int64
			for _, share := range score.Split[lowest:] { // green, yellow, red
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

// rounded is an exact score rounded once to so many decimals.
func rounded(exact *big.Rat, decimals int) float64 {
	rounded, _ := strconv.ParseFloat(exact.FloatString(decimals), 64) // half away from zero, and always a number
	return rounded
}

// pointLabel names a point of a trend: "20 Nov", "week 47", "Nov 2026", "Q4 2026" or
// "2026". One that today is in has an asterisk.
func (s *Speaker) pointLabel(p score.Point) string {
	if p.Period.Running {
		return s.pointName(p) + "*"
	}
	return s.pointName(p)
}

func (s *Speaker) pointName(p score.Point) string {
	year, month, day := p.Period.From.Date()
	switch p.Period.Unit {
	case score.UnitDay:
		return strconv.Itoa(day) + " " + s.month("months_short", month)
	case score.UnitWeek:
		_, week := p.Period.From.ISOWeek()
		return s.say("trend_week", values{"week": week})
	case score.UnitMonth:
		return s.month("months_short", month) + " " + strconv.Itoa(year)
	case score.UnitQuarter:
		return s.say("trend_quarter", values{"quarter": p.Period.Quarter(), "year": year})
	default:
		return strconv.Itoa(year)
	}
}

// perWord tells what the points of a trend are: "per week".
func (s *Speaker) perWord(t score.Trend) string {
	return s.say("trend_per_" + string(t[0].Period.Unit))
}

// caption reads a chart aloud: where it begins and ends, and what is not in it.
func (s *Speaker) caption(t score.Trend) string {
	return s.trendWords(s.say("trend_begins", values{"metric": s.metricWord(t[0].Score.Metric), "per": s.perWord(t)}), t)
}

// sparkline is a trend in one line of text, for where Slack draws no charts.
func (s *Speaker) sparkline(t score.Trend) string {
	return s.trendWords(s.say("trend_spark", values{
		"metric": s.metricWord(t[0].Score.Metric), "per": s.perWord(t), "bars": bars(t),
	}), t)
}

func (s *Speaker) trendWords(begin string, t score.Trend) string {
	shown := t.Shown()
	first, last := shown[0], shown[len(shown)-1]
	words := begin + " " + s.say("trend_ends", values{
		"first": s.figure(first.Score), "from": s.pointName(first), "last": s.figure(last.Score), "to": s.pointLabel(last),
	})
	if left := len(t) - len(shown); left > 0 {
		words += " " + s.say("trend_left", values{"left": left, "all": len(t), "limit": score.FewAnswers})
	}
	if last.Period.Running {
		words += " " + s.say("trend_running")
	}
	return words
}

// gap stands in a sparkline for a point that is left out: no space that ends a word or
// is cut off.
const gap = "\u00a0"

// bars draws the scores of a trend between its lowest and its highest; all in the
// middle when they are alike.
func bars(t score.Trend) string {
	heights := []string{"▁", "▂", "▃", "▅", "▇"}
	shown := t.Shown()
	low, high := shown[0].Score.Exact(), shown[0].Score.Exact()
	for _, point := range shown {
		score := point.Score.Exact()
		if score.Cmp(low) < 0 {
			low = score
		}
		if score.Cmp(high) > 0 {
			high = score
		}
	}
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

// height is which of n equal steps from low to high a score is on.
func height(score, low, high *big.Rat, n int) int {
	part := new(big.Rat).Quo(new(big.Rat).Sub(score, low), new(big.Rat).Sub(high, low))
	part.Mul(part, big.NewRat(int64(n), 1))
	return min(int(new(big.Int).Quo(part.Num(), part.Denom()).Int64()), n-1)
}
