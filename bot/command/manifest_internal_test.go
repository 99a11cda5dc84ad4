package command

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/message"
	"smileybot/feedback/office"
)

// TestManifestFitsSlacksSchema checks the manifest in both languages against the limits of Slack's
// schema.
func TestManifestFitsSlacksSchema(t *testing.T) {
	const base = "https://bot.example.org/smiley"
	for _, language := range message.Languages() {
		text, err := Manifest(base, message.NewRenderer(message.Options{Language: language}))
		require.NoError(t, err)
		var m slack.Manifest
		require.NoError(t, json.Unmarshal(text, &m))
		within(t, m.Display.Name, 1, 35)
		within(t, m.Display.Description, 1, 140)
		within(t, m.Display.LongDescription, 175, 4000)
		within(t, m.Features.BotUser.DisplayName, 1, 80)
		require.Len(t, m.Features.SlashCommands, len(slashLabels()))
		for _, c := range m.Features.SlashCommands {
			within(t, c.Command, 2, 32)
			within(t, c.Description, 1, 2000)
			within(t, c.UsageHint, 1, 1000)
			assert.Equal(t, base+"/slack/commands", c.Url)
		}
		require.Len(t, m.Features.Shortcuts, 3)
		for _, c := range m.Features.Shortcuts {
			within(t, c.Name, 1, 24)
			within(t, c.Description, 1, 150)
			assert.Contains(t, []string{"message", "global"}, string(c.Type))
			assert.Contains(t, []string{"open_followup", "claim_followup", "my_followups"}, c.CallbackID)
		}
		assert.Equal(t, base+"/slack/interactions", m.Settings.Interactivity.RequestUrl)
		assert.Equal(t, base+"/slack/events", m.Settings.EventSubscriptions.RequestUrl)
		assert.Equal(t, append(Scopes(), ScopeEmail), m.OAuthConfig.Scopes.Bot)
		assert.Contains(t, string(text), `"socket_mode_enabled": false`)
		assert.NotContains(t, string(text), `\u003`, "nothing is escaped for HTML")
	}
}

// within checks the length of a text in characters.
func within(t *testing.T, text string, low, high int) {
	t.Helper()
	n := utf8.RuneCountInString(text)
	assert.True(t, low <= n && n <= high, "%q has %d characters", text, n)
}

func TestManifestForSocketModeHasNoAddress(t *testing.T) {
	text, err := Manifest("", message.NewRenderer(message.Options{Language: message.Dutch}))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"socket_mode_enabled": true`)
	assert.Contains(t, string(text), `"description": "Uitleg en een zelftest"`)
	assert.NotContains(t, string(text), "https")
}

// TestEveryCommandIsAnswered checks that the bot knows every command of the manifest, and that each
// has words of its own.
func TestEveryCommandIsAnswered(t *testing.T) {
	described := make(map[string]bool)
	for _, c := range slashCommands("", message.NewRenderer(message.Options{})) {
		q := parse(c.Command, "", office.DayOf(time.Now(), time.UTC))
		assert.Equal(t, strings.TrimPrefix(c.Command, "/"), string(q.label))
		assert.NoError(t, q.err, c.Command)
		assert.False(t, described[c.Description], c.Description)
		described[c.Description] = true
	}
	assert.Error(t, parse("/click", "", 0).err, "a label that is no command")
}
