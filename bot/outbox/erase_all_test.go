package outbox_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/bot/outbox"
	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// erase runs Erase as the command does, and returns its last progress as well.
func (w *world) erase() (failed []store.Remnant, progress [2]int64, err error) {
	w.t.Helper()
	failed, err = outbox.Erase(w.t.Context(), outbox.EraseOptions{
		Store: w.store, Database: w.path,
		New: func() (*outbox.Deliverer, error) {
			return outbox.New(outbox.Options{
				Store: w.store, Slack: slackapi.New(slackapi.Options{Token: w.slack.Options().BotToken, URL: w.slack.APIURL(), Transport: w.transport}), Channel: support, Lead: leads, Routes: w.routes,
				Speaker: message.NewRenderer(message.Options{}), Registry: prometheus.NewRegistry(),
				Log: slog.New(slog.NewTextHandler(w.log, nil)),
			})
		},
		Progress: func(done, total int64) { progress = [2]int64{done, total} },
	})
	return failed, progress, err
}

// eraseAfter posts a message with Jan's words, erases them in the database while no bot runs, harms
// Slack and runs Erase.
func eraseAfter(t *testing.T, harm func(*fakeslack.Server), check func(w *world, failed []store.Remnant, progress [2]int64, err error)) {
	t.Helper()
	inWorld(t, func(w *world) {
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
	eraseAfter(t, func(*fakeslack.Server) {}, func(w *world, failed []store.Remnant, progress [2]int64, err error) {
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
	eraseAfter(t, harm, func(w *world, failed []store.Remnant, _ [2]int64, err error) {
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
	eraseAfter(t, harm, func(w *world, _ []store.Remnant, _ [2]int64, err error) {
		require.ErrorContains(w.t, err, "messages still to be erased: 1")
		assert.InDelta(w.t, 2*time.Minute, time.Since(began), float64(5*time.Second))
		w.slack.Heal()
		_, _, err = w.erase()
		require.NoError(w.t, err)
	})
}

// TestEraseBesideBot checks that Erase leaves the messages to a running bot, which holds the lock, and
// waits for it.
func TestEraseBesideBot(t *testing.T) {
	inWorld(t, func(w *world) {
		release, err := sqlite.Lock(w.t.Context(), w.path, time.Second)
		require.NoError(w.t, err)
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		w.forget()
		failed, err := outbox.Erase(w.t.Context(), outbox.EraseOptions{
			Store: w.store, Database: w.path, Progress: func(int64, int64) {},
			New: func() (*outbox.Deliverer, error) { panic("a bot runs") },
		})
		require.NoError(w.t, err)
		assert.Empty(w.t, failed)
		assert.Empty(w.t, w.secrets())
		require.NoError(w.t, release())
	})
}

// TestEraseStops checks that the end of the context ends Erase.
func TestEraseStops(t *testing.T) {
	inWorld(t, func(w *world) {
		w.take(of(storetest.Smiley("1", feedback.Red, time.Now()), "stap 3"))
		w.pass(2 * time.Second)
		w.slack.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("invalid_auth"), Times: -1})
		w.forget()
		release, err := sqlite.Lock(w.t.Context(), w.path, time.Second)
		require.NoError(w.t, err)
		ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
		defer cancel()
		_, err = outbox.Erase(ctx, outbox.EraseOptions{Store: w.store, Database: w.path, Progress: func(int64, int64) {}})
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.NoError(w.t, release())
	})
}
