package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"smileybot/feedback"
)

const (
	// historyMonths is how far the demo's history reaches back.
	historyMonths = 13
	// historyPerDay is how many answers a working day brings.
	historyPerDay = 30
	// The dip, in days before today: a new panel that nobody liked.
	dipBegan, dipEnded = 80, 55
)

// history invents the answers of 13 months: fewer in weekends, slowly better
// over the year, and a dip that the scores show.
func history(seed uint64, perDay int, now time.Time) []feedback.Event {
	rng := seeded(seed, 2)
	var past []feedback.Event
	year, month, day := now.Date()
	for at := time.Date(year, month-historyMonths, day, 0, 0, 0, 0, now.Location()); at.Before(now); at = at.AddDate(0, 0, 1) {
		ago := int(now.Sub(at).Hours() / 24)
		for n := range busy(rng, perDay, at.Weekday()) {
			// Answers come from eight in the morning to ten at night.
			moment := at.Add(8*time.Hour + time.Duration(rng.Int64N(int64(14*time.Hour))))
			e := invented(rng, happiness(ago))
			e.ID = fmt.Sprintf("history-%s-%d", at.Format(time.DateOnly), n)
			e.OccurredAt = feedback.Moment(moment)
			if moment.Before(now) {
				past = append(past, e)
			}
		}
	}
	return past
}

// busy is how many answers a day brings.
func busy(rng *rand.Rand, perDay int, day time.Weekday) int {
	switch day {
	case time.Saturday, time.Sunday:
		perDay /= 4
	case time.Monday:
		perDay += perDay / 4
	default:
	}
	return perDay*3/4 + rng.IntN(perDay/2+1)
}

// happiness is the share of happy customers so many days ago.
func happiness(ago int) float64 {
	if dipEnded <= ago && ago <= dipBegan {
		return 0.62
	}
	const best, worsePerDay = 0.86, 0.0002
	return best - worsePerDay*float64(ago)
}

// invented is one answer. Most are smileys, as in real life.
func invented(rng *rand.Rand, happy float64) feedback.Event {
	colleague := team()[rng.IntN(len(team()))]
	e := feedback.Event{
		Key: feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley},
		Answer: feedback.Answer{
			Rating: graded(rng, happy, 3, 2, 1),
			Agent:  feedback.Person{ID: colleague.agent, Name: colleague.name},
		},
		Mentions: map[feedback.Field]bool{
			feedback.FieldRating: true, feedback.FieldAgentID: true, feedback.FieldAgentName: true,
		},
	}
	switch kind := rng.IntN(10); {
	case kind < 2:
		e.Kind, e.Channel = feedback.KindNPS, feedback.ChannelPanel
		e.Answer = feedback.Answer{Rating: graded(rng, happy*0.7, 9+rng.IntN(2), 7+rng.IntN(2), rng.IntN(7))}
		e.Mentions = map[feedback.Field]bool{feedback.FieldRating: true}
	case kind < 3:
		e.Kind, e.Channel = feedback.KindCSAT, feedback.ChannelEmail
		e.Answer.Rating = graded(rng, happy, 4+rng.IntN(2), 3, 1+rng.IntN(2))
	case kind < 5:
		e.Channel = feedback.ChannelChat
	default:
	}
	return e
}

// graded picks one of three ratings: the good one as often as people are happy,
// and of the rest the middle one a little more often.
func graded(rng *rand.Rand, happy float64, good, middle, bad int) int {
	const lukewarm = 0.55
	switch {
	case rng.Float64() < happy:
		return good
	case rng.Float64() < lukewarm:
		return middle
	default:
		return bad
	}
}
