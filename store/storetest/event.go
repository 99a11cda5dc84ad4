package storetest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
)

// Smiley is an event with a smiley for a ticket reply.
func Smiley(id string, smiley feedback.Smiley, at time.Time) feedback.Event {
	return event(id, feedback.ChannelTicket, feedback.KindSmiley, smiley.Value(), at)
}

// Score is an event with a score that a customer gave in the panel.
func Score(id string, kind feedback.Kind, score int, at time.Time) feedback.Event {
	return event(id, feedback.ChannelPanel, kind, score, at)
}

func event(id string, channel feedback.Channel, kind feedback.Kind, rating int, at time.Time) feedback.Event {
	return feedback.Event{
		Key:        feedback.Key{Sender: "feedback", Channel: channel, Kind: kind, ID: id},
		OccurredAt: feedback.Moment(at),
		Answer:     feedback.Answer{Rating: rating},
		Mentions:   map[feedback.Field]bool{feedback.FieldRating: true},
	}
}

// With adds a comment to an event.
func With(e feedback.Event, comment string) feedback.Event {
	e.Answer.Comment = comment
	e.Mentions[feedback.FieldComment] = true
	return e
}

// Comment is an event that brings only a comment for what e rated.
func Comment(e feedback.Event, comment string, at time.Time) feedback.Event {
	return feedback.Event{
		Key:        e.Key,
		OccurredAt: feedback.Moment(at),
		Answer:     feedback.Answer{Comment: comment},
		Mentions:   map[feedback.Field]bool{feedback.FieldComment: true},
	}
}

// Past are events as rows of history.
func Past(events ...feedback.Event) []store.HistoricEvent {
	past := make([]store.HistoricEvent, len(events))
	for i, e := range events {
		past[i].Event = e
	}
	return past
}

// Import takes events of the past and fails the test unless all are taken.
func Import(tb testing.TB, s *store.Store, now time.Time, events ...feedback.Event) {
	tb.Helper()
	imported, err := s.Import(context.Background(), Past(events...), now)
	require.NoError(tb, err)
	for _, i := range imported {
		require.NoError(tb, i.Err)
	}
}

// Ordinary is the i-th of many ratings: with a customer, an agent and a ticket, half of
// them unhappy and unexplained, which opens a follow-up.
func Ordinary(id string, i int, at time.Time) feedback.Event {
	e := Smiley(id, feedback.Red, at)
	if i%2 == 0 {
		e = With(Smiley(id, feedback.Green, at), "Stap 3 van de handleiding klopt niet meer.")
	}
	agent := strconv.Itoa(i % 12)
	e.Answer.Customer = feedback.Person{ID: "c-" + id, Name: "Jan de Vries"}
	e.Answer.Agent = feedback.Person{ID: "a-" + agent, Name: "Bart " + agent}
	e.Answer.Ticket.ID, e.Answer.Ticket.Subject = id, "Website offline na update"
	for _, f := range []feedback.Field{
		feedback.FieldCustomerID, feedback.FieldCustomerName, feedback.FieldAgentID, feedback.FieldAgentName, feedback.FieldTicketID, feedback.FieldTicketSubject,
	} {
		e.Mentions[f] = true
	}
	return e
}
