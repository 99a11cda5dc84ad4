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
			told(rng, &e, len(past))
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

// invented is one answer. Most are smileys, as in
// real life.
func invented(rng *rand.Rand, happy float64) feedback.Event {
	e := feedback.Event{
		Key:      feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley},
		Answer:   feedback.Answer{Rating: graded(rng, happy, 3, 2, 1)},
		Mentions: map[feedback.Field]bool{feedback.FieldRating: true},
	}
	switch kind := rng.IntN(20); {
	case kind < 4:
		e.Kind, e.Channel = feedback.KindNPS, feedback.ChannelPanel
		e.Answer.Rating = graded(rng, happy*0.7, 9+rng.IntN(2), 7+rng.IntN(2), rng.IntN(7))
	case kind < 6:
		e.Kind, e.Channel = feedback.KindCSAT, feedback.ChannelEmail
		e.Answer.Rating = graded(rng, happy, 4+rng.IntN(2), 3, 1+rng.IntN(2))
	case kind < 7:
		e.Kind, e.Channel = feedback.KindCES, feedback.ChannelPhone
		e.Answer.Rating = graded(rng, happy, 5+rng.IntN(3), 4, 1+rng.IntN(3))
	case kind < 8:
		e.Kind, e.Channel = feedback.KindNLS, feedback.ChannelPanel
		e.Answer.Rating = graded(rng, happy*0.8, 9+rng.IntN(2), 7+rng.IntN(2), rng.IntN(7))
	case kind < 12:
		e.Channel = feedback.ChannelChat
	case kind < 13:
		e.Kind, e.Channel = feedback.KindReview, feedback.ChannelReview
		e.Answer.Rating = graded(rng, happy, 4+rng.IntN(2), 3, 1+rng.IntN(2))
		e.Answer.Site, e.Mentions[feedback.FieldSite] = reviewSite, true
	default:
	}
	if e.Channel != feedback.ChannelPanel && e.Channel != feedback.ChannelReview {
		answeredBy(&e, team()[rng.IntN(len(team()))])
	}
	return e
}

// answeredBy says whose answer was rated.
func answeredBy(e *feedback.Event, c colleague) {
	e.Answer.Agent = feedback.Person{ID: c.agent, Name: c.name, Email: c.email()}
	e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName], e.Mentions[feedback.FieldAgentEmail] = true, true, true
}

// told gives an answer its customer, now and then a comment, and a ticket the
// times of its conversation, which began hours before the customer rated it.
func told(rng *rand.Rand, e *feedback.Event, number int) {
	e.Answer.Customer = feedback.Person{
		ID:   fmt.Sprintf("c-%d", 20000+rng.IntN(2500)),
		Name: firstNames()[rng.IntN(len(firstNames()))] + " " + lastNames()[rng.IntN(len(lastNames()))],
	}
	e.Mentions[feedback.FieldCustomerID], e.Mentions[feedback.FieldCustomerName] = true, true
	const talkative = 4 // one in so many says why
	if rng.IntN(talkative) == 0 {
		e.Answer.Comment, e.Mentions[feedback.FieldComment] = remark(rng, *e), true
	}
	if e.Channel != feedback.ChannelTicket {
		return
	}
	solved := e.OccurredAt.Add(-time.Duration(5+rng.IntN(120)) * time.Minute)
	replied := solved.Add(-time.Duration(rng.IntN(300)) * time.Minute)
	replies := 1 + rng.IntN(3)
	if replies == 1 {
		replied = solved
	}
	e.Answer.Ticket = feedback.Ticket{
		ID: fmt.Sprintf("h-%d", number), Subject: affairs()[rng.IntN(len(affairs()))].subject,
		OpenedAt:     replied.Add(-time.Duration(8+rng.IntN(200)) * time.Minute),
		FirstReplyAt: replied, ResolvedAt: solved, Replies: replies,
	}
	for _, f := range []feedback.Field{
		feedback.FieldTicketID, feedback.FieldTicketSubject, feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt,
		feedback.FieldTicketResolvedAt, feedback.FieldTicketReplies,
	} {
		e.Mentions[f] = true
	}
}

// reviewSite is where the demo's customers write reviews.
const reviewSite = "reviewsite"

// remark is what a customer says with an answer.
func remark(rng *rand.Rand, e feedback.Event) string {
	lines := grudges()
	switch happy := e.Kind.Colour(e.Answer.Rating) == feedback.Green; {
	case happy && e.Channel == feedback.ChannelPanel:
		lines = praises()
	case happy:
		lines = thanks()
	case e.Channel != feedback.ChannelPanel:
		return affairs()[rng.IntN(len(affairs()))].complaint
	}
	return lines[rng.IntN(len(lines))]
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
