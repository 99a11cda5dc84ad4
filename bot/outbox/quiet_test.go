package outbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestQuietGreen: a green answer without a comment is not posted, and nothing waits for it. It appears
// once it says more, and then stays.
func TestQuietGreen(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.stop()
		w.quietGreen = true
		w.start()
		t := w.t
		green := func(id string) feedback.Event { return storetest.Smiley(id, feedback.Green, time.Now()) }
		silent := func() {
			t.Helper()
			w.pass(3 * time.Second)
			backlog, err := w.store.Backlog(t.Context())
			require.NoError(t, err)
			assert.Zero(t, backlog.Pending)
			late := time.Now().Add(time.Hour)
			_, err = w.store.OldestPost(t.Context(), late)
			require.ErrorIs(t, err, store.ErrNotFound, "nothing is overdue")
			overdue, err := w.d.Overdue(t.Context())
			require.NoError(t, err)
			assert.Empty(t, overdue)
		}
		first, second := w.take(green("r-1")), w.take(green("r-2"))
		silent()
		assert.Empty(t, w.living(support))

		named := green("r-1")
		named.Answer.Agent.Name, named.Mentions[feedback.FieldAgentName] = "Bart", true
		w.take(named)
		_, err := w.store.Moderate(t.Context(), second, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: time.Now()})
		require.NoError(t, err)
		w.d.Wake()
		silent()
		w.restart()
		w.pass(10 * time.Minute)
		silent()
		assert.Empty(t, w.living(support), "neither a name nor a void is news")

		w.take(storetest.Comment(green("r-1"), "Top!", time.Now()))
		silent()
		w.whole(support, first)
		red := w.take(storetest.Smiley("r-3", feedback.Red, time.Now()))
		silent()
		w.pass(time.Hour)
		w.take(green("r-3"))
		third := w.take(storetest.With(green("r-4"), "Thanks"))
		silent()
		w.take(storetest.Smiley("r-2", feedback.Red, time.Now()))
		silent()
		w.whole(support, first, red, third, second)
	})
}

// TestQuietGreenIsErasedInSilence: to erase what a message that was not posted would show posts none, also
// after the setting was changed.
func TestQuietGreenIsErasedInSilence(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.stop()
		w.quietGreen = true
		w.start()
		w.take(of(storetest.Smiley("1", feedback.Green, time.Now()), ""))
		w.pass(3 * time.Second)
		w.stop()
		w.quietGreen = false
		w.start()
		w.forget()
		w.pass(time.Minute)
		assert.Zero(w.t, len(w.living(support)))
		assert.Zero(w.t, w.erasures())
	})
}
