package score

import (
	"errors"
	"slices"
	"strings"

	"smileybot/feedback"
)

// Metric is a score that is computed from answers of one kind.
type Metric string

// The metrics. What they mean and who defines them so:
//
//   - nps: % scores 9–10 − % scores 0–6, from −100 to +100; 7 and 8 count in the total
//     (https://support.pendo.io/hc/en-us/articles/33775375619995).
//   - nps-eu: % scores 8–10 − % scores 0–5, for countries where an 8 means good
//     (https://insocial.eu/en/blog/european-nps, https://www.checkmarket.com/blog/nps-eu).
//   - csat: % green of all smileys, yellow stays in the total (https://help.simplesat.io/en/articles/3456900).
//   - csat5: % of 4 and 5 of all answers on 1–5 (https://support.dixa.help/en/articles/204).
//   - smileys: happiness, % green − % red, from −100 to +100 (Help Scout's happiness score,
//     https://developer.helpscout.com).
//   - ces: % of 5, 6 and 7 of all answers on 1–7 (https://help.simplesat.io/en/articles/5626051), and their mean
//     (https://support.nicereply.com/article/267-how-is-ces-calculated).
//   - nls: as nps, on the question "how likely are you to come back"
//     (https://insocial.eu/blog/net-loyalty-score).
//   - reviews: the mean of the stars, from 1 to 5, of the reviews that smileybot has received. It is not the score that
//     a review site computes.
const (
	MetricNPS     Metric = "nps"
	MetricNPSEU   Metric = "nps-eu" // A variant of nps that is asked for by filter: [ParseMetric] does not know it.
	MetricCSAT    Metric = "csat"
	MetricCSAT5   Metric = "csat5"
	MetricSmileys Metric = "smileys"
	MetricCES     Metric = "ces"
	MetricNLS     Metric = "nls"
	MetricReviews Metric = "reviews"

	// MetricService is asked for like the others and is not a score but how rated tickets were
	// served, see [ServiceReport].
	MetricService Metric = "service"
)

// Metrics lists the scores that can be asked for by name.
func Metrics() []Metric {
	return []Metric{MetricNPS, MetricCSAT, MetricCSAT5, MetricSmileys, MetricCES, MetricNLS, MetricReviews}
}

// DigestMetrics lists the scores of a digest: those of the questions that a team asks, each question
// once. Reviews come unasked and are reported one by one. CSAT is of the same answers as Smileys, see
// [Score.Satisfaction].
func DigestMetrics() []Metric {
	return slices.DeleteFunc(Metrics(), func(m Metric) bool { return m.Averaged() || m == MetricCSAT })
}

// ParseMetric reads the name of a score or of [MetricService]. Case and surrounding spaces do not
// matter. The error lists the names.
func ParseMetric(text string) (Metric, error) {
	metric := Metric(strings.ToLower(strings.TrimSpace(text)))
	if metric != MetricService && !slices.Contains(Metrics(), metric) {
		return "", errors.New("not a metric: use nps, csat, csat5, smileys, ces, nls, reviews or service")
	}
	return metric, nil
}

// Kind is the kind of feedback whose answers the metric counts.
func (m Metric) Kind() feedback.Kind {
	switch m {
	case MetricNPS, MetricNPSEU:
		return feedback.KindNPS
	case MetricCSAT5:
		return feedback.KindCSAT
	case MetricCES:
		return feedback.KindCES
	case MetricNLS:
		return feedback.KindNLS
	case MetricReviews:
		return feedback.KindReview
	default:
		return feedback.KindSmiley
	}
}

// With lists the metrics that are shown below this one when they have answers: satisfaction by
// scores of 1 to 5 below satisfaction by smileys.
func (m Metric) With() []Metric {
	if m == MetricCSAT {
		return []Metric{MetricCSAT5}
	}
	return nil
}

// Net reports whether the score is a difference of two shares, from −100 to +100 points, and not
// one share, from 0 to 100 %.
func (m Metric) Net() bool {
	return m != MetricCSAT && m != MetricCSAT5 && m != MetricCES && !m.Averaged()
}

// Averaged reports whether the score is the mean of the answers, from 1 to 5 stars, and not made of
// shares.
func (m Metric) Averaged() bool { return m == MetricReviews }

// meanDecimals is the number of decimals of a mean: on a scale of five stars a tenth is much.
const meanDecimals = 2

// Decimals is the number of decimals of an interval and a change, for machines.
func (m Metric) Decimals() int {
	if m.Averaged() {
		return meanDecimals
	}
	return 1
}

// figureDecimals is the number of decimals of a score for people, and of all that is compared with it.
func (m Metric) figureDecimals() int {
	if m.Averaged() {
		return meanDecimals
	}
	return 0
}

// scale has the values of a metric: low to high are all of them, from top up is the good end, up to
// bottom is the bad end.
type scale struct {
	low, bottom, top, high int
}

func (m Metric) scale() scale {
	switch m {
	case MetricNPS, MetricNLS:
		return scale{low: 0, bottom: 6, top: 9, high: 10}
	case MetricNPSEU:
		return scale{low: 0, bottom: 5, top: 8, high: 10}
	case MetricCSAT5, MetricReviews:
		return scale{low: 1, bottom: 2, top: 4, high: 5}
	case MetricCES:
		return scale{low: 1, bottom: 3, top: 5, high: 7}
	default:
		return scale{low: 1, bottom: 1, top: 3, high: 3}
	}
}

// Measure computes a metric from a tally of answers of its kind. Values that the kind does not have
// are left out.
func Measure(metric Metric, tally Tally) Score {
	scale := metric.scale()
	score := Score{
		Metric: metric,
		N:      tally.between(scale.low, scale.high),
		top:    tally.between(scale.top, scale.high),
		bottom: tally.between(scale.low, scale.bottom),
	}
	for value := scale.low; value <= scale.high; value++ {
		score.sum += int64(value) * tally[value]
		score.squares += int64(value*value) * tally[value]
	}
	score.Split = metric.split(tally)
	return score
}
