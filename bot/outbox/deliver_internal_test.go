package outbox

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/storetest"
)

func newDeliverer(t *testing.T) *Deliverer {
	t.Helper()
	d, err := New(Options{
		Store: storetest.New(t), Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Count: func(string, string) {},
	})
	require.NoError(t, err)
	return d
}

// TestLimited: of two silences the longer one holds, in which order they come,
// and after a restart.
func TestLimited(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	now := time.Now()
	d.limited(t.Context(), methodPost, now.Add(time.Minute))
	d.limited(t.Context(), methodPost, now.Add(time.Second))
	assert.Equal(t, now.Add(time.Minute), d.throttle.silent[methodPost])
	kept, err := d.Store.RateLimits(t.Context())
	require.NoError(t, err)
	assert.WithinDuration(t, now.Add(time.Minute), kept[methodPost], time.Millisecond)

	require.NoError(t, d.Store.RecordRateLimit(t.Context(), methodEdit, now.Add(24*time.Hour)))
	d.throttle.silent = map[string]time.Time{}
	require.NoError(t, d.resume(t.Context()))
	assert.Contains(t, d.throttle.silent, methodPost)
	assert.NotContains(t, d.throttle.silent, methodEdit, "nobody's Retry-After is a day")
}

// TestALimitIsHeardAlthoughNothingCanBeNoted: the store's trouble does not make
// us forget what Slack said.
func TestALimitIsHeardAlthoughNothingCanBeNoted(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	w := work{what: posts, channel: "C1", err: context.DeadlineExceeded}
	w.verdict = verdict{class: classLimited, method: methodPost, wait: 90 * time.Second}
	d.finish(t.Context(), w)
	assert.WithinDuration(t, time.Now().Add(90*time.Second), d.throttle.silent[methodPost], time.Minute)
	assert.NotZero(t, d.throttle.backoffs[place{"C1", posts}], "and the place is held back")
}

// TestAPanicIsSurvived: it is one message's trouble.
func TestAPanicIsSurvived(t *testing.T) {
	t.Parallel()
	d := newDeliverer(t)
	v, err := d.safely(t.Context(), work{do: func(context.Context) (verdict, error) { panic("a bug") }})
	require.NoError(t, err)
	assert.Equal(t, verdict{class: classAway, reason: reasonPanic}, v)
}

func TestEnded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct{ attempt, doubt, want time.Duration }{
		"noted":                   {-time.Minute, -50 * time.Second, -50 * time.Second},
		"its time was up":         {-time.Minute, 0, -time.Minute + CallTimeout},
		"killed a moment ago":     {-time.Second, 0, 0},
		"noted by a clock ahead":  {-time.Minute, time.Hour, 0},
		"attempted by such a one": {time.Hour, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := store.Item{AttemptAt: now.Add(test.attempt)}
			if test.doubt != 0 {
				i.DoubtAt = now.Add(test.doubt)
			}
			assert.Equal(t, now.Add(test.want), ended(i, now).DoubtAt)
		})
	}
}
