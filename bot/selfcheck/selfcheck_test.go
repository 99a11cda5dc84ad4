package selfcheck_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/selfcheck"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// The secrets of the tests contain the word canary, which no result may repeat.
const (
	canary        = "c4n4ry"
	signingSecret = "0123456789abcdef0123456789abcdef" // in the shape of Slack's
)

// workspace starts a stand-in for Slack and returns options that pass all checks with it.
func workspace(t *testing.T) (*fakeslack.Server, selfcheck.Options) {
	t.Helper()
	slack := fakeslack.New(fakeslack.Options{BotToken: "xoxb-" + canary, SigningSecret: signingSecret})
	bot := slack.Options().BotUserID
	slack.AddChannel(fakeslack.Channel{ID: "C0SUPPORT", Name: "support", Members: []string{bot}})
	slack.AddChannel(fakeslack.Channel{ID: "C0CHAT", Name: "chat", Members: []string{bot}})
	server := httptest.NewServer(slack)
	t.Cleanup(server.Close)
	slack.SetBaseURL(server.URL)
	return slack, selfcheck.Options{
		Language: "en", Store: storetest.Options(t), Database: filepath.Join(t.TempDir(), "smileybot.db"), WebhookSecrets: 1,
		BotToken: "xoxb-" + canary, SigningSecret: signingSecret, SlackAPIURL: slack.APIURL(),
		Channel: "C0SUPPORT", LeadChannel: "C0SUPPORT",
		Routes: map[feedback.Channel]string{feedback.ChannelChat: "C0CHAT", feedback.ChannelPanel: "C0CHAT"},
		Scopes: command.Scopes(), HomeScope: command.ScopeEmail, Renderer: message.NewRenderer(message.Options{}),
	}
}

// run returns the results of a self-check, of which failed are failures.
func run(t *testing.T, o selfcheck.Options) (results []selfcheck.Result, failed int) {
	t.Helper()
	selfcheck.Run(t.Context(), o, func(r selfcheck.Result) {
		assert.NotContains(t, r.Text+r.Remedy, canary)
		results = append(results, r)
		if r.Failed {
			failed++
		}
	})
	return results, failed
}

// find returns the only result whose text begins with a prefix.
func find(t *testing.T, results []selfcheck.Result, prefix string) selfcheck.Result {
	t.Helper()
	var found []selfcheck.Result
	for _, r := range results {
		if strings.HasPrefix(r.Text, prefix) {
			found = append(found, r)
		}
	}
	require.Len(t, found, 1, "%s in %v", prefix, results)
	return found[0]
}

func TestAllChecksPass(t *testing.T) {
	slack, o := workspace(t)
	o.Senders = []selfcheck.Sender{{Name: "zendesk", Secrets: 2}, {Name: "desk", Setting: "SMILEYBOT_DESK_SECRETS"}}
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	var texts []string
	for _, r := range results {
		text, _, isSpace := strings.Cut(r.Text, " MB in ")
		if isSpace {
			text = "free space"
		}
		texts = append(texts, text)
	}
	assert.Equal(t, []string{
		"settings: language en, time zone Europe/Amsterdam, follow-ups due after 4h of office time (urgent 1h), 1 webhook secret and 0 tokens",
		"holidays: none",
		"sender zendesk: on, with 2 secrets",
		"sender desk: described in SMILEYBOT_MAPPINGS, and off until SMILEYBOT_DESK_SECRETS is set",
		"SLACK_SIGNING_SECRET",
		"database " + o.Database + ": 'smileybot serve' will create it",
		"free space",
		"slack token: @smileybot in workspace Fake Team",
		"slack scopes; Slack does not say which shortcuts the app has: if My follow-ups is missing, update the app from 'smileybot manifest'",
		"clock",
		"slack channel C0SUPPORT (SLACK_CHANNEL): #support",
		"slack channel C0CHAT (SMILEYBOT_ROUTES): #chat",
	}, texts)
	assert.NoFileExists(t, o.Database)
	assert.Empty(t, slack.Messages("C0SUPPORT"))
}

func TestClockMayBeAMinuteOff(t *testing.T) {
	for _, test := range []struct {
		name  string
		ahead time.Duration
		found string // Slack's time is known to a second
		fails bool
	}{
		{"right", 0, `^clock$`, false},
		{"half a minute ahead", 30 * time.Second, `^clock, (29|30|31)s away from Slack's$`, false},
		{"two minutes ahead", 2 * time.Minute, `^clock: (1m59|2m0|2m1)s away from Slack's$`, true},
		{"two minutes behind", -2 * time.Minute, `^clock: (1m59|2m0|2m1)s away from Slack's$`, true},
		{"three days ahead", 72 * time.Hour, `^clock: (71h59m59|72h0m0|72h0m1)s away from Slack's$`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, o := workspace(t)
			o.Machine = func() time.Time { return time.Now().Add(test.ahead) }
			results, _ := run(t, o)
			found := find(t, results, "clock")
			assert.Equal(t, test.fails, found.Failed)
			assert.Regexp(t, test.found, found.Text)
			if test.fails {
				assert.Contains(t, found.Remedy, "run a time service")
			}
		})
	}
}

func TestPostSpeaksTheLanguage(t *testing.T) {
	slack, o := workspace(t)
	o.Post, o.Renderer = true, message.NewRenderer(message.Options{Language: message.Dutch})
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	assert.Equal(t, "test message: read back, with its metadata", results[len(results)-1].Text)
	posted := slack.Messages("C0SUPPORT")
	require.Len(t, posted, 1)
	assert.Contains(t, posted[0].Text, "smileybot kan hier berichten plaatsen.")
	assert.Equal(t, "smileybot_notice", posted[0].Metadata.EventType)
	assert.NotEmpty(t, posted[0].Metadata.EventPayload["key"])
}

// chat is the chat channel in another state, with the bot in it.
func chat(s *fakeslack.Server, c fakeslack.Channel) fakeslack.Channel {
	c.ID, c.Name, c.Members = "C0CHAT", "chat", []string{s.Options().BotUserID}
	return c
}

// TestOddChannelIsAWarning: whether the app may post there, only a post shows.
func TestOddChannelIsAWarning(t *testing.T) {
	for _, test := range []struct {
		name   string
		state  fakeslack.Channel
		text   string
		remedy string
	}{
		{"read-only", fakeslack.Channel{ReadOnly: true}, "it is read-only, so only some may post", "let the app post in channel C0CHAT"},
		{"frozen", fakeslack.Channel{Frozen: true}, "it is frozen", "channel C0CHAT is frozen and takes no messages: set another one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			slack, o := workspace(t)
			slack.AddChannel(chat(slack, test.state))
			results, failed := run(t, o)
			assert.Zero(t, failed)
			found := find(t, results, "slack channel C0CHAT (SMILEYBOT_ROUTES): "+test.text)
			assert.True(t, found.Warning)
			assert.Contains(t, found.Remedy, test.remedy)
		})
	}
}

// TestChannelLeftBehindIsAWarning: the bot cannot edit what it posted there, and nothing has to be done.
func TestChannelLeftBehindIsAWarning(t *testing.T) {
	slack, o := workspace(t)
	database, err := sqlite.Open(t.Context(), o.Database, o.Store)
	require.NoError(t, err)
	for i, channel := range []string{"C0OLD", "C0OLD", "C0SUPPORT", "C0ELSEWHERE"} {
		taken, err := database.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, storetest.Smiley(strconv.Itoa(i), feedback.Red, time.Now()))
		require.NoError(t, err)
		require.NoError(t, database.Attempt(t.Context(), taken[0].FeedbackID, channel, time.Now()))
		require.NoError(t, database.Posted(t.Context(), taken[0].FeedbackID, channel, store.FoundMessage{TS: fmt.Sprint("1.", i), Revision: 1}, time.Now()))
	}
	require.NoError(t, database.Close())
	bot := slack.Options().BotUserID
	slack.AddChannel(fakeslack.Channel{ID: "C0OLD", Members: []string{bot}})
	slack.AddChannel(fakeslack.Channel{ID: "C0ELSEWHERE", Members: []string{bot}})
	slack.Archive("C0OLD", true)
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	r := find(t, results, "slack channel C0OLD")
	assert.Equal(t, "slack channel C0OLD, which no setting names: 2 messages cannot be edited there: is_archived", r.Text)
	assert.True(t, r.Warning)
	assert.Contains(t, r.Remedy, "what changes is posted where it is routed now")
	for _, r := range results {
		assert.NotContains(t, r.Text, "C0ELSEWHERE")
	}
}

// TestTestMessageIsReadBack, and what came back is said.
func TestTestMessageIsReadBack(t *testing.T) {
	for _, test := range []struct {
		name  string
		harm  func(*fakeslack.Server)
		text  string
		fails bool
	}{
		{"whole", func(*fakeslack.Server) {}, "test message: read back, with its metadata", false},
		{
			"no metadata", func(s *fakeslack.Server) { s.ShowMetadata(fakeslack.ShownNone) },
			"test message: read back, without its metadata; messages are recognised by the ids of their blocks", false,
		},
		{
			"no payload", func(s *fakeslack.Server) { s.ShowMetadata(fakeslack.ShownType) },
			"test message: read back, without its metadata; messages are recognised by the ids of their blocks", false,
		},
		{
			"no scope", func(s *fakeslack.Server) {
				s.Fail(fakeslack.Fault{Method: "conversations.history", Kind: fakeslack.ErrorCode("missing_scope")})
			},
			"test message: not read back: missing_scope", true,
		},
		{
			"limited", func(s *fakeslack.Server) {
				s.Fail(fakeslack.Fault{Method: "conversations.history", Kind: fakeslack.RateLimited(time.Minute)})
			},
			"test message: not read back, because Slack asks to wait 1m0s before the history is read again", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			slack, o := workspace(t)
			o.Post, o.Renderer = true, message.NewRenderer(message.Options{})
			test.harm(slack)
			results, _ := run(t, o)
			assert.Equal(t, test.fails, find(t, results, test.text).Failed)
		})
	}
}

func TestFailureHasItsRemedy(t *testing.T) {
	for _, tc := range []struct {
		name         string
		harm         func(*fakeslack.Server)
		text, remedy string
	}{
		{
			"not a member",
			func(s *fakeslack.Server) { s.Leave("C0CHAT", s.Options().BotUserID) },
			"slack channel C0CHAT (SMILEYBOT_ROUTES): the bot is not in it", "type /invite @smileybot in channel C0CHAT",
		},
		{
			"archived",
			func(s *fakeslack.Server) { s.Archive("C0CHAT", true) },
			"slack channel C0CHAT (SMILEYBOT_ROUTES): it is archived", "unarchive channel C0CHAT or set another one and restart",
		},
		{
			"shared with another company",
			func(s *fakeslack.Server) { s.AddChannel(chat(s, fakeslack.Channel{Shared: true})) },
			"slack channel C0CHAT (SMILEYBOT_ROUTES): it is shared with another company", "another company can read channel C0CHAT: set one that is not shared with it, because customers' words are posted there, and restart",
		},
		{
			"thread-only",
			func(s *fakeslack.Server) { s.AddChannel(chat(s, fakeslack.Channel{ThreadOnly: true})) },
			"slack channel C0CHAT (SMILEYBOT_ROUTES): it takes replies in threads only", "channel C0CHAT takes replies only: let the app post in it under channel details, Settings, Posting permissions, or set another channel and restart",
		},
		{
			"members without a scope",
			func(s *fakeslack.Server) {
				s.Fail(fakeslack.Fault{Method: "conversations.members", Channel: "C0CHAT", Kind: fakeslack.ErrorCode("missing_scope")})
			},
			"slack channel C0CHAT (SMILEYBOT_ROUTES): its members: missing_scope", "update the app from 'smileybot manifest', install it again in Slack and restart",
		},
		{
			"unknown",
			func(s *fakeslack.Server) { s.RemoveChannel("C0CHAT") },
			"slack channel C0CHAT (SMILEYBOT_ROUTES): channel_not_found",
			"the bot cannot see channel C0CHAT: check the id, and type /invite @smileybot in it if it is private; set another one and restart if it is gone",
		},
		{
			"scopes",
			func(s *fakeslack.Server) {
				s.SetScopes("chat:write", "commands", "channels:read", "groups:read", "channels:history")
			},
			"slack scopes: the token lacks groups:history, users:read", "the token lacks the scope groups:history, users:read: update the app from 'smileybot manifest', install it again in Slack and restart",
		},
		{
			"a group direct message",
			func(s *fakeslack.Server) {
				s.AddChannel(fakeslack.Channel{ID: "C0CHAT", Name: "mpdm-anna--bart-1", Group: true, Members: []string{s.Options().BotUserID}})
			},
			"slack channel C0CHAT (SMILEYBOT_ROUTES): missing_scope",
			"channel C0CHAT is a group direct message, for which the token needs the scopes mpim:read and mpim:history: set a channel, or add the scopes on your Slack app's page OAuth & Permissions, install it again and restart",
		},
		{
			"token rotation",
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("token_expired")}) },
			"slack token: token_expired",
			"token rotation is on for the app, so each token lasts 12 hours, and it cannot be turned off: make another app from 'smileybot manifest', which has none, set its tokens and secret, and restart",
		},
		{
			"another server answers",
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.Status(404)}) },
			"slack token: slack server error: 404 Not Found",
			"what answers is not Slack: see that SLACK_API_URL is https://slack.com/api/ and that no proxy answers in its place",
		},
		{
			"token",
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("token_revoked")}) },
			"slack token: token_revoked", "install the app in Slack again, set SLACK_BOT_TOKEN to its new Bot User OAuth Token and restart",
		},
		{
			"rate limit",
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.RateLimited(7 * time.Second)}) },
			"slack token: Slack asks to wait 7s", "run 'smileybot check' again then",
		},
		{
			"cut",
			func(s *fakeslack.Server) { s.Fail(fakeslack.Fault{Kind: fakeslack.CutBefore()}) },
			"slack token: EOF", "is the way to the internet open, and SLACK_API_URL right? Set HTTPS_PROXY if it leads through a proxy. It is tried again by itself; see slack-status.com if it lasts",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			slack, o := workspace(t)
			tc.harm(slack)
			results, failed := run(t, o)
			assert.Positive(t, failed)
			assert.Contains(t, results, selfcheck.Result{Failed: true, Text: tc.text, Remedy: tc.remedy})
		})
	}
}

// TestOrgWideInstallFails with its remedy.
func TestOrgWideInstallFails(t *testing.T) {
	slack := fakeslack.New(fakeslack.Options{EnterpriseID: "E0ORG", OrgWide: true})
	server := httptest.NewServer(slack)
	defer server.Close()
	slack.SetBaseURL(server.URL)
	_, o := workspace(t)
	o.BotToken, o.SlackAPIURL = slack.Options().BotToken, slack.APIURL()
	results, failed := run(t, o)
	assert.Positive(t, failed)
	assert.Contains(t, find(t, results, "slack token: the app is installed for the whole organisation").Remedy, "install the app in one workspace")
}

// TestRunningBotIsAsked what it has seen go wrong; another program at its address says nothing.
func TestRunningBotIsAsked(t *testing.T) {
	_, o := workspace(t)
	for _, row := range []struct {
		answer string
		failed int
		want   []selfcheck.Result
	}{
		{`{"status":"ok"}`, 0, []selfcheck.Result{{Text: "running bot: ok"}}},
		{`{"status":"degraded","troubles":[{"method":"requests","reason":"foreign_workspace","cure":"do it"}],
			"refused":[{"at":"/slack/commands","reason":"foreign_workspace","count":2,"last":"2026-12-01T08:00:00Z","cure":"do it"}]}`, 1, []selfcheck.Result{
			{Failed: true, Text: "running bot: requests: foreign_workspace", Remedy: "do it"},
			{Warning: true, Text: "running bot: refused 2 requests at /slack/commands, the last on 2026-12-01T08:00:00Z: foreign_workspace", Remedy: "do it"},
		}},
		{`{"status":"ok","refused":[{"at":"zendesk","reason":"proof","unproved":"time","count":1,"last":"2026-12-01T08:00:00Z","cure":"do it"}],"lost":[
			{"at":"zendesk","what":"field","field":"comment","count":2,"last":"2026-12-01T08:00:00Z","cure":"do it"},
			{"at":"trustpilot","what":"part","count":1,"last":"2026-12-01T08:00:00Z","cure":"do it"},
			{"at":"intercom","what":"bot","count":3,"last":"2026-12-01T08:00:00Z","cure":"do it"},
			{"at":"intercom","what":"ignored","count":4,"last":"2026-12-01T08:00:00Z","cure":"do it"}]}`, 0, []selfcheck.Result{
			{Warning: true, Text: "running bot: refused 1 request at zendesk, the last on 2026-12-01T08:00:00Z: proof time", Remedy: "do it"},
			{Warning: true, Text: "running bot: left out of what came from zendesk: the field comment, in 2 ratings, the last on 2026-12-01T08:00:00Z", Remedy: "do it"},
			{Warning: true, Text: "running bot: left out of what came from trustpilot: 1 rating of deliveries with several, the last on 2026-12-01T08:00:00Z", Remedy: "do it"},
			{Text: "running bot: left out of what came from intercom: 3 ratings of bots, the last on 2026-12-01T08:00:00Z"},
			{Text: "running bot: left out of what came from intercom: 4 webhooks without a rating, the last on 2026-12-01T08:00:00Z"},
			{Text: "running bot: ok"},
		}},
		{`{"status":"unavailable","reason":"no room","cure":"make some"}`, 1, []selfcheck.Result{{Failed: true, Text: "running bot: unavailable: no room", Remedy: "make some"}}},
		{`<html>`, 0, nil},
	} {
		admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Contains(t, []string{"/healthz", "/readyz"}, r.URL.Path)
			_, _ = w.Write([]byte(row.answer))
		}))
		o.AdminListen = admin.Listener.Addr().String()
		results, failed := run(t, o)
		admin.Close()
		assert.Equal(t, row.failed, failed, row.answer)
		for _, want := range row.want {
			assert.Contains(t, results, want)
		}
	}
	results, failed := run(t, o)
	assert.Zero(t, failed, results, "no bot runs")
}

// TestWithoutToken checks that the channels are reported as not tested when the token is wrong.
func TestWithoutToken(t *testing.T) {
	slack, o := workspace(t)
	slack.Fail(fakeslack.Fault{Kind: fakeslack.ErrorCode("invalid_auth"), Times: -1})
	o.Post = true
	results, failed := run(t, o)
	assert.Equal(t, 3, failed, results)
	assert.Equal(t, "fix the token first", find(t, results, "slack channel C0CHAT (SMILEYBOT_ROUTES) was not tested").Remedy)
}

func TestAppToken(t *testing.T) {
	slack, o := workspace(t)
	o.SigningSecret, o.AppToken = "", slack.Options().AppToken
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	assert.Contains(t, results, selfcheck.Result{Text: "slack app token: Socket Mode"})

	slack.Fail(fakeslack.Fault{Method: "apps.connections.open", Kind: fakeslack.ErrorCode("missing_scope")})
	results, failed = run(t, o)
	assert.Equal(t, 1, failed, results)
	r := find(t, results, "slack app token: missing_scope")
	assert.True(t, strings.HasPrefix(r.Remedy, "the app-level token lacks the scope connections:write"), r.Remedy)

	o.AppToken = "xapp-" + canary
	results, failed = run(t, o)
	assert.Equal(t, 1, failed, "the channels are checked all the same")
	r = find(t, results, "slack app token: invalid_auth")
	assert.True(t, strings.HasPrefix(r.Remedy, "make an app-level token"), r.Remedy)
}

func TestRejectedDeliveriesAreListed(t *testing.T) {
	_, o := workspace(t)
	s, err := sqlite.Open(t.Context(), o.Database, o.Store)
	require.NoError(t, err)
	defer s.Close()
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	find(t, results, "no delivery was refused in the last 30 days")
	find(t, results, "outgoing webhook: not set")

	require.NoError(t, s.RecordRejected(t.Context(), store.RejectedDelivery{
		Sender: "feedback", Status: 422, Detail: "score must be\na whole number", ReceivedAt: time.Date(2026, 11, 20, 9, 31, 0, 0, time.UTC),
	}))
	results, failed = run(t, o)
	assert.Zero(t, failed, results)
	assert.Equal(t, "database "+o.Database, find(t, results, "database ").Text)
	assert.Equal(t, []string{"2026-11-20 10:31:00  feedback  422  score must be a whole number"}, find(t, results, "deliveries that were refused").Details)
}

// TestWaitingEventsAreNamed: a sender whose comments never get their rating is a warning.
func TestWaitingEventsAreNamed(t *testing.T) {
	_, o := workspace(t)
	s, err := sqlite.Open(t.Context(), o.Database, o.Store)
	require.NoError(t, err)
	defer s.Close()
	for i, age := range []time.Duration{time.Hour, 25 * time.Hour, 50 * time.Hour} {
		e := storetest.Smiley(strconv.Itoa(i), feedback.Red, time.Now())
		e.Sender, e.Mentions = "shop", map[feedback.Field]bool{feedback.FieldComment: true}
		e.Answer.Comment = canary
		_, err := s.Ingest(t.Context(), store.Delivery{Sender: "shop", ReceivedAt: time.Now().Add(-age)}, e)
		require.NoError(t, err)
	}
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	r := find(t, results, "sender shop: 2 comments without a rating")
	assert.True(t, r.Warning)
	assert.Contains(t, r.Remedy, "smileybot map --sender shop")
}

func TestOfficeTimeIsExplained(t *testing.T) {
	_, o := workspace(t)
	year, _, _ := office.DayOf(time.Now(), o.Store.Location).Date()
	for _, test := range []struct {
		name, hours, holidays string
		want                  string // begins one of the lines
	}{
		{"the next by name", "Mon-Fri 09:00-17:00", fmt.Sprintf("nl,+%d-12-31", year+2), "holidays: the next are "},
		{"dates in the past", "Mon-Fri 09:00-17:00", "+2025-12-24", "holidays: none; every date of one year in SMILEYBOT_HOLIDAYS is past"},
		{"23:59", "Mon-Sun 00:00-23:59", "", "SMILEYBOT_OFFICE_HOURS: a stretch ends at 23:59"},
	} {
		closed, err := office.ParseHolidays(test.holidays)
		require.NoError(t, err)
		o.Store.Policy.Hours, err = office.ParseHours(test.hours, o.Store.Location, closed)
		require.NoError(t, err)
		results, failed := run(t, o)
		assert.Zero(t, failed, test.name)
		line := find(t, results, test.want).Text
		if test.name == "the next by name" {
			assert.Regexp(t, `^holidays: the next are \d{4}-\d\d-\d\d \(.+\), \d{4}-\d\d-\d\d \(.+\), \d{4}-\d\d-\d\d \(.+\)$`, line)
		}
	}
}

// TestAlertsThatCannotBeAreNamed with the numbers; a small team is no failure.
func TestAlertsThatCannotBeAreNamed(t *testing.T) {
	_, o := workspace(t)
	database, err := sqlite.Open(t.Context(), o.Database, o.Store)
	require.NoError(t, err)
	today := office.DayOf(time.Now(), o.Store.Location)
	var past []feedback.Event
	for i := range 260 {
		day := today.Add(-1 - i/3)
		past = append(past, storetest.Smiley(strconv.Itoa(i), feedback.Green, day.Time(o.Store.Location).Add(time.Hour)))
	}
	storetest.Import(t, database, time.Now(), past...)
	require.NoError(t, database.Close())
	results, failed := run(t, o)
	assert.Zero(t, failed, results)
	assert.Equal(t, "alert: the last 7 days have 21 smileys, the 28 before them 84; too few to find a drop, which needs 30 on both sides",
		find(t, results, "alert: the last 7 ").Text)
	assert.Equal(t, "alert: the last 28 days have 84 smileys, the 91 before them 176", find(t, results, "alert: the last 28 ").Text)
}

func TestDatabaseCannotBeMade(t *testing.T) {
	_, o := workspace(t)
	o.Database = filepath.Join(t.TempDir(), "none", "smileybot.db")
	results, failed := run(t, o)
	assert.Equal(t, 1, failed, results)
	assert.True(t, find(t, results, "the folder "+filepath.Dir(o.Database)+" of the database does not exist").Failed)
}

// TestDatabaseFaults: check names what is wrong with the file, and does not change it.
func TestDatabaseFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  string
	}{
		{"damaged inside", func(t *testing.T, path string) {
			t.Helper()
			file, err := os.OpenFile(path, os.O_RDWR, 0)
			require.NoError(t, err)
			_, err = file.WriteAt(bytes.Repeat([]byte{0xa5}, 40*4096), 10*4096)
			require.NoError(t, errors.Join(err, file.Close()))
		}, "is damaged"},
		{"another kind of file", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, []byte("id,smiley\n"), 0o600))
		}, "is damaged or no database"},
		{"gone, with its log there", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, errors.Join(os.Remove(path), os.WriteFile(path+"-wal", []byte("log"), 0o600)))
		}, "was removed or moved away"},
		{"a folder", func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, errors.Join(os.Remove(path), os.Mkdir(path, 0o700)))
		}, "is no regular file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, o := workspace(t)
			s, err := sqlite.Open(t.Context(), o.Database, o.Store)
			require.NoError(t, err)
			require.NoError(t, s.Close())
			tc.spoil(t, o.Database)
			results, failed := run(t, o)
			assert.Equal(t, 1, failed, results)
			r := find(t, results, "the database "+o.Database+" "+tc.want)
			assert.True(t, r.Failed)
			assert.NotEmpty(t, r.Remedy)
		})
	}
}

// TestDatabaseIsNamedOnce: a line about the database has its path once, whatever the store's error says.
func TestDatabaseIsNamedOnce(t *testing.T) {
	_, o := workspace(t)
	s, err := sqlite.Open(t.Context(), o.Database, o.Store)
	require.NoError(t, err)
	_, err = s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: time.Now()}, storetest.Smiley("1", feedback.Green, time.Now()))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	troll, err := time.LoadLocation("Antarctica/Troll")
	require.NoError(t, err)
	o.Store.Location = troll
	results, failed := run(t, o)
	assert.Equal(t, 1, failed, results)
	assert.True(t, find(t, results, "database "+o.Database+": it counts the days of ").Failed)

	o.Store = storetest.Options(t)
	o.Store.Policy.Hours, err = office.ParseHours("Mon-Fri 08:00-12:00", o.Store.Location, office.Holidays{})
	require.NoError(t, err)
	results, failed = run(t, o)
	assert.Zero(t, failed, results)
	assert.True(t, find(t, results, "its tickets are not counted by these office hours").Warning)
}

// TestWaitingEventsAreReported checks that events about follow-ups are reported while they wait, and that an old one
// is a failure.
func TestWaitingEventsAreReported(t *testing.T) {
	for _, tc := range []struct {
		age    time.Duration
		failed int
		text   string
	}{
		{time.Minute, 0, "outgoing webhook: set, 1 event waiting"},
		{2 * time.Hour, 1, "outgoing webhook: 1 event waiting, the oldest since "},
	} {
		_, o := workspace(t)
		o.Store.Outgoing = true
		s, err := sqlite.Open(t.Context(), o.Database, o.Store)
		require.NoError(t, err)
		results, _ := run(t, o)
		find(t, results, "outgoing webhook: set, nothing is waiting")
		at := time.Now().Add(-tc.age)
		_, err = s.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: at}, storetest.Smiley("1", feedback.Red, at))
		require.NoError(t, err)
		results, failed := run(t, o)
		assert.Equal(t, tc.failed, failed, results)
		find(t, results, tc.text)
		require.NoError(t, s.Close())
	}
}

func TestSigningSecret(t *testing.T) {
	for _, tc := range []struct {
		secret string
		want   selfcheck.Result
	}{
		{signingSecret, selfcheck.Result{Text: "SLACK_SIGNING_SECRET"}},
		{"another-shape-" + canary, selfcheck.Result{Text: "SLACK_SIGNING_SECRET: set; but Slack's are 32 characters of 0-9 and a-f, so look at it again when clicks and commands get no answer"}},
	} {
		_, o := workspace(t)
		o.SigningSecret = tc.secret
		results, _ := run(t, o)
		assert.Equal(t, tc.want, find(t, results, "SLACK_SIGNING_SECRET"))
	}
	_, o := workspace(t)
	o.SigningSecret = ""
	results, _ := run(t, o)
	for _, r := range results {
		assert.NotContains(t, r.Text, "SLACK_SIGNING_SECRET")
	}
}
