package outbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/storetest"
)

// say queues a digest of last week, as the clock does.
func (w *fixture) say() string {
	w.t.Helper()
	week, err := score.ParsePeriod("last week", office.DayOf(time.Now(), storetest.Options(w.t).Location))
	require.NoError(w.t, err)
	b := store.Bulletin{Notice: store.NoticeDigest, Key: store.DigestKey([]score.Period{week})}
	require.NoError(w.t, w.store.Advance(w.t.Context(), store.JobProgress{Name: "digest", DoneAt: time.Now()}, b))
	w.d.Wake()
	return b.Key
}

// digests are the messages in the leads' channel that are a digest's.
func (w *fixture) digests(key string) []fakeslack.Message {
	w.t.Helper()
	var found []fakeslack.Message
	for _, m := range w.living(leads) {
		require.NotNil(w.t, m.Metadata)
		assert.Equal(w.t, "smileybot_notice", m.Metadata.EventType)
		assert.Equal(w.t, key, m.Metadata.EventPayload["key"])
		found = append(found, m)
	}
	return found
}

// TestADigestIsSaidOnce in the leads' channel, with links to the comments' messages,
// as it is at that moment.
func TestADigestIsSaidOnce(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		e := storetest.With(storetest.Smiley("reply-1", feedback.Red, time.Now().AddDate(0, 0, -7)), "Step 3 is wrong.")
		w.take(e)
		w.pass(5 * time.Second)
		w.take(storetest.Smiley("reply-2", feedback.Green, time.Now().AddDate(0, 0, -7)))
		key := w.say()
		w.pass(5 * time.Second)
		said := w.digests(key)
		require.Len(t, said, 1)
		assert.Contains(t, said[0].Text, "CSAT: too few answers (2)", "what came before it was posted is in it")
		rated := w.living(support)[0]
		assert.Contains(t, said[0].Text, "/archives/C0SUPPORT/p"+strings.ReplaceAll(rated.TS, ".", ""), "a link to the message")
		assert.NotContains(t, said[0].Text, "Step 3")
		assert.NotContains(t, string(said[0].Blocks), "Step 3", "it is linked to, and quoted nowhere else")

		assert.Equal(t, key, w.say(), "the same again")
		w.restart()
		w.pass(time.Minute)
		assert.Len(t, w.digests(key), 1)
		assert.Empty(t, w.log.String())
	})
}

// TestADoubtfulDigestIsSettled in the leads' channel, as any message.
func TestADoubtfulDigestIsSettled(t *testing.T) {
	for name, kind := range doubtful() {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: kind})
				key := w.say()
				w.pass(2 * time.Minute)
				assert.Len(w.t, w.digests(key), 1)
				backlog, err := w.store.Backlog(w.t.Context())
				require.NoError(w.t, err)
				assert.Zero(w.t, backlog.Pending)
			})
		})
	}
}

// TestADigestOfAKilledProcess is found again, or posted.
func TestADigestOfAKilledProcess(t *testing.T) {
	for _, test := range []struct {
		name    string
		arrived bool
	}{
		{"arrived", true},
		{"not arrived", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				t := w.t
				w.stop()
				w.openStore()
				key := w.say()
				require.NoError(t, w.store.Attempt(t.Context(), key, leads, time.Now()))
				if test.arrived {
					_, _, err := w.api().PostMessageContext(t.Context(), leads, slack.MsgOptionText("Digest", false),
						slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "smileybot_notice", EventPayload: map[string]any{"key": key}}))
					require.NoError(t, err)
				}
				require.NoError(t, w.store.Close())
				w.start()
				w.pass(2 * time.Minute)
				assert.Len(t, w.digests(key), 1)
			})
		})
	}
}

// TestADigestWithoutTheLeads: their trouble does not hold up the support channel, and
// the digest follows when it is over.
func TestADigestWithoutTheLeads(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Channel: leads, Times: -1, Kind: fakeslack.ErrorCode("not_in_channel")})
		key := w.say()
		id := w.take(red())
		w.pass(time.Minute)
		w.stands(support, id)
		assert.Empty(t, w.digests(key))
		require.Len(t, w.d.Failures(), 1)
		w.slack.Heal()
		w.pass(time.Hour)
		assert.Len(t, w.digests(key), 1)
	})
}

// TestAnAlertIsSaid with the figures of its morning.
func TestAnAlertIsSaid(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		morning := office.DayOf(time.Now(), storetest.Options(t).Location)
		var past []feedback.Event
		for i := range 80 {
			at, smiley := time.Now().AddDate(0, 0, -20), feedback.Green
			if i%2 == 0 {
				at, smiley = time.Now().AddDate(0, 0, -2), feedback.Red
			}
			past = append(past, storetest.Smiley(time.Duration(i).String(), smiley, at))
		}
		storetest.Import(t, w.store, time.Now(), past...)
		b := store.Bulletin{Notice: store.NoticeAlert, Key: store.AlertKey(morning)}
		require.NoError(t, w.store.Advance(t.Context(), store.JobProgress{Name: "alert", DoneAt: time.Now(), Reported: true}, b))
		w.d.Wake()
		w.pass(5 * time.Second)
		said := w.living(leads)
		require.Len(t, said, 1)
		assert.Contains(t, said[0].Text, "Smileys −100")
		assert.Contains(t, said[0].Text, "−200 points")
	})
}

// TestAnAlertThatNoLongerHoldsIsNotSaid: its answers were changed or voided before it was posted.
func TestAnAlertThatNoLongerHoldsIsNotSaid(t *testing.T) {
	withFixture(t, func(w *fixture) {
		t := w.t
		b := store.Bulletin{Notice: store.NoticeAlert, Key: store.AlertKey(office.DayOf(time.Now(), storetest.Options(t).Location))}
		require.NoError(t, w.store.Advance(t.Context(), store.JobProgress{Name: "alert", DoneAt: time.Now(), Reported: true}, b))
		w.d.Wake()
		w.pass(5 * time.Second)
		assert.Empty(t, w.living(leads))
		r, err := w.store.JobProgress(t.Context(), "alert", time.Now())
		require.NoError(t, err)
		assert.False(t, r.Reported, "it is reported when it holds again")
	})
}
