package outbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store/storetest"
)

// A death is what can happen to a channel, after which the bot cannot change what is in it.
type death struct {
	name string
	kill func(s *fakeslack.Server, id string)
}

func deaths() []death {
	change := func(c fakeslack.Channel) func(*fakeslack.Server, string) {
		return func(s *fakeslack.Server, id string) {
			c.ID, c.Members = id, []string{s.Options().BotUserID}
			s.AddChannel(c)
		}
	}
	refuse := func(code string) func(*fakeslack.Server, string) {
		return func(s *fakeslack.Server, id string) {
			for _, method := range []string{"chat.update", "chat.postMessage"} {
				s.Fail(fakeslack.Fault{Method: method, Channel: id, Times: -1, Kind: fakeslack.ErrorCode(code)})
			}
		}
	}
	return []death{
		{"archived", func(s *fakeslack.Server, id string) { s.Archive(id, true) }},
		{"deleted", func(s *fakeslack.Server, id string) { s.RemoveChannel(id) }},
		{"moved to a new id", func(s *fakeslack.Server, id string) { s.Move(id, "C0MOVED") }},
		{"made private without the bot", func(s *fakeslack.Server, id string) { s.AddChannel(fakeslack.Channel{ID: id, Private: true}) }},
		{"frozen", change(fakeslack.Channel{Frozen: true})},
		{"not in it", refuse("not_in_channel")},
		{"read-only", refuse("restricted_action_read_only_channel")},
		{"restricted", refuse("restricted_action")},
		{"no permission", refuse("no_permission")},
		{"not for the app", refuse("posting_to_channel_denied")},
		{"for some only", refuse("channel_is_limited_access")},
	}
}

// leaveNPS restarts the bot with the panel's answers in the support channel; its former channel is dead.
func (w *fixture) leaveNPS(d death) {
	w.stop()
	d.kill(w.slack, nps)
	w.routes = nil
	w.start()
	w.pass(time.Second)
}

// TestAChangeLeavesADeadChannel: what changes is posted where it would be routed today, once, and
// nothing stays wrong because of the channel that was left.
func TestAChangeLeavesADeadChannel(t *testing.T) {
	for _, d := range deaths() {
		t.Run(d.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				e := storetest.Score("c-1", feedback.KindNPS, 2, time.Now())
				id := w.take(e)
				still := w.take(storetest.Score("c-2", feedback.KindNPS, 2, time.Now()))
				w.pass(5 * time.Second)
				w.leaveNPS(d)
				w.take(storetest.Comment(e, "Nobody called me back", time.Now()))
				w.pass(30 * time.Second)
				w.whole(support, id)
				assert.True(w.t, w.shows("Nobody called me back"))
				assert.Empty(w.t, w.d.Failures())
				w.restart()
				w.pass(time.Minute)
				w.whole(support, id)
				assert.Empty(w.t, w.d.Failures())
				m, err := w.store.MessageChannel(w.t.Context(), still)
				require.NoError(w.t, err)
				assert.Equal(w.t, nps, m, "what does not change stays")
			})
		})
	}
}

// TestANoticeLeavesADeadChannel: the message that a notice belongs to moves, and the notice follows into
// its thread.
func TestANoticeLeavesADeadChannel(t *testing.T) {
	for _, d := range deaths() {
		t.Run(d.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				id := w.take(storetest.Score("c-1", feedback.KindNPS, 2, time.Now()))
				w.step(id, followup.Transition{Action: followup.ActionOpen, By: "U0BART"})
				w.pass(5 * time.Second)
				w.leaveNPS(d)
				c, err := w.store.Snapshot(w.t.Context(), id)
				require.NoError(w.t, err)
				_, err = w.store.Remind(w.t.Context(), c.FollowUp.DueAt.Add(time.Minute))
				require.NoError(w.t, err)
				w.d.Wake()
				w.pass(30 * time.Second)
				w.whole(support, id)
				thread := w.slack.Thread(support, w.one().TS)
				require.Len(w.t, thread, 1)
				assert.Contains(w.t, string(thread[0].Blocks), support+"/p", "its link follows")
				assert.Empty(w.t, w.d.Failures())
			})
		})
	}
}

// TestADoubtLeavesADeadChannel: what was posted there last is looked up if that can be read, and counts
// as missing otherwise.
func TestADoubtLeavesADeadChannel(t *testing.T) {
	kinds := []fakeslack.Kind{fakeslack.StatusAfter(503), fakeslack.CutBefore()}
	for n, d := range deaths() {
		t.Run(d.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kinds[n%2]})
				e := storetest.Score("c-1", feedback.KindNPS, 2, time.Now())
				id := w.take(e)
				w.pass(time.Second)
				w.leaveNPS(d)
				w.take(storetest.Comment(e, "meanwhile", time.Now()))
				w.pass(3 * time.Minute)
				w.whole(support, id)
				assert.Empty(w.t, w.d.Failures())
			})
		})
	}
}

// TestADeadChannelThatIsSetStillWaits for the operator, whatever is wrong, and drains when that is repaired.
func TestADeadChannelThatIsSetStillWaits(t *testing.T) {
	withFixture(t, func(w *fixture) {
		e := red()
		id := w.take(e)
		w.pass(5 * time.Second)
		w.slack.Archive(support, true)
		w.take(storetest.Comment(e, "why", time.Now()))
		w.pass(10 * time.Minute)
		require.Len(w.t, w.d.Failures(), 1)
		assert.Equal(w.t, "unarchive channel C0SUPPORT or set another one", w.d.Failures()[0].Remedy)
		w.slack.Archive(support, false)
		w.pass(time.Minute)
		w.whole(support, id)
		assert.Empty(w.t, w.d.Failures())
	})
}

// TestWhatIsLeftBehindIsRemembered: a message in a dead channel cannot be erased, and is reported when
// its customer is.
func TestWhatIsLeftBehindIsRemembered(t *testing.T) {
	withFixture(t, func(w *fixture) {
		id := w.postAboutJan()
		before := w.living(support)
		require.NotEmpty(w.t, before)
		require.NoError(w.t, w.store.Leave(w.t.Context(), id, time.Now()))
		w.d.Wake()
		w.pass(5 * time.Second)
		w.slack.Fail(fakeslack.Fault{Method: "chat.delete", Kind: fakeslack.ErrorCode("cant_delete_message"), Times: -1})
		w.forget()
		w.pass(5 * time.Minute)
		e, err := w.store.Erasures(w.t.Context())
		require.NoError(w.t, err)
		assert.Zero(w.t, e.Wanted)
		require.Len(w.t, e.Failed, 1)
		assert.Equal(w.t, id, e.Failed[0].Key)
		assert.Equal(w.t, support, e.Failed[0].SlackChannel)
	})
}
