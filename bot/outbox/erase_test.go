package outbox_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

func (w *fixture) erasures() store.Erasures {
	w.t.Helper()
	e, err := w.store.Erasures(w.t.Context())
	require.NoError(w.t, err)
	return e
}

// TestAFormerMessageThatStays is reported when its customer is erased, and goes at the next
// start.
func TestAFormerMessageThatStays(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		id := w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		former := w.one().TS
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed")})
		w.slack.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("cant_delete_message"), Times: -1})
		w.step(id, followup.Transition{Action: followup.ActionOpen, By: "U0BART"})
		w.pass(time.Minute)
		require.Len(t, w.living(support), 2)
		calls := len(w.calls("chat.delete"))
		w.pass(time.Hour)
		assert.Len(t, w.calls("chat.delete"), calls, "it is not tried again and again")
		w.forget()
		w.pass(time.Minute)
		assert.Equal(t, store.Erasures{Failed: []store.Remnant{{Key: id, SlackChannel: support, TS: former}}}, w.erasures())
		w.slack.Heal()
		w.restart()
		w.pass(time.Minute)
		assert.Empty(t, w.secrets())
		assert.Zero(t, w.erasures())
		w.whole(support, id)
	})
}

// TestAClickOnWhatCannotBeErased posts nothing new, and the message stays listed.
func TestAClickOnWhatCannotBeErased(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		id := w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		left := store.Erasures{Failed: []store.Remnant{{Key: id, SlackChannel: support, TS: w.one().TS}}}
		w.slack.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed"), Times: -1})
		w.slack.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("cant_delete_message"), Times: -1})
		w.forget()
		w.pass(time.Minute)
		require.Equal(t, left, w.erasures())
		w.step(id, followup.Transition{Action: followup.ActionOpen, By: "U0BART"})
		w.pass(time.Minute)
		assert.Len(t, w.living(support), 1)
		assert.Equal(t, left, w.erasures())
	})
}

// erase runs Erase as the command does, and returns its last progress as well.
func (w *fixture) erase() (failed []store.Remnant, progress [2]int64, err error) {
	w.t.Helper()
	d := w.deliverer(prometheus.NewRegistry())
	failed, err = d.Erase(w.t.Context(), w.alone, func(done, total int64) { progress = [2]int64{done, total} })
	return failed, progress, err
}

// eraseAfter posts a message with Jan's words, erases them in the database while no bot runs, harms
// Slack and runs Erase.
func eraseAfter(t *testing.T, harm func(*fakeslack.Server), check func(w *fixture, failed []store.Remnant, progress [2]int64, err error)) {
	t.Helper()
	withFixture(t, func(w *fixture) {
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		w.stop()
		w.openStore()
		defer w.store.Close()
		w.forget()
		require.NotEmpty(w.t, w.secrets())
		harm(w.slack)
		failed, progress, err := w.erase()
		check(w, failed, progress, err)
	})
}

// TestEraseWithoutBot checks that Erase edits the messages itself while no bot runs.
func TestEraseWithoutBot(t *testing.T) {
	eraseAfter(t, func(*fakeslack.Server) {}, func(w *fixture, failed []store.Remnant, progress [2]int64, err error) {
		require.NoError(w.t, err)
		assert.Empty(w.t, failed)
		assert.Empty(w.t, w.secrets())
		assert.Equal(w.t, [2]int64{1, 1}, progress)
	})
}

// TestEraseReturnsWhatStays checks that Erase returns a message that can be neither edited nor
// deleted, and tries it again the next time.
func TestEraseReturnsWhatStays(t *testing.T) {
	harm := func(s *fakeslack.Server) {
		s.Fail(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ErrorCode("edit_window_closed"), Times: -1})
		s.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("cant_delete_message"), Times: -1})
	}
	eraseAfter(t, harm, func(w *fixture, failed []store.Remnant, _ [2]int64, err error) {
		require.NoError(w.t, err)
		require.Len(w.t, failed, 1)
		assert.Equal(w.t, support, failed[0].SlackChannel)
		assert.Equal(w.t, w.one().TS, failed[0].TS)
		w.slack.Heal()
		failed, _, err = w.erase()
		require.NoError(w.t, err)
		assert.Empty(w.t, failed)
		assert.Empty(w.t, w.secrets())
	})
}

// TestEraseGivesUp checks that Erase returns an error when Slack accepts nothing for two minutes.
func TestEraseGivesUp(t *testing.T) {
	began := time.Now()
	harm := func(s *fakeslack.Server) {
		began = time.Now()
		s.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("invalid_auth"), Times: -1})
	}
	eraseAfter(t, harm, func(w *fixture, _ []store.Remnant, _ [2]int64, err error) {
		require.ErrorContains(w.t, err, "messages still to be erased: 1")
		assert.InDelta(w.t, 2*time.Minute, time.Since(began), float64(5*time.Second))
		w.slack.Heal()
		_, _, err = w.erase()
		require.NoError(w.t, err)
	})
}

// A noTransport fails the test that calls Slack through it.
type noTransport struct{ t *testing.T }

func (n noTransport) RoundTrip(*http.Request) (*http.Response, error) {
	n.t.Error("Slack was called while a bot runs")
	return nil, errors.New("not reachable")
}

// TestEraseLeavesItToTheBot checks that Erase leaves the messages to a running bot, which holds the lock, and
// waits for it.
func TestEraseBesideBot(t *testing.T) {
	withFixture(t, func(w *fixture) {
		held, err := sqlite.Lock(w.t.Context(), w.path, time.Second)
		require.NoError(w.t, err)
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		w.forget()
		w.transport = noTransport{w.t}
		failed, err := w.deliverer(prometheus.NewRegistry()).Erase(w.t.Context(), w.alone, func(int64, int64) {})
		require.NoError(w.t, err)
		assert.Empty(w.t, failed)
		assert.Empty(w.t, w.secrets())
		require.NoError(w.t, held.Release())
	})
}

// TestEraseWakesTheBotWithoutMessages checks that a running bot is woken although no message is left to
// edit: its Home tabs show the customer's name.
func TestEraseWakesTheBotWithoutMessages(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3")) // never posted
		w.forget()
		watched := w.path + ".turn" // see sqlite.Watch
		require.NoError(w.t, os.Chtimes(watched, time.Unix(0, 0), time.Unix(0, 0)))
		_, err := w.deliverer(prometheus.NewRegistry()).Erase(w.t.Context(), w.alone, func(int64, int64) {})
		require.NoError(w.t, err)
		file, err := os.Stat(watched)
		require.NoError(w.t, err)
		assert.NotEqual(w.t, time.Unix(0, 0), file.ModTime())
	})
}

// TestEraseStops checks that the end of the context ends Erase.
func TestEraseStops(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		w.slack.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("invalid_auth"), Times: -1})
		w.forget()
		held, err := sqlite.Lock(w.t.Context(), w.path, time.Second)
		require.NoError(w.t, err)
		ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
		defer cancel()
		_, err = w.deliverer(prometheus.NewRegistry()).Erase(ctx, w.alone, func(int64, int64) {})
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.NoError(w.t, held.Release())
	})
}

// alone waits for the lock of the fixture's database.
func (w *fixture) alone(ctx context.Context, run func(ctx, held context.Context, s *store.Store)) error {
	held, err := sqlite.Lock(ctx, w.path, math.MaxInt64)
	if ctx.Err() != nil && err != nil {
		return nil //nolint:nilerr // a bot held the lock to the end
	}
	if err != nil {
		return err
	}
	run(ctx, context.WithoutCancel(ctx), w.store)
	return held.Release()
}
