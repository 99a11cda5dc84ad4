package fakeslack_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/fakeslack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFaultsFailOneCall(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    fakeslack.Kind
		check   func(*testing.T, error)
		posted  int
		outcome string
	}{
		{"rate limit", fakeslack.RateLimited(2500 * time.Millisecond), func(t *testing.T, err error) {
			t.Helper()
			var limited *slack.RateLimitedError
			require.ErrorAs(t, err, &limited)
			assert.Equal(t, 3*time.Second, limited.RetryAfter)
		}, 0, "ratelimited"},
		{"status", fakeslack.Status(503), status(503), 0, "http_503"},
		{"status after", fakeslack.StatusAfter(500), status(500), 1, "http_500"},
		{"error", fakeslack.ErrorCode("account_inactive"), code("account_inactive"), 0, "account_inactive"},
		{"error after", fakeslack.ErrorCodeAfter("fatal_error"), code("fatal_error"), 1, "fatal_error"},
		{"cut before", fakeslack.CutBefore(), is(io.ErrUnexpectedEOF), 0, "cut"},
		{"cut after", fakeslack.CutAfter(), is(io.ErrUnexpectedEOF), 1, "cut"},
		{"hang", fakeslack.Hang(), is(context.DeadlineExceeded), 0, "hang"},
		{"hang after", fakeslack.HangAfter(), is(context.DeadlineExceeded), 1, "hang"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, api := workspace(t, fakeslack.Options{Now: time.Now})
				s.Fail(fakeslack.Fault{Method: "chat.postMessage", Kind: c.kind})
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				_, _, err := api.PostMessageContext(ctx, support, slack.MsgOptionText("x", false))
				c.check(t, err)
				assert.Len(t, s.Messages(support), c.posted)
				last := s.Calls()[0]
				assert.Equal(t, c.outcome, last.Outcome)
				assert.Equal(t, c.posted == 1, last.Done)
				post(t, api, "the fault is used up")
			})
		})
	}
}

func status(want int) func(*testing.T, error) {
	return func(t *testing.T, err error) {
		t.Helper()
		var got slack.StatusCodeError
		require.ErrorAs(t, err, &got)
		assert.Equal(t, want, got.Code)
	}
}

func code(want string) func(*testing.T, error) {
	return func(t *testing.T, err error) {
		t.Helper()
		assert.Equal(t, want, refusal(t, err).Err)
	}
}

func is(want error) func(*testing.T, error) {
	return func(t *testing.T, err error) {
		t.Helper()
		require.ErrorIs(t, err, want)
	}
}

func TestFaultsMatchTheirCalls(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	s.AddChannel(fakeslack.Channel{ID: "CLEAD", Members: []string{bot}})
	s.Fail(fakeslack.Fault{Channel: "CLEAD", Times: -1, Kind: fakeslack.ErrorCode("is_archived")})
	s.Fail(fakeslack.Fault{Times: 2, Kind: fakeslack.Status(500), When: func(c fakeslack.Call) bool { return c.Args["text"] == "bad" }})
	post(t, api, "good")
	for _, want := range []int{500, 500} {
		_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("bad", false))
		status(want)(t, err)
	}
	post(t, api, "bad")
	for range 3 {
		_, _, err := api.PostMessageContext(t.Context(), "CLEAD", slack.MsgOptionText("x", false))
		code("is_archived")(t, err)
	}
	s.Heal()
	_, _, err := api.PostMessageContext(t.Context(), "CLEAD", slack.MsgOptionText("x", false))
	require.NoError(t, err)
}

func TestHealReleasesHangingCalls(t *testing.T) {
	for _, c := range []struct {
		name string
		kind fakeslack.Kind
	}{{"before the work", fakeslack.Hang()}, {"after the work", fakeslack.HangAfter()}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, api := workspace(t, fakeslack.Options{Now: time.Now})
				s.Fail(fakeslack.Fault{Kind: c.kind})
				done := make(chan error)
				go func() {
					_, _, err := api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
					done <- err
				}()
				synctest.Wait()
				s.Heal()
				require.NoError(t, <-done)
				assert.Len(t, s.Messages(support), 1)
				assert.Equal(t, "ok", s.Calls()[0].Outcome)
			})
		})
	}
}

func TestTransportHonoursClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := workspace(t, fakeslack.Options{Now: time.Now})
		s.Fail(fakeslack.Fault{Kind: fakeslack.Hang()})
		api := slack.New("xoxb-fake", slack.OptionAPIURL(s.APIURL()),
			slack.OptionHTTPClient(&http.Client{Transport: s.Transport(), Timeout: 8 * time.Second}))
		start := time.Now()
		_, err := api.AuthTestContext(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 8*time.Second, time.Since(start))
	})
}

func TestWaitReturnsWhenTheConditionHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, api := workspace(t, fakeslack.Options{Now: time.Now})
		go func() {
			for range 3 {
				time.Sleep(time.Minute)
				_, _, _ = api.PostMessageContext(t.Context(), support, slack.MsgOptionText("x", false))
			}
		}()
		start := time.Now()
		require.NoError(t, s.Wait(t.Context(), func(s *fakeslack.Server) bool { return len(s.Messages(support)) == 3 }))
		assert.Equal(t, 3*time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Wait(ctx, func(*fakeslack.Server) bool { return false }), context.DeadlineExceeded)
	})
}

func TestFeedReturnsChangesInOrder(t *testing.T) {
	s, api := workspace(t, fakeslack.Options{})
	post(t, api, "before the feed")
	feed := s.Subscribe()
	ts := post(t, api, "one")
	_, _, _, err := api.UpdateMessageContext(t.Context(), support, ts, slack.MsgOptionText("two", false))
	require.NoError(t, err)
	_, err = api.PostEphemeralContext(t.Context(), support, anna, slack.MsgOptionText("psst", false))
	require.NoError(t, err)
	_, _, err = api.DeleteMessageContext(t.Context(), support, ts)
	require.NoError(t, err)
	for _, want := range []struct {
		kind fakeslack.ChangeKind
		text string
	}{
		{fakeslack.Posted, "one"},
		{fakeslack.Edited, "two"},
		{fakeslack.EphemeralShown, "psst"},
		{fakeslack.Deleted, "two"},
	} {
		got, err := feed.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want.kind, got.Kind)
		assert.Equal(t, want.text, got.Message.Text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = feed.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
