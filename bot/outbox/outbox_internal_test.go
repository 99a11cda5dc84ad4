package outbox

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/slackapi"
	"smileybot/store"
	"smileybot/store/storetest"
)

func newDeliverer(t *testing.T) *Deliverer {
	t.Helper()
	d, err := New(Options{
		Store: storetest.New(t), Slack: slackapi.New(slackapi.Options{}), Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return d
}

// TestLongerPauseCounts keeps the longer of two pauses, in whichever order they come, and after a restart.
func TestLongerPauseCounts(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	now := time.Now()
	d.pause(t.Context(), slackapi.MethodPost, now.Add(time.Minute))
	d.pause(t.Context(), slackapi.MethodPost, now.Add(time.Second))
	assert.Equal(t, now.Add(time.Minute), d.throttle.paused[slackapi.MethodPost])
	kept, err := d.Store.RateLimits(t.Context())
	require.NoError(t, err)
	assert.WithinDuration(t, now.Add(time.Minute), kept[slackapi.MethodPost], time.Millisecond)

	require.NoError(t, d.Store.RecordRateLimit(t.Context(), slackapi.MethodUpdate, now.Add(24*time.Hour)))
	d.throttle.paused = map[string]time.Time{}
	require.NoError(t, d.resume(t.Context(), d.moment()))
	assert.Contains(t, d.throttle.paused, slackapi.MethodPost)
	assert.NotContains(t, d.throttle.paused, slackapi.MethodUpdate, "no Retry-After is a day")
}

// TestPauseOverAnHourIsNotBelieved believes pauses of up to an hour.
func TestPauseOverAnHourIsNotBelieved(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	require.NoError(t, d.Store.RecordRateLimit(t.Context(), slackapi.MethodPost, time.Now().Add(59*time.Minute)))
	require.NoError(t, d.Store.RecordRateLimit(t.Context(), slackapi.MethodUpdate, time.Now().Add(61*time.Minute)))
	require.NoError(t, d.resume(t.Context(), d.moment()))
	assert.Contains(t, d.throttle.paused, slackapi.MethodPost)
	assert.NotContains(t, d.throttle.paused, slackapi.MethodUpdate)
}

// TestBookkeepingOutlivesTheStop has two seconds of the ten of a stop, after what was open was cut.
func TestBookkeepingOutlivesTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped, stop := context.WithCancel(t.Context())
		stop()
		ctx, cancel := bookkeeping(stopped)
		defer cancel()
		require.NoError(t, ctx.Err())
		began := time.Now()
		<-ctx.Done()
		assert.Equal(t, 2*time.Second, time.Since(began))
	})
}

// TestLabelIsBounded bounds the label of a metric.
func TestLabelIsBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ reason, want string }{
		{"not_in_channel", "not_in_channel"},
		{"http_404", "http_404"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), "other"},
		{"Not in channel", "other"},
		{"<b>", "other"},
	} {
		assert.Equal(t, test.want, label(test.reason), test.reason)
	}
}

// TestRateLimitHoldsWhenTheStoreFails: a failure of the store does not lose what Slack asked for.
func TestRateLimitHoldsWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	d.finish(t.Context(), task{
		kind: posts, channel: "C1", err: context.DeadlineExceeded, endedAt: time.Now(),
		result: slackapi.Result{Class: slackapi.ClassLimited, Method: slackapi.MethodPost, Wait: 90 * time.Second},
	})
	assert.WithinDuration(t, time.Now().Add(90*time.Second), d.throttle.paused[slackapi.MethodPost], time.Minute)
	assert.NotZero(t, d.throttle.backoffs[scope{"C1", posts}], "and the scope is held back")
}

// TestPanicOverOneMessage ends one task only.
func TestPanicOverOneMessage(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	r, err := d.do(t.Context(), task{do: func(context.Context) (slackapi.Result, error) { panic("a bug") }})
	require.NoError(t, err)
	assert.Equal(t, slackapi.Result{Class: slackapi.ClassAway, Reason: reasonPanic}, r)
}

func TestWithEndTimeIsNeverLater(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name                 string
		attempt, doubt, want time.Duration
	}{
		{"noted", -time.Minute, -50 * time.Second, -50 * time.Second},
		{"its time was up", -time.Minute, 0, -time.Minute + slackapi.Timeout},
		{"killed a moment ago", -time.Second, 0, 0},
		{"noted by a clock ahead", -time.Minute, time.Hour, 0},
		{"attempted by such a one", time.Hour, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := store.Item{AttemptAt: now.Add(test.attempt)}
			if test.doubt != 0 {
				i.DoubtAt = now.Add(test.doubt)
			}
			assert.Equal(t, now.Add(test.want), withEndTime(i, now).DoubtAt)
		})
	}
}
