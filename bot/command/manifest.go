package command

import (
	"bytes"
	"encoding/json"

	"smileybot/bot/message"
)

// manifest describes the Slack app, in the names of Slack's manifest schema
// (https://docs.slack.dev/reference/app-manifest).
type manifest struct {
	Display  manifestDisplay  `json:"display_information"`
	Features manifestFeatures `json:"features"`
	OAuth    manifestOAuth    `json:"oauth_config"`
	Settings manifestSettings `json:"settings"`
}

type manifestDisplay struct {
	Name            string `json:"name"`
	Description     string `json:"description"`
	LongDescription string `json:"long_description"`
	BackgroundColor string `json:"background_color"`
}

type manifestFeatures struct {
	AppHome struct {
		Home             bool `json:"home_tab_enabled"`
		Messages         bool `json:"messages_tab_enabled"`
		MessagesReadOnly bool `json:"messages_tab_read_only_enabled"`
	} `json:"app_home"`
	BotUser struct {
		Name         string `json:"display_name"`
		AlwaysOnline bool   `json:"always_online"`
	} `json:"bot_user"`
	Commands []manifestSlash `json:"slash_commands"`
}

type manifestSlash struct {
	Command     string `json:"command"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description"`
	UsageHint   string `json:"usage_hint"`
	// Escape is off: the bot receives text as people typed it.
	Escape bool `json:"should_escape"`
}

type manifestOAuth struct {
	Scopes struct {
		Bot []string `json:"bot"`
	} `json:"scopes"`
}

type manifestSettings struct {
	Interactivity manifestInteractivity `json:"interactivity"`
	Events        manifestEvents        `json:"event_subscriptions"`
	OrgDeploy     bool                  `json:"org_deploy_enabled"`
	SocketMode    bool                  `json:"socket_mode_enabled"`
	TokenRotation bool                  `json:"token_rotation_enabled"`
}

type manifestInteractivity struct {
	Enabled bool   `json:"is_enabled"`
	URL     string `json:"request_url,omitempty"`
}

type manifestEvents struct {
	URL string   `json:"request_url,omitempty"`
	Bot []string `json:"bot_events"`
}

// Manifest returns the manifest of the Slack app as JSON, described in the speaker's language. All
// addresses are below base, which is empty for Socket Mode and has no slash at its end.
func Manifest(base string, speaker *message.Renderer) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(newManifest(base, speaker))
	return out.Bytes(), err
}

func newManifest(base string, speaker *message.Renderer) manifest {
	short, long := speaker.App()
	m := manifest{
		Display:  manifestDisplay{Name: "smileybot", Description: short, LongDescription: long, BackgroundColor: "#1f6f43"},
		Settings: manifestSettings{Interactivity: manifestInteractivity{Enabled: true}, SocketMode: base == ""},
	}
	m.Features.AppHome.Home = true
	m.Features.BotUser.Name = "smileybot"
	m.Features.Commands = slashCommands(speaker)
	m.OAuth.Scopes.Bot = append(Scopes(), ScopeEmail)
	m.Settings.Events.Bot = []string{"app_home_opened"}
	if base == "" {
		return m
	}
	for i := range m.Features.Commands {
		m.Features.Commands[i].URL = base + "/slack/commands"
	}
	m.Settings.Interactivity.URL = base + "/slack/interactions"
	m.Settings.Events.URL = base + "/slack/events"
	return m
}

// slashLabels returns the slash commands that the bot answers, in the order of the manifest. A command
// that is not in this list is unknown.
func slashLabels() []label {
	return []label{
		labelNPS, labelCSAT, labelSmileys, labelCES, labelNLS, labelReviews, labelService, labelFollowUps, labelCustomer, labelSmileybot,
	}
}

// slashCommands returns every command that the bot answers.
func slashCommands(speaker *message.Renderer) []manifestSlash {
	var all []manifestSlash
	for _, l := range slashLabels() {
		description, usage := speaker.Command(string(l))
		all = append(all, manifestSlash{Command: "/" + string(l), Description: description, UsageHint: usage})
	}
	return all
}

// ScopeEmail lets the bot find the Slack user of an agent of the ticket system. Without it Home tabs
// lack people's own ratings.
const ScopeEmail = "users:read.email"

// Scopes returns those that the bot token needs: to post and to answer commands, to read channels
// for posts in doubt and for their members, and to recognize guests.
func Scopes() []string {
	return []string{
		"chat:write", "commands",
		"channels:history", "groups:history",
		"channels:read", "groups:read",
		"users:read",
	}
}
