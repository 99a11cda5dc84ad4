package slackapi_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
)

// A clockTest is a client on a machine whose clock is wrong, and the true time is that of the bubble.
type clockTest struct {
	slack  *fakeslack.Server
	client *slackapi.Client
	ahead  time.Duration
}

func newClockTest(t *testing.T, ahead time.Duration) *clockTest {
	t.Helper()
	c := &clockTest{slack: fakeslack.New(fakeslack.Options{}), ahead: ahead}
	o := c.slack.Options()
	c.client = slackapi.New(slackapi.Options{
		Token: o.BotToken, URL: c.slack.APIURL(), Transport: c.slack.Transport(),
		Machine: func() time.Time { return time.Now().Add(c.ahead) },
	})
	return c
}

func (c *clockTest) clock() *slackapi.Clock { return c.client.Clock() }

// steps are by how much clocks are wrong, and whether that is too much.
func steps() []struct {
	name  string
	by    time.Duration
	wrong bool
} {
	const year = 365 * 24 * time.Hour
	return []struct {
		name  string
		by    time.Duration
		wrong bool
	}{
		{"right", 0, false},
		{"four minutes ahead", 4 * time.Minute, false},
		{"four minutes behind", -4 * time.Minute, false},
		{"six minutes ahead", 6 * time.Minute, true},
		{"six minutes behind", -6 * time.Minute, true},
		{"two hours behind", -2 * time.Hour, true},
		{"three days ahead", 72 * time.Hour, true},
		{"three years ahead", 3 * year, true},
		{"three years behind", -3 * year, true},
	}
}

// TestClockAtTheStart is the machine's until Slack has answered, and Slack's afterwards.
func TestClockAtTheStart(t *testing.T) {
	t.Parallel()
	for _, test := range steps() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t, test.by)
				time.Sleep(300 * time.Millisecond)
				assert.False(t, c.clock().IsKnown())
				assert.WithinDuration(t, time.Now().Add(test.by), c.clock().Now(), 0)
				_, known := c.clock().Offset()
				assert.False(t, known)
				assert.False(t, c.clock().IsWrong(), "nobody knows")

				assert.Equal(t, !test.wrong, c.clock().Agrees(t.Context()))
				assert.True(t, c.clock().IsKnown())
				assert.WithinDuration(t, time.Now(), c.clock().Now(), time.Second)
				offset, known := c.clock().Offset()
				assert.True(t, known)
				assert.InDelta(t, test.by.Seconds(), offset.Seconds(), 1)
				assert.Equal(t, test.wrong, c.clock().IsWrong())
			})
		})
	}
}

// TestClockIsNotBeforeWhatWas until Slack has answered: it only moves up.
func TestClockIsNotBeforeWhatWas(t *testing.T) {
	t.Parallel()
	for _, test := range steps() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t, test.by)
				time.Sleep(300 * time.Millisecond)
				was := time.Now().Add(-time.Hour)
				c.clock().NotBefore(was)
				assert.WithinDuration(t, was.Add(max(test.by+time.Hour, 0)), c.clock().Now(), 0)
				time.Sleep(time.Minute)
				assert.WithinDuration(t, was.Add(max(test.by+time.Hour, 0)+time.Minute), c.clock().Now(), 0)

				c.clock().Agrees(t.Context())
				assert.WithinDuration(t, time.Now(), c.clock().Now(), time.Second)
				assert.Equal(t, test.wrong, c.clock().IsWrong())
				c.clock().NotBefore(time.Now().Add(time.Hour))
				assert.WithinDuration(t, time.Now(), c.clock().Now(), time.Second, "Slack knows better")
			})
		})
	}
}

// TestClockIsSet while the program runs: the time goes on as it did, and comes to no harm by any number
// of steps; that the machine's clock is wrong is known at once.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	for _, test := range steps() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t, 0)
				require.True(t, c.clock().Agrees(t.Context()))
				for range 3 {
					c.ahead = test.by
					assert.WithinDuration(t, time.Now(), c.clock().Now(), 0)
					assert.Equal(t, test.wrong, c.clock().IsWrong(), "without an answer of Slack")
					c.clock().Refresh(t.Context())
					time.Sleep(time.Hour)
					assert.WithinDuration(t, time.Now(), c.clock().Now(), time.Second)
					assert.Equal(t, !test.wrong, c.clock().Agrees(t.Context()))
					c.ahead = 0
					assert.True(t, c.clock().Agrees(t.Context()))
					_, _ = c.client.Identity(t.Context())
					assert.WithinDuration(t, time.Now(), c.clock().Now(), 0, "it is the machine's again")
				}
			})
		})
	}
}

// TestClockWithoutSlack goes on by its last answer, however long Slack is away.
func TestClockWithoutSlack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClockTest(t, 0)
		require.True(t, c.clock().Agrees(t.Context()))
		c.slack.Fail(fakeslack.Fault{Kind: fakeslack.CutBefore(), Times: -1})
		time.Sleep(5 * 24 * time.Hour)
		assert.True(t, c.clock().Agrees(t.Context()), "the machine's clock agrees with it")
		c.ahead = time.Hour
		assert.False(t, c.clock().Agrees(t.Context()))
		assert.WithinDuration(t, time.Now(), c.clock().Now(), 0)
	})
}

// TestClockAsksSlack only when its last answer is old, or when the machine's clock was set.
func TestClockAsksSlack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after time.Duration
		step  time.Duration
		ask   func(*testing.T, *slackapi.Clock)
		calls int
	}{
		{"idle for nine minutes", 9 * time.Minute, 0, refresh, 0},
		{"idle for ten minutes", 10 * time.Minute, 0, refresh, 1},
		{"set by a second", time.Second, time.Second, refresh, 0},
		{"set by three seconds", time.Second, 3 * time.Second, refresh, 1},
		{"set back by three seconds", time.Second, -3 * time.Second, refresh, 1},
		{"before erasing, half a minute later", 30 * time.Second, 0, agrees, 0},
		{"before erasing, a minute later", time.Minute, 0, agrees, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t, 0)
				require.True(t, c.clock().Agrees(t.Context()))
				before := len(c.slack.Calls())
				time.Sleep(test.after)
				c.ahead = test.step
				test.ask(t, c.clock())
				test.ask(t, c.clock())
				assert.Len(t, c.slack.Calls(), before+test.calls)
			})
		})
	}
}

func refresh(t *testing.T, c *slackapi.Clock) {
	t.Helper()
	c.Refresh(t.Context())
}

func agrees(t *testing.T, c *slackapi.Clock) {
	t.Helper()
	c.Agrees(t.Context())
}

// An answerer answers each call with a status and a Date, after a while on the way.
type answerer struct {
	status     int
	date       func() string
	there, way time.Duration
}

// RoundTrip answers.
func (a *answerer) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(a.there)
	h := make(http.Header)
	if date := a.date(); date != "" {
		h.Set("Date", date)
	}
	time.Sleep(a.way)
	return &http.Response{StatusCode: a.status, Header: h, Body: http.NoBody, Request: r}, nil
}

// TestClockOfAnswers learns from any answer with a Date, however slow it is, and not from that of a
// proxy once Slack has answered.
func TestClockOfAnswers(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	right := func() string { return time.Now().UTC().Format(http.TimeFormat) }
	wrong := func() string { return time.Now().Add(-24 * hour).UTC().Format(http.TimeFormat) }
	for _, test := range []struct {
		name       string
		answers    []answerer
		agrees     bool
		correct    bool
		exact      time.Duration
		offsetTold bool
	}{
		{"a quick one", []answerer{{status: 200, date: right}}, false, true, time.Second, true},
		{"slow on its way there", []answerer{{status: 200, date: right, there: 7 * time.Second}}, false, true, 4 * time.Second, true},
		{"slow on its way back", []answerer{{status: 200, date: right, way: 7 * time.Second}}, false, true, 4 * time.Second, true},
		{"a slow one after a quick one", []answerer{{status: 200, date: right}, {status: 200, date: right, way: 7 * time.Second}}, false, true, time.Second, true},
		{"a quick one after a slow one", []answerer{{status: 200, date: right, way: 7 * time.Second}, {status: 200, date: right}}, false, true, time.Second, true},
		{"a refusal", []answerer{{status: 429, date: right}}, false, true, time.Second, true},
		{"an outage first", []answerer{{status: 503, date: right}}, false, true, time.Second, true},
		{"a proxy's outage later", []answerer{{status: 200, date: right}, {status: 502, date: wrong}}, false, true, time.Second, true},
		{"no date", []answerer{{status: 200, date: func() string { return "" }}}, true, false, 0, false},
		{"an unreadable date", []answerer{{status: 200, date: func() string { return "yesterday" }}}, true, false, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var way answerer
				client := slackapi.New(slackapi.Options{
					Token: "xoxb-fake", URL: "https://slack.fake/api/", Transport: &way,
					Machine: func() time.Time { return time.Now().Add(2 * hour) },
				})
				for _, way = range test.answers {
					time.Sleep(430 * time.Millisecond)
					_, _ = client.Identity(t.Context())
				}
				assert.True(t, client.Clock().IsKnown())
				_, told := client.Clock().Offset()
				assert.Equal(t, test.offsetTold, told)
				want := time.Now()
				if !test.correct {
					want = want.Add(2 * hour)
				}
				assert.WithinDuration(t, want, client.Clock().Now(), test.exact)
				assert.Equal(t, test.agrees, client.Clock().Agrees(t.Context()))
			})
		})
	}
}

// TestClockIgnoresAnOvertakenAnswer sets Slack's clock while a call is on its way.
func TestClockIgnoresAnOvertakenAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := func() string { return time.Now().UTC().Format(http.TimeFormat) }
		yesterday := time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)
		ways := make(chan answerer, 2)
		ways <- answerer{status: http.StatusOK, date: func() string { return yesterday }, way: 3 * time.Second}
		ways <- answerer{status: http.StatusOK, date: now}
		client := slackapi.New(slackapi.Options{
			Token: "xoxb-fake", URL: "https://slack.fake/api/",
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				way := <-ways
				return way.RoundTrip(r)
			}),
		})
		go func() { _, _ = client.Identity(t.Context()) }()
		time.Sleep(time.Second)
		_, _ = client.Identity(t.Context())
		time.Sleep(10 * time.Second)
		assert.WithinDuration(t, time.Now(), client.Clock().Now(), time.Second)
		assert.False(t, client.Clock().IsWrong())
	})
}

// TestArrivalWaitsForSlack for a second from the start, and no longer.
func TestArrivalWaitsForSlack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClockTest(t, 72*time.Hour)
		began := time.Now()
		go func() {
			time.Sleep(200 * time.Millisecond)
			_, _ = c.client.Identity(t.Context())
		}()
		assert.WithinDuration(t, time.Now(), c.clock().Arrival(), time.Second)
		assert.Equal(t, 200*time.Millisecond, time.Since(began))

		c = newClockTest(t, 72*time.Hour)
		began = time.Now()
		assert.WithinDuration(t, began.Add(time.Second+72*time.Hour), c.clock().Arrival(), 0)
		c.clock().Arrival()
		assert.Equal(t, time.Second, time.Since(began), "the next does not wait")
	})
}

// roundTrip is a function as [http.RoundTripper].
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip makes a call.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
