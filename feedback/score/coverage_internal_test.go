package score

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCoverage computes, over all outcomes and not by sampling, how often the 95 % interval contains
// the true score, and how often two periods of the same customers differ by a "real change". With -v
// it prints the tables of docs/scores.md. With -short it leaves out 300 answers.
func TestCoverage(t *testing.T) {
	t.Parallel()
	sizes := []int{10, 20, 30, 60, 100, 300}
	if testing.Short() {
		sizes = sizes[:5]
	}
	for _, c := range []struct {
		name   string
		metric Metric
		values []int
		truths []truth
	}{
		{"net scores, by the shares of both ends", MetricNPS, []int{-1, 0, 1}, netTruths()},
		{"shares", MetricCSAT, []int{0, 1}, shareTruths()},
		{"means of 1 to 5 stars", MetricReviews, []int{1, 2, 3, 4, 5}, starTruths()},
		{"means of effort, 1 to 7", MetricCES, []int{1, 2, 3, 4, 5, 6, 7}, effortTruths()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var table strings.Builder
			fmt.Fprintf(&table, "\n%s\n\n| true answers | contained: %s | most false changes | at |\n| --- | --- | --- | --- |\n", c.name, joinInts(sizes))
			for _, truth := range c.truths {
				of := outcomesOf(t, c.metric, c.values, truth.shares, sizes)
				row, worst, at := make([]string, len(sizes)), 0.0, ""
				for i, n := range sizes {
					covered := of[n].coverage()
					row[i] = fmt.Sprintf("%.1f", 100*covered)
					least := 0.93
					if slices.Contains(truth.below, n) {
						least = 0.90
					}
					if truth.edge {
						least = 0.87
					}
					assert.GreaterOrEqual(t, covered, least, "%s, %d answers", truth.name, n)
					for _, m := range sizes[i:] {
						if wrong := falseChanges(of[n], of[m]); wrong > worst {
							worst, at = wrong, fmt.Sprintf("%d against %d", n, m)
						}
					}
				}
				most := 0.06
				if truth.edge {
					most = 0.085
				}
				assert.LessOrEqual(t, worst, most, "%s, %s", truth.name, at)
				fmt.Fprintf(&table, "| %s | %s | %.1f %% | %s |\n", truth.name, strings.Join(row, " "), 100*worst, at)
			}
			t.Log(table.String())
		})
	}
}

// A truth is how all customers would answer: the share of each value, the lowest first.
type truth struct {
	name   string
	shares []float64
	// below are the sizes at which the interval contains the true score in 90 to 93 % of cases.
	below []int
	// edge means that hardly any answer is at one end, or in the middle: the formulas are worse there.
	edge bool
}

func netTruths() []truth {
	var found []truth
	for _, c := range [][2]float64{{.50, .20}, {.50, .30}, {.60, .20}, {.60, .10}, {.70, .20}, {.70, .10}, {.80, .10}, {.80, .05}, {.85, .05}, {.90, .05}, {.93, .03}, {.95, .02}} {
		found = append(found, truth{name: fmt.Sprintf("%.2f/%.2f", c[0], c[1]), shares: []float64{c[1], 1 - c[0] - c[1], c[0]}})
	}
	for _, c := range [][2]float64{{.56, .01}, {.80, .01}, {.50, .49}} {
		found = append(found, truth{name: fmt.Sprintf("%.2f/%.2f", c[0], c[1]), shares: []float64{c[1], 1 - c[0] - c[1], c[0]}, edge: true})
	}
	return found
}

func shareTruths() []truth {
	var found []truth
	below := map[float64][]int{.70: {10, 30}, .90: {10}, .95: {10, 20}} // Wilson's interval is known to dip there
	for _, p := range []float64{.50, .60, .70, .80, .85, .90, .95} {
		found = append(found, truth{name: fmt.Sprintf("%.2f", p), shares: []float64{1 - p, p}, below: below[p]})
	}
	for _, p := range []float64{.98, .99} {
		found = append(found, truth{name: fmt.Sprintf("%.2f", p), shares: []float64{1 - p, p}, edge: true})
	}
	return found
}

func starTruths() []truth {
	return []truth{
		{name: "85 % five stars", shares: []float64{.04, .02, .03, .06, .85}},
		{name: "70 % five stars", shares: []float64{.10, .03, .05, .12, .70}},
		{name: "50 % five stars", shares: []float64{.10, .05, .10, .25, .50}},
		{name: "in the middle", shares: []float64{.10, .20, .40, .20, .10}},
		{name: "one or five", shares: []float64{.30, 0, 0, 0, .70}, below: []int{10}},
	}
}

func effortTruths() []truth {
	return []truth{
		{name: "mostly 6 and 7", shares: []float64{.04, .02, .02, .04, .08, .30, .50}},
		{name: "mostly 5", shares: []float64{.05, .05, .10, .15, .35, .20, .10}},
	}
}

// outcomes are all results of a number of answers that can be distinguished by the sum of the
// values and the sum of their squares.
type outcomes struct {
	metric Metric
	n      int
	truth  float64 // The true score, in the unit of the centres.
	// bySum has the outcomes of each sum, by their standard error; they have one centre.
	bySum [][]outcome
}

type outcome struct {
	probability, centre, errorSquared float64
	score                             Score
}

// negligible is the probability of an outcome that is left out.
const negligible = 1e-13

// A row has the probabilities of the outcomes of one sum, by Σv(v − 1)/2 from low up.
type row struct {
	low           int
	probabilities []float64
}

// add adds a row that another answer has moved up by step, with the probability of that answer.
func (r *row) add(other row, step int, probability float64) {
	low := other.low + step
	if len(r.probabilities) == 0 {
		r.low = low
	}
	if missing := r.low - low; missing > 0 {
		r.low, r.probabilities = low, append(make([]float64, missing), r.probabilities...)
	}
	if missing := low + len(other.probabilities) - r.low - len(r.probabilities); missing > 0 {
		r.probabilities = append(r.probabilities, make([]float64, missing)...)
	}
	for i, p := range other.probabilities {
		r.probabilities[low-r.low+i] += p * probability
	}
}

// trim drops what is negligible at both ends.
func (r *row) trim() {
	for len(r.probabilities) > 0 && r.probabilities[0] < negligible {
		r.low, r.probabilities = r.low+1, r.probabilities[1:]
	}
	for n := len(r.probabilities); n > 0 && r.probabilities[n-1] < negligible; n-- {
		r.probabilities = r.probabilities[:n-1]
	}
}

// outcomesOf adds answers one by one: the distribution of n answers follows from that of n − 1.
func outcomesOf(t *testing.T, metric Metric, values []int, shares []float64, sizes []int) map[int]outcomes {
	t.Helper()
	found := make(map[int]outcomes)
	mean := 0.0
	for i, v := range values {
		mean += float64(v) * shares[i]
	}
	at := map[int]*row{0: {0, []float64{1}}} // by the sum
	for n := 1; n <= slices.Max(sizes); n++ {
		next := make(map[int]*row, len(at)+len(values))
		for sum, of := range at {
			for i, v := range values {
				if next[sum+v] == nil {
					next[sum+v] = new(row)
				}
				next[sum+v].add(*of, v*(v-1)/2, shares[i])
			}
		}
		for sum, of := range next {
			if of.trim(); len(of.probabilities) == 0 {
				delete(next, sum)
			}
		}
		if at = next; !slices.Contains(sizes, n) {
			continue
		}
		of := outcomes{metric: metric, n: n, truth: mean}
		for _, sum := range slices.Sorted(maps.Keys(at)) {
			var same []outcome
			for i, p := range at[sum].probabilities {
				if p > 0 {
					o := outcomeOf(metric, values, n, sum, sum+2*(at[sum].low+i))
					o.probability = p
					same = append(same, o)
				}
			}
			checkOutcome(t, same[len(same)/2])
			of.bySum = append(of.bySum, same)
		}
		found[n] = of
	}
	return found
}

// outcomeOf computes the centre and the standard error in floating point; a share has none.
func outcomeOf(metric Metric, values []int, n, sum, squares int) outcome {
	// The answers of a net score are −1, 0 and 1, those of a share 0 and 1.
	o := outcome{score: Score{
		Metric: metric, N: int64(n), sum: int64(sum), squares: int64(squares),
		top: int64(squares+sum) / 2, bottom: int64(squares-sum) / 2,
	}}
	total, added, addedSquares := float64(n), 0.0, 0.0
	if metric.Net() {
		total, addedSquares = total+3, 1.5
	} else {
		for _, v := range values {
			total, added, addedSquares = total+0.5, added+float64(v)/2, addedSquares+float64(v*v)/2
		}
	}
	o.centre = (float64(sum) + added) / total
	around := float64(squares) + addedSquares - total*o.centre*o.centre
	if metric.Net() {
		o.errorSquared = around / total / total
	} else {
		o.errorSquared = around / (total - 1) / total
	}
	return o
}

// checkOutcome holds an outcome against the estimate of the program.
func checkOutcome(t *testing.T, o outcome) {
	t.Helper()
	if o.score.Metric == MetricCSAT {
		return
	}
	e := o.score.netEstimate()
	if !o.score.Metric.Net() {
		e = o.score.meanEstimate()
	}
	centre, _ := e.centre.Float64()
	errorSquared, _ := e.errorSquared.Float64()
	require.InDelta(t, centre, o.centre, 1e-9)
	require.InDelta(t, errorSquared, o.errorSquared, 1e-9)
}

// coverage is how often the interval contains the true score.
func (of outcomes) coverage() float64 {
	covered := 0.0
	for _, same := range of.bySum {
		for _, o := range same {
			if of.metric == MetricCSAT {
				interval, _ := o.score.Interval()
				if low, high := interval.low.float(), interval.high.float(); low <= 100*of.truth && 100*of.truth <= high {
					covered += o.probability
				}
			} else if off := o.centre - of.truth; off*off <= 1.96*1.96*o.errorSquared {
				covered += o.probability
			}
		}
	}
	return covered
}

// falseChanges is how often two periods with the same true score differ by a real change.
func falseChanges(a, b outcomes) float64 {
	found, totals := 0.0, make([]float64, len(b.bySum))
	for j, those := range b.bySum {
		for _, o := range those {
			totals[j] += o.probability
		}
	}
	for _, these := range a.bySum {
		for j, those := range b.bySum {
			if a.metric == MetricCSAT {
				if significantlyDifferent(these[0].score, those[0].score, zOf95Percent()) {
					found += these[0].probability * those[0].probability
				}
				continue
			}
			delta := these[0].centre - those[0].centre
			limit := delta * delta / (1.96 * 1.96)
			// The larger the one error, the smaller the other must be.
			fit, sum := len(those), totals[j]
			for _, o := range these {
				for fit > 0 && o.errorSquared+those[fit-1].errorSquared >= limit {
					fit--
					sum -= those[fit].probability
				}
				if fit == 0 {
					break
				}
				found += o.probability * sum
			}
		}
	}
	return found
}

func (q quadratic) float() float64 {
	a, _ := q.a.Float64()
	square, _ := q.square.Float64()
	return a + float64(q.sign)*math.Sqrt(square)
}

func joinInts(numbers []int) string { return strings.Trim(fmt.Sprint(numbers), "[]") }

// TestOutcomesAddUp holds the enumeration: nearly all probability is in it.
func TestOutcomesAddUp(t *testing.T) {
	t.Parallel()
	of := outcomesOf(t, MetricReviews, []int{1, 2, 3, 4, 5}, starTruths()[1].shares, []int{60})
	total := 0.0
	for _, same := range of[60].bySum {
		for _, o := range same {
			total += o.probability
		}
	}
	require.InDelta(t, 1, total, 1e-6)
}
