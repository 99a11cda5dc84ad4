package score

import (
	"strconv"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Tally counts the answers of one kind by value: t[9] is how many gave a 9. A smiley's value is 1 for red, 2 for
// yellow and 3 for green. The zero Tally counts nothing.
type Tally [11]int64

// Add counts n more answers of value. A value outside 0 to 10 is not counted: no kind has it.
func (t *Tally) Add(value int, n int64) {
	if value < 0 || value >= len(t) {
		return
	}
	t[value] += n
}

// N is the number of answers of all values.
func (t Tally) N() int64 {
	return t.between(0, len(t)-1)
}

// between counts the answers of the values low to high, both inclusive.
func (t Tally) between(low, high int) int64 {
	var n int64
	for value := low; value <= high; value++ {
		n += t[value]
	}
	return n
}

// Place is where an answer counts.
type Place struct {
	Kind    feedback.Kind
	Day     office.Day
	Channel feedback.Channel
	// AgentID and AgentName identify who was rated; both are empty when it is unknown.
	AgentID, AgentName string
}

// PlaceOf is where a feedback counts on that day.
func PlaceOf(f feedback.Feedback, day office.Day) Place {
	return Place{Kind: f.Kind, Day: day, Channel: f.Channel, AgentID: f.Agent.ID, AgentName: f.Agent.Name}
}

// Count is the number of answers that count, by value, and the number of voided ones.
type Count struct {
	Tally  Tally
	Voided int64
}

// CountOf counts one feedback: one answer, or one that was voided.
func CountOf(f feedback.Feedback) Count {
	if f.Voided() {
		return Count{Voided: 1}
	}
	var c Count
	c.Tally.Add(f.Rating, 1)
	return c
}

// Plus is the sum of both counts.
func (c Count) Plus(more Count) Count {
	c.Voided += more.Voided
	for value, n := range more.Tally {
		c.Tally.Add(value, n)
	}
	return c
}

// Minus is c without less.
func (c Count) Minus(less Count) Count {
	c.Voided -= less.Voided
	for value, n := range less.Tally {
		c.Tally.Add(value, -n)
	}
	return c
}

// Share is one part of a split: the number of answers in it.
type Share struct {
	Name string // promoters, passives, detractors; green, yellow, red; or the answer itself, such as 4
	N    int64
}

// Split divides the answers of a score into its parts, in the order in which they are shown.
type Split []Share

// split names the parts of a tally for a metric: three for smileys and for scores of 0 to 10, one
// for each answer for the others.
func (m Metric) split(tally Tally) Split {
	scale := m.scale()
	good := tally.between(scale.top, scale.high)
	middle := tally.between(scale.bottom+1, scale.top-1)
	bad := tally.between(scale.low, scale.bottom)
	switch m {
	case MetricNPS, MetricNPSEU, MetricNLS:
		return Split{{"promoters", good}, {"passives", middle}, {"detractors", bad}}
	case MetricCSAT, MetricSmileys:
		return Split{{string(feedback.Green), good}, {string(feedback.Yellow), middle}, {string(feedback.Red), bad}}
	case MetricReviews: // the best first, as review sites have it
		var split Split
		for value := scale.high; value >= scale.low; value-- {
			split = append(split, Share{strconv.Itoa(value), tally[value]})
		}
		return split
	default:
		var split Split
		for value := scale.low; value <= scale.high; value++ {
			split = append(split, Share{strconv.Itoa(value), tally[value]})
		}
		return split
	}
}
