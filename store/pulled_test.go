package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// pulledAt is when pulls of these tests begin.
func pulledAt() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// pulledReview is a review that a site has.
func pulledReview(id string, stars int, at time.Time) feedback.Event {
	return feedback.Event{
		Key: feedback.Key{Sender: "site", Channel: feedback.ChannelReview, Kind: feedback.KindReview, ID: id}, OccurredAt: at,
		Answer:   feedback.Answer{Rating: stars, Customer: feedback.Person{Name: "Jan", Email: "jan@example.org"}},
		Mentions: map[feedback.Field]bool{feedback.FieldRating: true, feedback.FieldCustomerName: true, feedback.FieldCustomerEmail: true},
	}
}

// takePulled takes reviews and returns the results.
func takePulled(t *testing.T, s *store.Store, p store.Pull, now time.Time, events ...feedback.Event) []feedback.Result {
	t.Helper()
	taken, err := s.TakePulled(t.Context(), p, events, true, now)
	require.NoError(t, err)
	var results []feedback.Result
	for _, one := range taken {
		results = append(results, one.Result)
	}
	return results
}

// TestPullIsKept: how far a pull is survives, and another source begins at the beginning.
func TestPullIsKept(t *testing.T) {
	t.Parallel()
	s, now := storetest.New(t), pulledAt()
	p, err := s.PullOf(t.Context(), "site", "one", now)
	require.NoError(t, err)
	assert.Equal(t, store.Pull{Sender: "site", Source: "one", BeganAt: now, NextAt: now}, p)
	p.Cursor, p.HistoryAt, p.CompleteAt, p.SucceededAt, p.NextAt, p.Failures, p.Reason = "c", now, now.Add(1e9), now.Add(2e9), now.Add(3e9), 2, "http_500"
	require.NoError(t, s.SavePull(t.Context(), p))
	got, err := s.PullOf(t.Context(), "site", "one", now.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, p, got)
	all, err := s.Pulls(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []store.Pull{p}, all)
	other, err := s.PullOf(t.Context(), "site", "two", now.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, store.Pull{Sender: "site", Source: "two", BeganAt: now.Add(time.Hour), NextAt: now.Add(time.Hour)}, other)
}

// TestPulledResults: what a review is, by its moment, by what is known, and by what it says.
func TestPulledResults(t *testing.T) {
	t.Parallel()
	now := pulledAt()
	first := store.Pull{Sender: "site", Source: "one", BeganAt: now.Add(-time.Hour)}
	done := first
	done.HistoryAt = now.Add(-time.Minute)
	for _, row := range []struct {
		name  string
		pull  store.Pull
		event feedback.Event
		want  feedback.Result
	}{
		{"before the first pull began", first, pulledReview("1", 5, now.Add(-2*time.Hour)), store.PulledHistory},
		{"since it began", first, pulledReview("1", 5, now.Add(-time.Minute)), feedback.Created},
		{"without a moment, at first", first, pulledReview("1", 5, now), store.PulledHistory},
		{"without a moment, later", done, pulledReview("1", 5, now), feedback.Created},
		{"later, old", done, pulledReview("1", 5, now.Add(-store.PulledLate-time.Second)), store.PulledHistory},
		{"later, not that old", done, pulledReview("1", 5, now.Add(-store.PulledLate)), feedback.Created},
	} {
		s := storetest.New(t)
		assert.Equal(t, []feedback.Result{row.want}, takePulled(t, s, row.pull, now, row.event), row.name)
		assert.Equal(t, []feedback.Result{feedback.Unchanged}, takePulled(t, s, done, now.Add(time.Hour), row.event), row.name)
	}

	s := storetest.New(t)
	deleted := pulledReview("2", 1, now)
	deleted.TakenBack = true
	assert.Equal(t, []feedback.Result{store.PulledHistory}, takePulled(t, s, done, now, deleted), "taken back before it was known: no message")
	empty := pulledReview("3", 0, now)
	delete(empty.Mentions, feedback.FieldRating)
	assert.Equal(t, []feedback.Result{store.Ignored}, takePulled(t, s, done, now, empty))

	old := pulledReview("4", 5, now.Add(-30*24*time.Hour))
	takePulled(t, s, done, now, old)
	renamed := old
	renamed.Answer.Customer.Name = "Jan de Vries"
	assert.Equal(t, []feedback.Result{store.PulledHistory}, takePulled(t, s, done, now, renamed), "another name is no news")
	worse := renamed
	worse.Answer.Rating = 1
	assert.Equal(t, []feedback.Result{feedback.Updated}, takePulled(t, s, done, now, worse))
	assert.Equal(t, []feedback.Result{feedback.Unchanged}, takePulled(t, s, done, now, worse))
}

// TestForgottenCustomerStaysForgotten although the site still shows the review.
func TestForgottenCustomerStaysForgotten(t *testing.T) {
	t.Parallel()
	s, now := storetest.New(t), pulledAt()
	done := store.Pull{Sender: "site", Source: "one", BeganAt: now, HistoryAt: now}
	takePulled(t, s, done, now, pulledReview("1", 1, now))
	_, err := s.Erase(t.Context(), "jan@example.org", now.Add(time.Minute))
	require.NoError(t, err)
	for _, later := range []time.Duration{time.Hour, 100 * 24 * time.Hour} {
		require.NoError(t, s.Sweep(t.Context(), now.Add(later)))
		takePulled(t, s, done, now.Add(later), pulledReview("1", 1, now))
		require.NoError(t, s.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
			assert.Equal(t, feedback.Person{}, f.Customer)
			return nil
		}))
	}
}

// TestVoidUnlisted: a review is taken back when two complete lists lack it, unless many are missing.
func TestVoidUnlisted(t *testing.T) {
	t.Parallel()
	s, now := storetest.New(t), pulledAt()
	done := store.Pull{Sender: "site", Source: "one", BeganAt: now, HistoryAt: now}
	const reviews = 50
	var events []feedback.Event
	for i := range reviews {
		events = append(events, pulledReview(strconv.Itoa(i), 5, now))
	}
	takePulled(t, s, done, now, events...)
	list := func(without int) map[string]bool {
		listed := make(map[string]bool)
		for i := without; i < reviews; i++ {
			listed[strconv.Itoa(i)] = true
		}
		return listed
	}
	look := func(without int, after time.Duration) (int, error) {
		return s.VoidUnlisted(t.Context(), "site", list(without), now.Add(after))
	}
	for _, step := range []struct {
		without, voided int
		err             error
	}{
		{5, 0, nil},
		{0, 0, nil},
		{5, 0, nil},
		{5, 5, nil},
		{5, 0, nil},
		{10, 0, store.ErrManyUnlisted},
		{10, 0, store.ErrManyUnlisted},
		{9, 4, nil},
	} {
		voided, err := look(step.without, time.Hour)
		require.ErrorIs(t, err, step.err)
		assert.Equal(t, step.voided, voided, step)
	}
	_, err := look(reviews, time.Hour)
	require.ErrorIs(t, err, store.ErrManyUnlisted)
	_, err = look(reviews, 8*24*time.Hour)
	require.ErrorIs(t, err, store.ErrManyUnlisted)
	voided, err := look(reviews, 9*24*time.Hour)
	require.NoError(t, err, "they are no longer looked for")
	assert.Zero(t, voided)
	counted := 0
	require.NoError(t, s.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
		if f.Voided() {
			counted++
		}
		return nil
	}))
	assert.Equal(t, 9, counted)
	assert.Equal(t, []feedback.Result{feedback.Updated}, takePulled(t, s, done, now.Add(10*24*time.Hour), events[0]), "it is listed again")
	assert.Equal(t, []feedback.Result{feedback.Unchanged}, takePulled(t, s, done, now.Add(11*24*time.Hour), events[0]))
}
