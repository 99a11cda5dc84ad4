package outbox_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/internal/trust"
	"smileybot/fakeslack"
	"smileybot/store"
)

// take gives a bot the duty of posting, and returns a store for it.
func (w *fixture) takeDuty(bot string) *store.Store {
	w.t.Helper()
	seen, err := w.store.Leases(w.t.Context())
	require.NoError(w.t, err)
	if len(seen) == 0 {
		seen = []store.Lease{{Duty: "slack"}}
	}
	taken, err := w.store.TakeLeases(w.t.Context(), bot, seen...)
	require.NoError(w.t, err)
	require.Len(w.t, taken, 1)
	return w.store.Under(taken[0])
}

// TestFormerHolderStops: a deliverer that does not know that another posts learns it from its first write.
// It ends without a call of Slack, and both together post each message once.
func TestFormerHolderStops(t *testing.T) {
	withFixture(t, func(w *fixture) {
		former := w.deliverer(prometheus.NewRegistry())
		ended := make(chan struct{})
		under := w.takeDuty("former")
		go func() {
			defer close(ended)
			former.Run(w.t.Context(), w.t.Context(), under)
		}()
		w.stopDeliverer()
		first := w.take(green("first"))
		former.Wake()
		w.pass(time.Minute)
		w.whole(support, first)

		ids := []string{first}
		for i := range 5 {
			ids = append(ids, w.take(green(strconv.Itoa(i))))
		}
		w.runDeliverer(w.takeDuty("next"))
		before := len(w.calls("chat.postMessage"))
		former.Wake()
		<-ended
		synctest.Wait()
		assert.LessOrEqual(t, len(w.calls("chat.postMessage")), before+1, "the next one's first post")
		w.pass(time.Minute)
		w.whole(support, ids...)
		assert.NotContains(t, w.log.String(), "level=ERROR")
	})
}

// TestPostOfFormerHolderIsLookedUp: a post that was under way when another took over is looked up before it
// is posted again, whether Slack has it or not.
func TestPostOfFormerHolderIsLookedUp(t *testing.T) {
	for name, fault := range map[string]fakeslack.Kind{"made": fakeslack.HangAfter(), "not made": fakeslack.Hang()} {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(w *fixture) {
				former := w.deliverer(prometheus.NewRegistry())
				held, lose := context.WithCancel(w.t.Context())
				defer lose()
				ended := make(chan struct{})
				under := w.takeDuty("former")
				go func() {
					defer close(ended)
					former.Run(held, held, under)
				}()
				w.stopDeliverer()
				w.pass(10 * time.Second)
				w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fault})
				id := w.take(red())
				former.Wake()
				w.pass(time.Second)
				w.runDeliverer(w.takeDuty("next"))
				lose()
				<-ended
				w.pass(2 * time.Minute)
				w.whole(support, id)
			})
		})
	}
}

// TestNothingIsPostedWithoutTrust: a deliverer whose time is up calls Slack no more, even if nothing else
// has reported it, and records that the post was not made.
func TestNothingIsPostedWithoutTrust(t *testing.T) {
	withFixture(t, func(w *fixture) {
		w.stopDeliverer()
		former := w.deliverer(prometheus.NewRegistry())
		began := time.Now()
		held := trust.With(w.t.Context(), func() bool { return trust.Within(7*time.Second, began, time.Now()) })
		ended := make(chan struct{})
		under := w.takeDuty("former")
		go func() {
			defer close(ended)
			former.Run(w.t.Context(), held, under)
		}()
		w.pass(7 * time.Second)
		before := len(w.slack.Calls())
		w.take(red())
		former.Wake()
		<-ended
		assert.Len(t, w.slack.Calls(), before)
		backlog, err := w.store.Backlog(w.t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, backlog.Pending)
		assert.Zero(t, backlog.InDoubt)
	})
}
