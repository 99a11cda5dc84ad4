package routine_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/routine"
	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

func TestDeliveriesAreForgottenAfterThirtyDays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "smileybot.db")
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), path, storetest.Options(t))
		require.NoError(t, err)
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			routine.Run(ctx, s, slog.New(slog.DiscardHandler))
		}()
		defer func() { cancel(); <-ended }()

		refuse := func() {
			require.NoError(t, s.Refuse(t.Context(), store.Refusal{Sender: "feedback", Status: 400, Detail: "x", ReceivedAt: time.Now()}))
		}
		refuse()
		_, err = s.Take(t.Context(), store.Delivery{Sender: "feedback", ID: "msg_1", ReceivedAt: time.Now()},
			storetest.Smiley("1", feedback.Red, time.Now()))
		require.NoError(t, err)

		time.Sleep(29*24*time.Hour + time.Minute)
		synctest.Wait()
		assert.Equal(t, 1, kept(t, s), "after 29 days")
		refuse()

		time.Sleep(2 * 24 * time.Hour)
		synctest.Wait()
		assert.Equal(t, 1, kept(t, s), "the old one is gone, the new one not")
	})
}

func kept(t *testing.T, s *store.Store) int {
	t.Helper()
	refusals, err := s.Refusals(t.Context())
	require.NoError(t, err)
	return len(refusals)
}
