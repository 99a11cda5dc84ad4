package bot_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/feedback/followup"
)

var clocks = flag.Int("clocks", 0, "how many lives each wrong clock gets, each with another seed; 0 is one for some of them")

// TestAClockThatIsWrong plays days of a support team as [TestAQuarterAgreesWithItsHistory] does,
// while the machine's clock is set again and again: in the middle of posts, doubts and reminders, and
// before restarts. What the bot did must be what it does with a right clock, except that escalations
// and digests wait while the clock is wrong.
func TestAClockThatIsWrong(t *testing.T) {
	t.Parallel()
	for i, test := range []struct {
		name string
		by   time.Duration
	}{
		{"four minutes ahead", 4 * time.Minute},
		{"four minutes behind", -4 * time.Minute},
		{"eleven minutes ahead", 11 * time.Minute},
		{"eleven minutes behind", -11 * time.Minute},
		{"two hours ahead", 2 * time.Hour},
		{"two hours behind", -2 * time.Hour},
		{"three days ahead", 3 * 24 * time.Hour},
		{"three days behind", -3 * 24 * time.Hour},
		{"three years ahead", 3 * 365 * 24 * time.Hour},
		{"three years behind", -3 * 365 * 24 * time.Hour},
	} {
		for n := range max(*clocks, 1) {
			if *clocks == 0 && i%4 != 2 || testing.Short() && i != 2 {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", test.name, n), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWrongClock(t, uint64(10*n+i), test.by)
					w.play()
					w.calm()
					w.prove()
				})
			})
		}
	}
}

// A wrongClock is a support team whose bot runs on a machine with a wrong clock.
type wrongClock struct {
	*quarter

	by    time.Duration
	ahead *atomic.Int64 // nanoseconds
	wrong []span
}

func newWrongClock(t *testing.T, seed uint64, by time.Duration) *wrongClock {
	t.Helper()
	w := &wrongClock{quarter: newQuarter(t, seed, overHTTP), by: by, ahead: new(atomic.Int64)}
	w.stop()
	w.undated, w.brief = 50, true
	w.ends = time.Date(2027, 1, 5, 0, 0, 0, 0, w.config.Location)
	w.config.Retention = 60 * 24 * time.Hour
	w.machine = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
	w.start()
	return w
}

// steps sets the clock wrong, or right again.
func (w *wrongClock) steps() {
	if w.ahead.Load() != 0 {
		w.right()
		return
	}
	w.ahead.Store(int64(w.by))
	w.wrong = append(w.wrong, span{from: time.Now()})
}

func (w *wrongClock) right() {
	if w.ahead.Swap(0) != 0 {
		w.wrong[len(w.wrong)-1].to = time.Now()
	}
}

// play is a quarter's, with a clock that is set now and then.
func (w *wrongClock) play() {
	w.t.Helper()
	for time.Now().Before(w.ends) {
		time.Sleep(time.Duration(w.random.Float64() * float64(90*time.Minute)))
		switch what := w.random.IntN(100); {
		case what < 6:
			w.steps()
		case what < 9:
			w.steps()
			w.away()
		case what < 15:
			w.fails()
		case what < 20:
			w.doubts()
		case what < 65:
			w.rates()
		default:
			w.works()
			time.Sleep(time.Second)
		}
	}
	w.right()
}

// doubts sets the clock between a post that ends in doubt and the look at the history.
func (w *wrongClock) doubts() {
	w.slack.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.StatusAfter(http.StatusServiceUnavailable), Times: 2})
	w.rates()
	time.Sleep(time.Duration(w.random.Float64() * float64(time.Minute)))
	w.steps()
	time.Sleep(time.Duration(w.random.Float64() * float64(5*time.Minute)))
	if w.random.IntN(3) == 0 {
		w.steps()
	}
	w.slack.Heal()
}

// wasRight reports whether the clock was right, or so little wrong that nothing waits for it.
func (w *wrongClock) wasRight(at time.Time) bool {
	for _, s := range w.wrong {
		if w.by.Abs() > 5*time.Minute && !at.Before(s.from) && at.Before(s.to) {
			return false
		}
	}
	return true
}

func (w *wrongClock) prove() {
	w.t.Helper()
	w.t.Logf("%d ratings, %d follow-ups, %d notices, %d times a wrong clock",
		w.number(`select count(*) from feedback`), w.number(`select count(*) from followup`),
		w.number(`select count(*) from outbox where notice is not null`), len(w.wrong))
	require.Greater(w.t, len(w.wrong), 5)
	w.everythingIsShownOnce()
	lives := w.lives()
	w.lawful(lives)
	w.queueAgrees(lives)
	w.remindersAreRight(lives)
	w.scoresAreRight()
	w.digestsAreRight()
	w.escalatedOnce(lives)
	w.stampedByTheRightTime()
	assert.Zero(w.t, w.number(`select count(*) from feedback where customer_id = '' and id in (select feedback_id from payload where instr(body, '"customer"') > 0)`), "nothing is erased")
	assert.NotContains(w.t, w.log.String(), "erased old feedback")
}

// escalatedOnce: each opening that was overdue when the leads could be notified was reported once, and
// none while the clock was wrong or before it was due.
func (w *wrongClock) escalatedOnce(lives []*life) {
	w.t.Helper()
	reported := make(map[string][]time.Time)
	w.each(`select c.feedback_id, o.queued_ms from outbox o join covered c on c.key = o.key where o.notice = 'escalation'`, func(row []string) {
		at := moment(row[1])
		assert.True(w.t, w.wasRight(at), "at %s the clock was wrong", at)
		reported[row[0]] = append(reported[row[0]], at)
	})
	for _, l := range lives {
		openings := make(map[int]bool)
		for _, at := range reported[l.feedbackID] {
			for _, p := range l.parts {
				if at.Before(p.from) || !at.Before(p.to) {
					continue
				}
				assert.True(w.t, p.active() && p.due.Before(at), "%s: too early at %s", l, at)
				assert.False(w.t, openings[p.opening], "%s: twice", l)
				openings[p.opening] = true
			}
		}
		last := l.parts[len(l.parts)-1]
		if last.active() && !l.suspect && last.due.Before(w.ends) {
			assert.True(w.t, openings[last.opening], "%s: never", l)
		}
	}
}

// stampedByTheRightTime: what has no moment of its own counts by when it arrived.
func (w *wrongClock) stampedByTheRightTime() {
	w.t.Helper()
	w.each(`select delivery_id, received_ms from delivery`, func(row []string) {
		ms, err := strconv.ParseInt(row[1], 10, 64)
		require.NoError(w.t, err)
		assert.WithinDuration(w.t, w.arrived[row[0]], time.UnixMilli(ms), 2*time.Second, row[0])
	})
}

// TestStartsWithAWrongClock has a bot start on a machine with a wrong clock, without Slack at first.
func TestStartsWithAWrongClock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		by   time.Duration
	}{
		{"a day ahead", 24 * time.Hour},
		{"three years ahead", 3 * 365 * 24 * time.Hour},
		{"three years behind", -3 * 365 * 24 * time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWrongClock(t, 1, test.by)
				const token = "a-token-of-a-sender-that-cannot-sign"
				w.config.WebhookTokens = []config.Secret{config.NewSecret(token)}
				w.fire("first", map[string]any{"id": "first", "channel": "chat", "smiley": "red"})
				time.Sleep(5 * time.Hour)
				w.stop()
				w.ahead.Store(int64(test.by))
				w.slack.Fail(fakeslack.Fault{Kind: fakeslack.CutBefore(), Times: -1})
				w.start()
				status, _ := w.fire("signed", map[string]any{"id": "signed", "channel": "chat", "smiley": "red"})
				assert.Equal(t, http.StatusUnauthorized, status, "its signature is of another time; its sender tries again")
				w.fireWithToken(token, `{"id": "second", "channel": "chat", "smiley": "red"}`)
				time.Sleep(time.Minute)
				assert.Equal(t, "unknown", w.readyClock()["state"])
				assert.GreaterOrEqual(t, w.metric("smileybot_outbox_oldest_seconds"), 60.0)
				time.Sleep(25 * time.Hour)
				assert.Zero(t, w.number(`select count(*) from outbox where notice in ('escalation', 'digest')`), "without Slack its time is not known")
				w.slack.Heal()
				time.Sleep(5 * time.Minute)
				assert.Equal(t, "wrong", w.readyClock()["state"])
				assert.InDelta(t, test.by.Seconds(), w.readyClock()["offset_seconds"], 1)
				assert.InDelta(t, test.by.Seconds(), w.metric("smileybot_clock_offset_seconds"), 1)
				assert.Equal(t, int64(2), w.number(`select count(*) from outbox where notice is null and ts is not null`))
				time.Sleep(48 * time.Hour)
				assert.Zero(t, w.number(`select count(*) from outbox where notice in ('escalation', 'digest')`), "while it is wrong")
				w.ahead.Store(0)
				time.Sleep(7 * 24 * time.Hour)
				assert.Nil(t, w.readyClock())
				assert.Equal(t, int64(2), w.number(`select count(distinct feedback_id) from covered where key like 'escalation:%'`), "each once it is right")
				assert.Equal(t, int64(1), w.number(`select count(*) from outbox where key like 'digest:%2026-12%'`))
				assert.Equal(t, 1, strings.Count(w.log.String(), "the machine's clock is wrong"))
				assert.Equal(t, 1, strings.Count(w.log.String(), "the machine's clock is right again"))
				assert.Equal(t, followup.StateOpen, followup.State(w.shownState("second")))
				w.everythingIsShownOnce()
			})
		})
	}
}

// TestARatingOfAClockThatIsBehind comes with its own moment while Slack is away, after a start with a
// clock that is far behind. It is not erased as one that is old, and its repeats are known.
func TestARatingOfAClockThatIsBehind(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		name string
		by   time.Duration
	}{
		{"three years behind", -3 * 365 * day},
		{"forty days behind", -40 * day},
		{"in 1970", -56 * 365 * day},
		{"three years ahead", 3 * 365 * day},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWrongClock(t, 1, test.by)
				const token = "a-token-of-a-sender-that-cannot-sign"
				w.config.WebhookTokens, w.config.Retention = []config.Secret{config.NewSecret(token)}, 30*day
				w.fire("first", map[string]any{"id": "first", "channel": "chat", "smiley": "green"})
				time.Sleep(5 * time.Hour)
				w.stop()
				w.ahead.Store(int64(test.by))
				w.slack.Fail(fakeslack.Fault{Kind: fakeslack.CutBefore(), Times: -1})
				w.start()
				moment := time.Now().Add(-6 * time.Hour)
				w.fireWithToken(token, fmt.Sprintf(`{"id": "second", "channel": "chat", "smiley": "green", "comment": "Top", "occurred_at": %q}`, moment.Format(time.RFC3339)))
				w.slack.Heal()
				w.ahead.Store(0)
				w.stop()
				w.start()
				time.Sleep(29 * day)
				assert.Equal(t, int64(1), w.number(`select count(*) from feedback where external_id = 'second' and comment = 'Top'`))
				assert.Equal(t, moment.UnixMilli()/1000*1000, w.number(`select occurred_ms from feedback where external_id = 'second'`))
				assert.Equal(t, int64(2), w.number(`select count(*) from payload`), "kept for 30 days")
				time.Sleep(4 * day)
				assert.Zero(t, w.number(`select count(*) from payload`), "and not for longer")
				assert.Zero(t, w.number(`select count(*) from feedback where comment <> ''`))
			})
		})
	}
}

// fireWithToken posts a webhook as a sender does that cannot sign.
func (w *wrongClock) fireWithToken(token, body string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+"/webhooks/feedback", strings.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	status, text := w.do(r)
	require.Equal(w.t, http.StatusAccepted, status, text)
}

func (w *wrongClock) shownState(id string) (state string) {
	w.each(fmt.Sprintf(`select u.state from followup u join feedback f on f.id = u.feedback_id where f.external_id = '%s'`, id), func(row []string) { state = row[0] })
	return state
}

// metric is the value of a metric without labels.
func (s *fixture) metric(name string) float64 {
	s.t.Helper()
	_, all := s.get(s.admin + "/metrics")
	_, value, found := strings.Cut(all, "\n"+name+" ")
	require.True(s.t, found, name)
	value, _, _ = strings.Cut(value, "\n")
	n, err := strconv.ParseFloat(value, 64)
	require.NoError(s.t, err)
	return n
}

// readyClock is what /readyz says of the clock.
func (s *fixture) readyClock() map[string]any {
	s.t.Helper()
	_, body := s.get(s.admin + "/readyz")
	var ready struct{ Clock map[string]any }
	require.NoError(s.t, json.Unmarshal([]byte(body), &ready), body)
	return ready.Clock
}
