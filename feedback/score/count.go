package score

import (
	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Place is where an answer is counted.
type Place struct {
	Kind    feedback.Kind
	Day     office.Day
	Channel feedback.Channel
	// AgentID and AgentName are those of who was rated; both empty when nobody said.
	AgentID, AgentName string
}

// PlaceOf is where a feedback is counted when it counts on that day.
func PlaceOf(f feedback.Feedback, day office.Day) Place {
	return Place{Kind: f.Kind, Day: day, Channel: f.Channel, AgentID: f.Agent.ID, AgentName: f.Agent.Name}
}

// Count is how many answers count, by value, and how many were voided.
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

// Plus is both counts together.
func (c Count) Plus(more Count) Count {
	c.Voided += more.Voided
	for value, n := range more.Tally {
		c.Tally.Add(value, n)
	}
	return c
}

// Minus is what c has more than less.
func (c Count) Minus(less Count) Count {
	c.Voided -= less.Voided
	for value, n := range less.Tally {
		c.Tally.Add(value, -n)
	}
	return c
}
