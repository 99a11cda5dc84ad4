package bot_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/feedback/office"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// options are those of another start of the bot, on new addresses.
func (s *fixture) options() bot.Options {
	s.t.Helper()
	o := bot.Options{
		Config: s.config, SlackTransport: s.slack.Transport(), SlackDial: s.slack.Dial,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), Version: "test",
	}
	o.Listener, s.url = s.listen(s.t)
	o.AdminListener, s.admin = s.listen(s.t)
	return o
}

// onOtherDays makes the next start recount.
func (s *fixture) onOtherDays() {
	s.t.Helper()
	zone, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(s.t, err)
	s.config.Location = zone
	s.config.OfficeHours, err = office.ParseHours("Mon-Sun 06:00-23:00", zone, office.Holidays{})
	require.NoError(s.t, err)
}

// readyz is the answer of /readyz.
func (s *fixture) readyz() (status int, answer struct {
	Status, Reason string
	Progress       struct{ Done, Total int64 }
},
) {
	s.t.Helper()
	status, body := s.get(s.admin + "/readyz")
	require.NoError(s.t, json.Unmarshal([]byte(body), &answer), body)
	return status, answer
}

// TestAnswersWhileItStarts holds the database while the bot recounts and looks at what it answers
// meanwhile, and that it goes on by itself.
func TestAnswersWhileItStarts(t *testing.T) {
	s := newFixture(t)
	s.red()
	s.stop()
	s.onOtherDays()
	raw := storetest.Raw(t, s.config.Database.Reveal())
	held, err := raw.Conn(t.Context())
	require.NoError(t, err)
	defer held.Close()
	_, err = held.ExecContext(t.Context(), `begin immediate`)
	require.NoError(t, err)
	started := make(chan error, 1)
	var b *bot.Bot
	options := s.options()
	go func() {
		var err error
		b, err = bot.New(t.Context(), options)
		started <- err
	}()

	require.Eventually(t, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/healthz", http.NoBody)
		require.NoError(t, err)
		answer, err := s.client.Do(r)
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}, patience, time.Millisecond)
	status, ready := s.readyz()
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Equal(t, "starting", ready.Status)
	assert.NotEmpty(t, ready.Reason)
	status, body := s.get(s.admin + "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "go_goroutines")

	require.Eventually(t, func() bool { // the public address follows
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		return err == nil && conn.Close() == nil
	}, patience, time.Millisecond)
	status, answer := s.fire("msg_2", map[string]any{"id": "2", "channel": "chat", "smiley": "green"})
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, answer["detail"], "Send it again later")
	_, body = s.get(s.admin + "/metrics")
	assert.Contains(t, body, `smileybot_webhook_rejected_total{reason="unavailable",sender="feedback"} 1`)
	r, err := s.slack.SlashRequest(t.Context(), s.url+"/slack/commands", fakeslack.Slash{User: "U0BART", Channel: support, Command: "/nps"})
	require.NoError(t, err)
	status, body = s.do(r)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"response_type":"ephemeral"`)
	assert.Contains(t, body, "smileybot is starting")
	r, err = s.slack.ClickRequest(t.Context(), s.url+"/slack/interactions", fakeslack.Click{User: "U0BART", Channel: support, MessageTS: s.message().TS, ActionID: "followup_claim"})
	require.NoError(t, err)
	status, _ = s.do(r)
	assert.Equal(t, http.StatusServiceUnavailable, status)

	_, err = held.ExecContext(t.Context(), `rollback`)
	require.NoError(t, err)
	require.NoError(t, <-started)
	status, ready = s.readyz()
	assert.Equal(t, http.StatusOK, status, ready)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	status, _ = s.fire("msg_2", map[string]any{"id": "2", "channel": "chat", "smiley": "green"})
	assert.Equal(t, http.StatusAccepted, status)
	cancel()
	require.NoError(t, <-ended)
}

// TestStopWhileItStarts stops the bot in the middle of a recount, again and again: it ends at once, and
// a later start ends the count.
func TestStopWhileItStarts(t *testing.T) {
	s := newFixture(t)
	s.red()
	s.stop()
	s.onOtherDays()
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		options := s.options()
		options.Log = slog.New(stopAt{options.Log.Handler(), "recounting the scores", cancel})
		began := time.Now()
		_, err := bot.New(ctx, options)
		require.ErrorIs(t, err, context.Canceled)
		assert.Less(t, time.Since(began), 10*time.Second)
	}
	s.start()
	s.stop()
	kept, err := sqlite.OpenExisting(t.Context(), s.config.Database.Reveal(), bot.StoreOptions(s.config))
	require.NoError(t, err)
	defer kept.Close()
	require.NoError(t, kept.SameHours(t.Context()))
}

// stopAt is a log that stops something at a step of the start.
type stopAt struct {
	slog.Handler

	step string
	stop func()
}

func (l stopAt) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "step" && a.Value.String() == l.step {
			l.stop()
		}
		return true
	})
	return l.Handler.Handle(ctx, r)
}

// TestAddressInUse checks that an address that another program has ends the start before anything is
// written to the database: the lock leaves an empty file.
func TestAddressInUse(t *testing.T) {
	other, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer other.Close()
	for _, test := range []struct {
		setting string
		set     func(*config.Config)
	}{
		{"SMILEYBOT_LISTEN", func(c *config.Config) { c.Listen, c.AdminListen = other.Addr().String(), "127.0.0.1:0" }},
		{"SMILEYBOT_ADMIN_LISTEN", func(c *config.Config) { c.Listen, c.AdminListen = "127.0.0.1:0", other.Addr().String() }},
	} {
		s := newFixture(t)
		s.stop()
		s.config.Database = config.NewSecret(t.TempDir() + "/other.db")
		test.set(&s.config)
		_, err := bot.New(t.Context(), bot.Options{Config: s.config, SlackTransport: s.slack.Transport(), Log: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, test.setting+": cannot listen")
		content, err := os.ReadFile(s.config.Database.Reveal())
		require.NoError(t, err)
		assert.Empty(t, content)
	}
}
