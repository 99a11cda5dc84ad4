// Package storetest gives tests a fresh real store, and events that read well.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/sqlite"
)

// Options are the rules tests run under: Amsterdam days, office hours on working days from nine to
// five, follow-ups due after four hours, urgent ones after one.
func Options(tb testing.TB) store.Options {
	tb.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	require.NoError(tb, err)
	hours, err := office.ParseHours("Mon-Fri 09:00-17:00", amsterdam, office.Holidays{})
	require.NoError(tb, err)
	return store.Options{
		Location: amsterdam,
		Policy:   followup.Policy{Hours: hours, Due: 4 * time.Hour, DueUrgent: time.Hour},
	}
}

// New opens a new store in a folder of the test's own, and closes it with the test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, filepath.Join(Folder(tb), "smileybot.db"))
}

// empty is an empty database. It is made once, because the migrations take longer than most tests.
//
//nolint:gochecknoglobals // made once
var empty = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "smileybot-storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "empty.db")
	s, err := sqlite.Open(context.Background(), path, store.Options{Location: time.UTC})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // its own folder
})

// Create writes an empty database to path.
func Create(tb testing.TB, path string) {
	tb.Helper()
	if onServer {
		Address(tb, path)
		return
	}
	content, err := empty()
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(path, content, 0o600))
}

// Open opens the store at path, a new one if there is no file, and closes it with the test.
func Open(tb testing.TB, path string) *store.Store {
	tb.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		Create(tb, path)
	}
	s, err := database.Open(tb.Context(), Address(tb, path), Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// Raw opens the database of path next to the store.
func Raw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	driver, address := "sqlite3", "file:"+path+"?mode=rw&_foreign_keys=on&_busy_timeout=5000"
	if onServer {
		driver, address = "pgx", Address(tb, path)
	}
	db, err := sql.Open(driver, address)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// Rows are the rows that a query finds, NULL as nil.
func Rows(tb testing.TB, db *sql.DB, query string, args ...any) [][]any {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), query, args...)
	require.NoError(tb, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(tb, err)
	var found [][]any
	for rows.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		require.NoError(tb, rows.Scan(places...))
		found = append(found, row)
	}
	require.NoError(tb, rows.Err())
	return found
}

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
