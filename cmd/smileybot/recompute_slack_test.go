package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot"
	"smileybot/bot/command"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/bot/webhook"
	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/store/sqlite"
)

// A refFixture is the entrances of a bot, for webhooks and for people, without a network and so for tests in
// fake time.
type refFixture struct {
	door   http.Handler
	slack  *fakeslack.Server
	people map[message.Language]*command.Handler
}

const refToken = canary + "-0123456789-0123456789-0123456789"

func newRefFixture(t *testing.T) *refFixture {
	t.Helper()
	settings, err := bot.LoadConfig(config.Bot)
	require.NoError(t, err)
	kept, err := sqlite.Open(t.Context(), settings.Database.Reveal(), bot.StoreOptions(settings))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, kept.Close()) })
	d := &refFixture{slack: fakeslack.New(fakeslack.Options{Now: time.Now})}
	d.slack.AddUser(fakeslack.User{ID: "U0BART", Name: "bart"})
	d.slack.AddChannel(fakeslack.Channel{ID: "C0SUPPORT", Name: "support", Members: []string{d.slack.Options().BotUserID, "U0BART"}})
	log := slog.New(slog.DiscardHandler)
	d.people = make(map[message.Language]*command.Handler)
	for _, language := range message.Languages() {
		d.people[language] = command.New(command.Options{
			Renderer: message.NewRenderer(message.Options{Zone: settings.Location, Language: language}),
			Store:    kept, Hours: settings.OfficeHours, SupportChannel: "C0SUPPORT", LeadChannel: "C0SUPPORT",
			Slack: slackapi.New(slackapi.Options{Token: d.slack.Options().BotToken, URL: d.slack.APIURL(), Transport: d.slack.Transport()}),
			Log:   log, Registry: prometheus.NewRegistry(), Wake: func() {}, Now: time.Now,
		})
	}
	in, err := webhook.New(webhook.Options{Store: kept, Tokens: []string{refToken}, Registry: prometheus.NewRegistry(), Log: log, Stored: func() {}})
	require.NoError(t, err)
	d.door = in.Feedback()
	return d
}

// deliver sends the webhook of a rating, which is answered with that status.
func (d *refFixture) deliver(t *testing.T, a refRating, status int) {
	t.Helper()
	ticket := map[string]any{}
	if a.ticket != "" {
		ticket["id"] = a.ticket
	}
	for _, c := range []struct {
		name string
		at   time.Time
	}{{"opened_at", a.opened}, {"first_reply_at", a.replied}, {"resolved_at", a.solved}} {
		if !c.at.IsZero() {
			ticket[c.name] = c.at.Format(time.RFC3339Nano)
		}
	}
	if a.replies > 0 {
		ticket["replies"] = a.replies
	}
	event := map[string]any{"id": a.id, "kind": a.kind, "channel": a.channel, "occurred_at": a.at.Format(time.RFC3339Nano)}
	person := func(values ...string) map[string]any {
		fields := make(map[string]any)
		for i := 0; i < len(values); i += 2 {
			if values[i+1] != "" {
				fields[values[i]] = values[i+1]
			}
		}
		return fields
	}
	for name, fields := range map[string]map[string]any{
		"ticket": ticket, "agent": person("id", a.agentID, "name", a.agent), "customer": person("id", a.customer, "email", a.email),
	} {
		if len(fields) > 0 {
			event[name] = fields
		}
	}
	if a.kind == "smiley" {
		event["smiley"] = []string{"red", "yellow", "green"}[a.value-1]
	} else {
		event["score"] = a.value
	}
	body, err := json.Marshal(event)
	require.NoError(t, err)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/feedback", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+refToken)
	answer := httptest.NewRecorder()
	d.door.ServeHTTP(answer, request)
	require.Equal(t, status, answer.Code, answer.Body)
}

// types types a slash command and returns the answer in a language.
func (d *refFixture) types(t *testing.T, language message.Language, name string, words []string) string {
	t.Helper()
	c := fakeslack.Slash{User: "U0BART", Channel: "C0SUPPORT", Command: "/" + name, Text: strings.Join(words, " ")}
	form := d.slack.SlashForm(c)
	d.people[language].Command(t.Context(), slack.SlashCommand{
		TeamID: form.Get("team_id"), ChannelID: c.Channel, UserID: c.User, Command: c.Command, Text: c.Text, ResponseURL: form.Get("response_url"),
	})
	shown := d.slack.Ephemerals(c.User)
	require.NotEmpty(t, shown, fmt.Sprint(c.Command, " ", c.Text))
	return shown[len(shown)-1].Text
}
