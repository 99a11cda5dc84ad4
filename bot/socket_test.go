package bot_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/fakeslack"
)

// TestForcedReconnects: commands come while connections go, 200 times and in
// every way; each command is answered, and once.
func TestForcedReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		const reconnects, each = 200, 3
		faults := []func() error{
			func() error { return s.slack.Disconnect("warning") },
			func() error { return s.slack.Disconnect("refresh_requested") },
			func() error { return s.slack.Disconnect("link_disabled") },
			s.slack.DropLine,
			s.slack.StopPings,
		}
		s.until("a connection", func(f *fakeslack.Server) bool { return f.Sockets() > 0 })
		for i := range reconnects {
			for j := range each {
				s.slack.PushSlash(fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps", Text: fmt.Sprintf("x%d-%d", i, j)})
				if j == i%each {
					s.slack.LoseAcks(i % 2)
					s.until("a sound connection", func(*fakeslack.Server) bool { return faults[i%len(faults)]() == nil })
				}
			}
		}
		s.until("all to be acknowledged", func(f *fakeslack.Server) bool { return f.Unacked() == 0 })
		synctest.Wait()

		answers := make(map[string]int)
		for _, answer := range s.slack.Ephemerals("U0BART") {
			_, word, _ := strings.Cut(answer.Text, "“")
			word, _, _ = strings.Cut(word, "”")
			answers[word]++
		}
		assert.Len(t, answers, reconnects*each)
		for word, n := range answers {
			assert.Equal(t, 1, n, "answers to %s", word)
		}
		s.until("all connections", func(*fakeslack.Server) bool { return s.calls("socket") == 2+reconnects })
		_, metrics := s.get(s.admin + "/metrics")
		assert.Contains(t, metrics, fmt.Sprintf(`smileybot_socket_requests_total{outcome="taken",type="command"} %d`, reconnects*each))
		assert.Contains(t, metrics, `smileybot_socket_requests_total{outcome="again",type="command"}`)
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, `"level":"ERROR"`) {
				assert.Regexp(t, `"reason":"(link_disabled|connection_dropped|no_answer)"`, line)
			}
		}
	})
}

// TestAcknowledgedAtOnce: before anything is asked or worked out, and however
// much comes while Slack answers nothing.
func TestAcknowledgedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.until("a connection", func(f *fakeslack.Server) bool { return f.Sockets() > 0 })
		s.slack.Fail(fakeslack.Fault{Times: -1, Kind: fakeslack.Hang()})
		began := time.Now()
		const many = 200 // more than the queues of slack-go hold
		for i := range many {
			s.slack.PushSlash(fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps", Text: strconv.Itoa(i)})
		}
		s.until("all to be acknowledged", func(f *fakeslack.Server) bool { return f.Unacked() == 0 })
		assert.Zero(t, time.Since(began), "no time passed, in fake time")
		s.slack.Heal()
		s.answerTo("U0BART", many)
	})
}

// TestTwoConnections: while one is refreshed, the other takes what comes.
func TestTwoConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.bothConnections()
		s.slack.Fail(fakeslack.Fault{Method: "apps.connections.open", Times: -1, Kind: fakeslack.Hang()})
		require.NoError(t, s.slack.DropLine())
		began := time.Now()
		s.types("U0BART", "/nps", "")
		s.answerTo("U0BART", 1)
		assert.Less(t, time.Since(began), 4*time.Second)
		assert.Equal(t, 1, s.slack.Sockets())
		assert.Equal(t, "ok", s.readiness().Status)
		s.slack.Heal()
		s.bothConnections()
		_, metrics := s.get(s.admin + "/metrics")
		assert.Contains(t, metrics, "smileybot_socket_connections 2")
	})
}

// TestRevokedToken: what ends the connections for good is reported once, with its
// remedy, and when it is repaired everything works again within a minute.
func TestRevokedToken(t *testing.T) {
	for _, test := range []struct {
		code string
		cure string
	}{
		{"invalid_auth", "set SLACK_APP_TOKEN"},
		{"token_revoked", "set SLACK_APP_TOKEN"},
		{"account_inactive", "set SLACK_APP_TOKEN"},
		{"missing_scope", "lacks the scope connections:write"},
		{"surprising_error", "apps.connections.open"},
	} {
		t.Run(test.code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFixtureInBubble(t)
				s.bothConnections()
				assert.Equal(t, "ok", s.readiness().Status)
				s.slack.Fail(fakeslack.Fault{Method: "apps.connections.open", Times: -1, Kind: fakeslack.ErrorCode(test.code)})
				require.NoError(t, s.slack.Disconnect("refresh_requested"))
				require.NoError(t, s.slack.Disconnect("refresh_requested"))
				calls := s.calls("apps.connections.open")
				time.Sleep(time.Hour) // in fake time
				assert.LessOrEqual(t, s.calls("apps.connections.open")-calls, 2*(7+2*60), "no busy loop")

				ready := s.readiness()
				assert.Equal(t, "degraded", ready.Status)
				assert.Equal(t, test.code, ready.Reason)
				assert.Contains(t, ready.Cure, test.cure)
				assert.Equal(t, 1, strings.Count(s.log.String(), `"level":"ERROR"`), s.log)
				assert.NotContains(t, s.log.String(), "xapp-fake")
				_, metrics := s.get(s.admin + "/metrics")
				assert.Contains(t, metrics, "smileybot_socket_connections 0")
				assert.Contains(t, metrics, `smileybot_slack_requests_total{method="apps.connections.open",outcome="refused"}`)

				s.slack.Heal()
				mended := time.Now()
				s.types("U0BART", "/smileybot", "check")
				assert.Contains(t, s.answerTo("U0BART", 1), "Self-check")
				assert.Less(t, time.Since(mended), time.Minute)
				assert.Equal(t, "ok", s.readiness().Status)
				assert.Contains(t, s.log.String(), "socket mode works again")
			})
		})
	}
}

// calls counts those of a method.
func (s *fixture) calls(method string) int {
	n := 0
	for _, c := range s.slack.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

// bothConnections waits until both are open and the bot knows it.
func (s *fixture) bothConnections() {
	s.t.Helper()
	s.until("both connections", func(f *fakeslack.Server) bool { return f.Sockets() == 2 })
	synctest.Wait()
}

// TestSlackIsAway: other failures are reported with their own reason, and Slack's wish
// to wait is heeded.
func TestSlackIsAway(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  fakeslack.Fault
		reason string
	}{
		{"limited", fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.RateLimited(10 * time.Minute)}, "ratelimited"},
		{"an old proxy", fakeslack.Fault{Method: "socket", Kind: fakeslack.Status(502)}, "bad_handshake"},
		{"cut", fakeslack.Fault{Method: "socket", Kind: fakeslack.CutBefore()}, "no_answer"},
		{"hanging", fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.Hang()}, "no_answer"},
		{"down", fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.Status(503)}, "http_503"},
		{"not Slack", fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.Status(404)}, "http_404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFixtureInBubble(t)
				s.bothConnections()
				test.fault.Times = -1
				s.slack.Fail(test.fault)
				require.NoError(t, s.slack.DropLine())
				require.NoError(t, s.slack.DropLine())
				time.Sleep(9 * time.Minute) // in fake time
				assert.Equal(t, test.reason, s.readiness().Reason)
				assert.NotEmpty(t, s.readiness().Cure)
				if test.reason == "ratelimited" {
					assert.Equal(t, 4, s.calls("apps.connections.open"), "both at first, and both once more")
				}
				s.slack.Heal()
				s.types("U0BART", "/nps", "")
				s.answerTo("U0BART", 1)
			})
		})
	}
}

// TestConnectionsThatDoNotLast: Slack takes each and ends it at once. The reason of its disconnect selects
// the remedy, is logged once, and is shown although connections open; Slack is asked less and less often.
func TestConnectionsThatDoNotLast(t *testing.T) {
	for _, row := range []struct {
		disconnect, reason, cure string
	}{
		{"too_many_websockets", "too_many_websockets", "Slack allows ten connections"},
		{"link_disabled", "link_disabled", "see that Socket Mode is enabled"},
		{"refresh_requested", "connection_dropped", "no proxy on the way to Slack"},
		{"socket_mode_is_odd_today", "socket_mode_is_odd_today", "apps.connections.open"},
	} {
		t.Run(row.disconnect, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFixtureInBubble(t)
				s.bothConnections()
				time.Sleep(time.Minute) // in fake time
				s.slack.Welcome(fakeslack.Welcome{Disconnect: row.disconnect})
				require.NoError(t, s.slack.DropLine())
				require.NoError(t, s.slack.DropLine())
				before := s.calls("apps.connections.open")
				time.Sleep(30 * time.Second)
				assert.Less(t, s.calls("apps.connections.open")-before, 14)
				ready := s.readiness()
				assert.Equal(t, "degraded", ready.Status)
				assert.Equal(t, row.reason, ready.Reason)
				assert.Contains(t, ready.Cure, row.cure)
				before = s.calls("apps.connections.open")
				time.Sleep(10 * time.Minute)
				assert.LessOrEqual(t, s.calls("apps.connections.open")-before, 2*(2+2*10))
				assert.Equal(t, 1, strings.Count(s.log.String(), `"level":"ERROR"`), s.log)

				s.slack.Welcome(fakeslack.Welcome{})
				time.Sleep(2 * time.Minute)
				assert.Equal(t, "ok", s.readiness().Status)
				assert.Equal(t, 1, strings.Count(s.log.String(), "socket mode works again"))
			})
		})
	}
}

// TestForeignConnections: other programs with the same token get some of what people do. That is shown
// at once, logged once, and looked at again.
func TestForeignConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.bothConnections()
		assert.Equal(t, "ok", s.readiness().Status, "two are ours")
		s.slack.ForeignSockets(8)
		time.Sleep(time.Minute) // in fake time
		require.NoError(t, s.slack.Disconnect("refresh_requested"))
		time.Sleep(30 * time.Second) // the next connection says how many there are
		ready := s.readiness()
		assert.Equal(t, "degraded", ready.Status)
		assert.Equal(t, "foreign_connections", ready.Reason)
		assert.Contains(t, ready.Cure, "SLACK_APP_TOKEN")
		time.Sleep(20 * time.Minute)
		assert.Equal(t, 1, strings.Count(s.log.String(), `"connections":8`), s.log)
		s.slack.ForeignSockets(0)
		time.Sleep(6 * time.Minute)
		assert.Equal(t, "ok", s.readiness().Status)
		before := s.calls("apps.connections.open")
		time.Sleep(time.Hour)
		assert.Equal(t, before, s.calls("apps.connections.open"), "nothing is counted again")
	})
}

// TestOwnGhostIsNotForeign: Slack counts a connection of ours for a while after its line was cut.
func TestOwnGhostIsNotForeign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.bothConnections()
		time.Sleep(time.Minute) // in fake time
		s.slack.ForeignSockets(1)
		require.NoError(t, s.slack.DropLine())
		time.Sleep(10 * time.Second)
		s.slack.ForeignSockets(0)
		assert.Equal(t, "ok", s.readiness().Status)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, "ok", s.readiness().Status)
		assert.NotContains(t, s.log.String(), "foreign_connections")
	})
}

// TestGhosts: connections that never greet, or that fall silent after it, are replaced.
func TestGhosts(t *testing.T) {
	for name, ghost := range map[string]fakeslack.Welcome{
		"without a greeting":   {NoHello: true},
		"silent after it":      {Dead: true},
		"without either":       {NoHello: true, Dead: true},
		"warned and then dead": {Dead: true, Disconnect: "warning"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFixtureInBubble(t)
				s.bothConnections()
				time.Sleep(time.Minute) // in fake time
				s.slack.Welcome(ghost)
				require.NoError(t, s.slack.DropLine())
				require.NoError(t, s.slack.StopPings())
				time.Sleep(31 * time.Second)
				s.slack.Welcome(fakeslack.Welcome{})
				time.Sleep(90 * time.Second)
				s.types("U0BART", "/nps", "")
				s.answerTo("U0BART", 1)
				assert.Equal(t, "ok", s.readiness().Status)
				assert.Equal(t, 2, s.slack.Sockets())
			})
		})
	}
}

// TestStopWithConnections: a stop lets answers end, and leaves to others what
// comes meanwhile.
func TestStopWithConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.bothConnections()
		s.slack.Fail(fakeslack.Fault{Method: "response_url", Kind: fakeslack.Hang()})
		s.types("U0BART", "/nps", "")
		s.until("the answer to be under way", func(f *fakeslack.Server) bool {
			calls := f.Calls()
			return calls[len(calls)-1].Method == "response_url"
		})
		began, stopped := time.Now(), make(chan struct{})
		go func() {
			s.stop()
			close(stopped)
		}()
		synctest.Wait()
		n := s.slack.PushSlash(fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps"})
		time.Sleep(time.Second) // in fake time
		assert.Equal(t, 1, s.slack.Envelope(n).Sent)
		s.slack.Heal()
		<-stopped
		assert.LessOrEqual(t, time.Since(began), 10*time.Second)
		s.answerTo("U0BART", 1)
		assert.False(t, s.slack.Envelope(n).Acked)
		synctest.Wait()
		assert.Zero(t, s.slack.Sockets())
		s.start()
		s.answerTo("U0BART", 2)
	})
}

// TestUnknownEnvelopes are acknowledged, counted, and logged without what they
// say.
func TestUnknownEnvelopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixtureInBubble(t)
		s.sends("new_type", []byte(`{"a":1}`))
		s.sends(fakeslack.EnvelopeCommand, []byte(`["hunter2"]`))
		s.types("U0BART", "/nps", "")
		s.answerTo("U0BART", 1)
		assert.NotContains(t, s.log.String(), "hunter2")
		_, metrics := s.get(s.admin + "/metrics")
		assert.Contains(t, metrics, `smileybot_socket_requests_total{outcome="unreadable",type="other"} 1`)
		assert.Contains(t, metrics, `smileybot_socket_requests_total{outcome="unreadable",type="command"} 1`)
	})
}
