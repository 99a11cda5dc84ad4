// Package feedbacktest builds days, office hours and events for the tests of feedback and of the
// packages below it.
package feedbacktest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// Location is the time zone of that name.
func Location(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// Day reads a day such as 2026-11-20.
func Day(t *testing.T, text string) office.Day {
	t.Helper()
	d, err := office.ParseDay(text)
	require.NoError(t, err)
	return d
}

// Moment reads a local time such as 2026-11-20 16:00, with or without seconds, or any RFC 3339 time.
func Moment(t *testing.T, text string, loc *time.Location) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime, time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, loc); err == nil {
			return at
		}
	}
	t.Fatalf("%q is not a time", text)
	return time.Time{}
}

// Hours are the office hours of a setting, in a zone, with the holidays of a setting.
func Hours(t *testing.T, text, zone, holidays string) office.Hours {
	t.Helper()
	closed, err := office.ParseHolidays(holidays)
	require.NoError(t, err)
	hours, err := office.ParseHours(text, Location(t, zone), closed)
	require.NoError(t, err)
	return hours
}

// Noon is noon UTC of 20 November 2026, and that many seconds later.
func Noon(seconds float64) time.Time {
	return time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// Event is an event about one smiley, that many seconds after [Noon], with what mentions set.
func Event(seconds float64, mentions ...func(*feedback.Event)) feedback.Event {
	e := feedback.Event{
		Key:        feedback.Key{Sender: "feedback", Channel: feedback.ChannelTicket, Kind: feedback.KindSmiley, ID: "reply-1"},
		OccurredAt: Noon(seconds),
		Mentions:   make(map[feedback.Field]bool),
	}
	for _, mention := range mentions {
		mention(&e)
	}
	return e
}

// Smiley mentions a smiley.
func Smiley(s feedback.Smiley) func(*feedback.Event) { return Rating(s.Value()) }

// Rating mentions a rating.
func Rating(value int) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Rating, e.Mentions[feedback.FieldRating] = value, true }
}

// Comment mentions a comment.
func Comment(text string) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Comment, e.Mentions[feedback.FieldComment] = text, true }
}

// Customer mentions a customer's name.
func Customer(name string) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Customer.Name, e.Mentions[feedback.FieldCustomerName] = name, true }
}

// Urgent mentions whether the ticket is urgent.
func Urgent(yes bool) func(*feedback.Event) {
	return func(e *feedback.Event) { e.Answer.Ticket.Urgent, e.Mentions[feedback.FieldTicketUrgent] = yes, true }
}

// History merges one event after the other, and keeps the ratings that it has seen as the store does.
type History struct {
	Feedback *feedback.Feedback
	Seen     []feedback.SeenRating
	// Waiting are the events that came before the first rating.
	Waiting []feedback.Event
}

// Merge applies an event to the feedback, or keeps it for the first rating.
func (h *History) Merge(e feedback.Event) (feedback.Merged, error) {
	var m feedback.Merged
	var err error
	switch {
	case h.Feedback == nil && e.Waits():
		h.Waiting = append(h.Waiting, e)
		return feedback.Merged{Result: feedback.Kept}, nil
	case h.Feedback == nil:
		m, err = feedback.MergeFirst(e, h.Waiting)
	default:
		m, err = feedback.Merge(h.Feedback, e, h.Seen)
	}
	if err != nil {
		return m, err
	}
	after := m.After
	h.Feedback = &after
	if e.Mentions[feedback.FieldRating] {
		commented := e.Mentions[feedback.FieldComment] && e.Answer.Comment != ""
		h.Seen = append(h.Seen, feedback.SeenRating{Rating: e.Answer.Rating, At: e.OccurredAt, Commented: commented})
	}
	return m, nil
}
