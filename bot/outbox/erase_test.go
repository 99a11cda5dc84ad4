package outbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

func (w *world) erasures() store.Erasures {
	w.t.Helper()
	e, err := w.store.Erasures(w.t.Context())
	require.NoError(w.t, err)
	return e
}

// TestAFormerMessageThatStays is reported when its customer is erased, and goes at the next
// start.
func TestAFormerMessageThatStays(t *testing.T) {
	inWorld(t, func(w *world) {
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
	inWorld(t, func(w *world) {
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
