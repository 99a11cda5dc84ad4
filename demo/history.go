package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"smileybot/bot/message"
	"smileybot/feedback"
)

const (
	// historyMonths is the length of the demo's history.
	historyMonths = 13
	// historyPerDay is the average number of ratings on a working day.
	historyPerDay = 30
	// The dip in the scores, in days before today: customers disliked a new panel.
	dipBegan, dipEnded = 80, 55
	// dipShare is the share of happy customers in it.
	dipShare = 0.62
)

// A history invents ratings, day by day: fewer at weekends, slowly better over the year, and with dips
// that the scores show. It is the same for the same seed.
type history struct {
	rng     *rand.Rand
	written lines
	perDay  int
	now     time.Time // of the demo's start
	day     time.Time // the next one to invent
	rest    []feedback.Event
	count   int
	dips    []dip
}

// A dip is a time in which fewer customers are happy.
type dip struct {
	from, to time.Time
	share    float64
}

// newHistory begins 13 months before now.
func newHistory(seed uint64, perDay int, now time.Time, language message.Language) *history {
	year, month, day := now.Date()
	h := &history{
		rng: seeded(seed, 2), written: linesIn(language), perDay: perDay, now: now,
		day: time.Date(year, month-historyMonths, day, 0, 0, 0, 0, now.Location()),
	}
	h.dip(now.AddDate(0, 0, -dipBegan), now.AddDate(0, 0, -dipEnded), dipShare)
	return h
}

// dip makes fewer customers happy between two moments.
func (h *history) dip(from, to time.Time, share float64) {
	h.dips = append(h.dips, dip{from, to, share})
}

// until returns the ratings after those that it has returned, up to a moment.
func (h *history) until(moment time.Time) []feedback.Event {
	for ; h.day.Before(moment); h.day = h.day.AddDate(0, 0, 1) {
		h.inventDay()
	}
	var past, rest []feedback.Event
	for _, e := range h.rest {
		if e.OccurredAt.Before(moment) {
			past = append(past, e)
		} else {
			rest = append(rest, e)
		}
	}
	h.rest = rest
	return past
}

// inventDay invents the ratings of a day.
func (h *history) inventDay() {
	for n := range ratingsOn(h.rng, h.perDay, h.day.Weekday()) {
		// Ratings come from 08:00 to 22:00.
		moment := h.day.Add(8*time.Hour + time.Duration(h.rng.Int64N(int64(14*time.Hour))))
		e := randomEvent(h.rng, h.happyShare(moment))
		e.ID = fmt.Sprintf("history-%s-%d", h.day.Format(time.DateOnly), n)
		e.OccurredAt = feedback.Moment(moment)
		addDetails(h.rng, &e, h.count, h.written)
		h.rest = append(h.rest, e)
		h.count++
	}
}

// ratingsOn returns a random number of ratings for a day of the week.
func ratingsOn(rng *rand.Rand, perDay int, day time.Weekday) int {
	switch day {
	case time.Saturday, time.Sunday:
		perDay /= 4
	case time.Monday:
		perDay += perDay / 4
	default:
	}
	return perDay*3/4 + rng.IntN(perDay/2+1)
}

// happyShare returns the share of happy customers at a moment.
func (h *history) happyShare(moment time.Time) float64 {
	for _, d := range h.dips {
		if !moment.Before(d.from) && moment.Before(d.to) {
			return d.share
		}
	}
	const best, worsePerDay = 0.86, 0.0002
	return best - worsePerDay*math.Max(h.now.Sub(moment).Hours()/24, 0)
}

// randomEvent returns a rating of a random kind. Most are smileys, as in real life.
func randomEvent(rng *rand.Rand, happy float64) feedback.Event {
	e := feedback.Event{
		Key:      feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley},
		Answer:   feedback.Answer{Rating: pickRating(rng, happy, 3, 2, 1)},
		Mentions: map[feedback.Field]bool{feedback.FieldRating: true},
	}
	switch kind := rng.IntN(20); {
	case kind < 4:
		e.Kind, e.Channel = feedback.KindNPS, feedback.ChannelPanel
		e.Answer.Rating = pickRating(rng, happy*0.7, 9+rng.IntN(2), 7+rng.IntN(2), rng.IntN(7))
	case kind < 6:
		e.Kind, e.Channel = feedback.KindCSAT, feedback.ChannelEmail
		e.Answer.Rating = pickRating(rng, happy, 4+rng.IntN(2), 3, 1+rng.IntN(2))
	case kind < 7:
		e.Kind, e.Channel = feedback.KindCES, feedback.ChannelPhone
		e.Answer.Rating = pickRating(rng, happy, 5+rng.IntN(3), 4, 1+rng.IntN(3))
	case kind < 8:
		e.Kind, e.Channel = feedback.KindNLS, feedback.ChannelPanel
		e.Answer.Rating = pickRating(rng, happy*0.8, 9+rng.IntN(2), 7+rng.IntN(2), rng.IntN(7))
	case kind < 12:
		e.Channel = feedback.ChannelChat
	case kind < 13:
		e.Kind, e.Channel = feedback.KindReview, feedback.ChannelReview
		e.Answer.Rating = pickRating(rng, happy, 4+rng.IntN(2), 3, 1+rng.IntN(2))
		e.Answer.Site, e.Mentions[feedback.FieldSite] = reviewSite, true
	default:
	}
	if e.Channel != feedback.ChannelPanel && e.Channel != feedback.ChannelReview {
		answeredBy(&e, team()[rng.IntN(len(team()))])
	}
	return e
}

// answeredBy sets the agent of an event.
func answeredBy(e *feedback.Event, c colleague) {
	e.Answer.Agent = feedback.Person{ID: c.agent, Name: c.name, Email: c.email()}
	e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName], e.Mentions[feedback.FieldAgentEmail] = true, true, true
}

// addDetails gives an event its customer, sometimes a comment, and a ticket the times of its
// conversation, which began hours before the rating.
func addDetails(rng *rand.Rand, e *feedback.Event, number int, written lines) {
	e.Answer.Customer = feedback.Person{
		ID:   fmt.Sprintf("c-%d", 20000+rng.IntN(2500)),
		Name: firstNames()[rng.IntN(len(firstNames()))] + " " + lastNames()[rng.IntN(len(lastNames()))],
	}
	e.Mentions[feedback.FieldCustomerID], e.Mentions[feedback.FieldCustomerName] = true, true
	const commentEvery = 4
	if rng.IntN(commentEvery) == 0 {
		e.Answer.Comment, e.Mentions[feedback.FieldComment] = randomComment(rng, *e, written), true
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
		ID: fmt.Sprintf("h-%d", number), Subject: written.topics[rng.IntN(len(written.topics))].subject,
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

// reviewSite is the site on which the demo's customers write reviews.
const reviewSite = "reviewsite"

// randomComment returns a comment that fits a rating.
func randomComment(rng *rand.Rand, e feedback.Event, written lines) string {
	options := written.complaints
	switch happy := e.Kind.Colour(e.Answer.Rating) == feedback.Green; {
	case happy && e.Channel == feedback.ChannelPanel:
		options = written.praises
	case happy:
		options = written.thanks
	case e.Channel != feedback.ChannelPanel:
		return written.topics[rng.IntN(len(written.topics))].complaint
	}
	return options[rng.IntN(len(options))]
}

// pickRating returns the good rating for the share of happy customers, and otherwise the middle one
// a little more often than the bad one.
func pickRating(rng *rand.Rand, happy float64, good, middle, bad int) int {
	const middleShare = 0.55
	switch {
	case rng.Float64() < happy:
		return good
	case rng.Float64() < middleShare:
		return middle
	default:
		return bad
	}
}
