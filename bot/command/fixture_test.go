package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/store"
	"smileybot/store/storetest"
)

const (
	support = "C0SUPPORT"
	lead    = "C0LEAD"
	chat    = "C0CHAT"  // where feedback of chats goes
	lobby   = "C0LOBBY" // where everyone is

	bart    = "U0BART" // in support
	lise    = "U0LISE" // in support
	chris   = "U0CHRIS"
	leader  = "U0LEADER"
	guest   = "U0GUEST"   // in support, but a guest
	visitor = "U0VISITOR" // in none of the channels
)

// fixture is a handler with a real store and a stand-in for Slack. Its clock begins on a Friday.
type fixture struct {
	*command.Handler

	tb       testing.TB
	store    *store.Store
	slack    *fakeslack.Server
	api      *slack.Client
	client   *slackapi.Client // the handler's own
	log      *bytes.Buffer
	registry *prometheus.Registry

	shown  map[string]string // ts by feedback id
	serial int

	mu    sync.Mutex
	now   time.Time
	live  bool // the clock runs, in a bubble of synctest
	woken int
}

// noon is a Friday in week 47 of 2026, 12:00 in Amsterdam.
func noon() time.Time { return time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC) }

func newFixture(tb testing.TB, change ...func(*command.Options)) *fixture {
	tb.Helper()
	s := &fixture{
		tb: tb, store: storetest.New(tb), log: new(bytes.Buffer), registry: prometheus.NewRegistry(),
		now: noon(), shown: make(map[string]string),
	}
	s.slack = fakeslack.New(fakeslack.Options{Now: s.clock, PageSize: 2})
	bot := s.slack.Options().BotUserID
	for _, c := range []fakeslack.Channel{
		{ID: support, Name: "support", Members: []string{bot, chris, lise, bart, guest}},
		{ID: lead, Name: "leads", Private: true, Members: []string{bot, leader}},
		{ID: chat, Name: "chat", Members: []string{bot, chris}},
		{ID: lobby, Name: "lobby", Members: []string{bot, bart, lise, chris, leader, guest, visitor}},
	} {
		s.slack.AddChannel(c)
	}
	for _, user := range []string{bart, lise, chris, leader, visitor} {
		s.slack.AddUser(fakeslack.User{ID: user, Name: user})
	}
	s.slack.AddUser(fakeslack.User{ID: guest, Name: guest, Restricted: true})
	s.api = slack.New(s.slack.Options().BotToken, slack.OptionAPIURL(s.slack.APIURL()),
		slack.OptionHTTPClient(&http.Client{Transport: s.slack.Transport()}))
	options := command.Options{
		Renderer: message.NewRenderer(message.Options{}),
		Store:    s.store, Hours: storetest.Options(tb).Policy.Hours,
		SupportChannel: support, LeadChannel: lead,
		Log:      slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registry: s.registry, Wake: s.wake, Now: s.clock, Version: "1.2.3",
	}
	options.Slack = clientOver(s.slack.Transport())
	for _, c := range change {
		c(&options)
	}
	s.client = options.Slack
	s.Handler = command.New(options)
	return s
}

// clientOver is a client of the stand-in.
func clientOver(transport http.RoundTripper) *slackapi.Client {
	return slackapi.New(slackapi.Options{Token: "xoxb-fake", URL: "https://slack.fake/api/", Transport: transport})
}

func (s *fixture) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		return time.Now()
	}
	return s.now
}

func (s *fixture) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *fixture) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken++
}

// ingest stores an event as the webhook would, and returns the feedback's id.
func (s *fixture) ingest(e feedback.Event) string {
	s.tb.Helper()
	taken, err := s.store.Ingest(context.Background(), store.Delivery{Sender: e.Sender, ReceivedAt: s.clock()}, e)
	require.NoError(s.tb, err)
	return taken[0].FeedbackID
}

// unhappy ingests a red smiley and posts its message.
func (s *fixture) unhappy() string {
	s.tb.Helper()
	id := s.ingest(storetest.Smiley("r-1", feedback.Red, s.clock()))
	s.show(support, id)
	return id
}

// answers imports n answers, each its own feedback.
func (s *fixture) answers(kind feedback.Kind, rating, n int, at time.Time) {
	s.tb.Helper()
	events := make([]feedback.Event, n)
	for i := range events {
		s.serial++
		events[i] = storetest.Score(strconv.Itoa(s.serial), kind, rating, at)
	}
	storetest.Import(s.tb, s.store, s.clock(), events...)
}

// show posts or edits the message of a feedback, as the outbox would.
func (s *fixture) show(channel, id string) {
	s.tb.Helper()
	c := s.snapshot(id)
	m := message.NewRenderer(message.Options{}).Feedback(c)
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionMetadata(m.Metadata),
	}
	var err error
	if ts := s.shown[id]; ts != "" {
		_, _, _, err = s.api.UpdateMessageContext(context.Background(), channel, ts, options...)
	} else {
		_, s.shown[id], err = s.api.PostMessageContext(context.Background(), channel, options...)
		require.NoError(s.tb, s.store.Attempt(context.Background(), id, channel, s.clock()))
		require.NoError(s.tb, s.store.Posted(context.Background(), id, channel, store.FoundMessage{TS: s.shown[id], Revision: c.Feedback.Revision}, s.clock()))
	}
	require.NoError(s.tb, err)
}

func (s *fixture) snapshot(id string) followup.Snapshot {
	s.tb.Helper()
	c, err := s.store.Snapshot(context.Background(), id)
	require.NoError(s.tb, err)
	return c
}

func (s *fixture) state(id string) followup.State { return s.snapshot(id).FollowUp.State }

// types types a slash command.
func (s *fixture) types(user, channel, name, text string) {
	s.tb.Helper()
	s.asks(fakeslack.Slash{User: user, Channel: channel, Command: name, Text: text})
}

func (s *fixture) asks(c fakeslack.Slash) {
	s.tb.Helper()
	form := s.slack.SlashForm(c)
	s.Command(context.Background(), slack.SlashCommand{
		TeamID: form.Get("team_id"), ChannelID: c.Channel, UserID: c.User, Command: c.Command, Text: c.Text,
		ResponseURL: form.Get("response_url"), TriggerID: form.Get("trigger_id"),
	})
}

// clicks presses a button of the latest revision of a feedback's message.
func (s *fixture) clicks(user, id, button string) { s.clicksOld(user, id, button, 0) }

// clicksOld presses a button of the n-th revision of the message.
func (s *fixture) clicksOld(user, id, button string, revision int) {
	s.tb.Helper()
	s.presses(fakeslack.Click{
		User: user, Channel: support, MessageTS: s.shown[id], ActionID: button, Revision: revision,
	})
}

func (s *fixture) presses(c fakeslack.Click) {
	s.tb.Helper()
	s.Interaction(context.Background(), s.pressed(c))
}

// pressed presses a button, or picks the entry of that name in the menu.
func (s *fixture) pressed(c fakeslack.Click) slack.InteractionCallback {
	s.tb.Helper()
	payload, err := s.slack.ClickPayload(c)
	if errors.Is(err, fakeslack.ErrNoElement) {
		c.ActionID, c.Option = message.ActionMore, c.ActionID
		payload, err = s.slack.ClickPayload(c)
	}
	require.NoError(s.tb, err)
	return parsed(s.tb, payload)
}

// submits fills in the form that the user has open; the form closes.
func (s *fixture) submits(user string, values map[string]string) {
	s.tb.Helper()
	views := s.slack.Views(user)
	require.NotEmpty(s.tb, views, "no form is open")
	view := views[len(views)-1]
	payload, err := s.slack.SubmitPayload(fakeslack.Submission{ViewID: view.ID, Values: values})
	require.NoError(s.tb, err)
	require.NoError(s.tb, s.slack.Answered(view.ID, nil))
	s.Interaction(context.Background(), parsed(s.tb, payload))
}

func parsed(tb testing.TB, payload []byte) slack.InteractionCallback {
	tb.Helper()
	var c slack.InteractionCallback
	require.NoError(tb, json.Unmarshal(payload, &c))
	return c
}

// replyTo returns the last message that only this user sees.
func (s *fixture) replyTo(user string) string {
	s.tb.Helper()
	all := s.slack.Ephemerals(user)
	require.NotEmpty(s.tb, all, "%s got no reply; the log says: %s", user, s.log)
	return all[len(all)-1].Text
}

// noReplyTo checks that the user got no reply.
func (s *fixture) noReplyTo(user string) {
	s.tb.Helper()
	for _, m := range s.slack.Ephemerals(user) {
		require.Fail(s.tb, "got a reply", m.Text)
	}
}

// calls counts the calls of a method of Slack's API.
func (s *fixture) calls(method string) int {
	n := 0
	for _, c := range s.slack.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}
