package main

import (
	"encoding/json"
	"net/url"
	"strings"

	"smileybot/bot/message"
)

type manifestCommand struct {
	URL    string `placeholder:"URL" help:"The https address under which Slack reaches this bot."`
	Socket bool   `help:"For Socket Mode instead: Slack needs no way in, and 'serve' needs SLACK_APP_TOKEN."`

	Language message.Language `enum:"en,nl" default:"en" help:"The language of what the app and its commands say of themselves: en or nl."`
}

// Help is printed by --help.
func (manifestCommand) Help() string {
	return `Paste the output at https://api.slack.com/apps: Create New App, From a manifest.

Example:

	smileybot manifest --url https://bot.example.org
	smileybot manifest --socket --language nl
`
}

// Run prints the manifest as JSON.
func (c manifestCommand) Run(t terminal) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	out := json.NewEncoder(t.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(newManifest(base, message.NewRenderer(message.Options{Language: c.Language})))
}

// base is the address without a slash at its end, empty for Socket Mode.
func (c manifestCommand) base() (string, error) {
	const example = "for example 'smileybot manifest --url https://bot.example.org'"
	switch {
	case c.Socket && c.URL != "":
		return "", misusef("--url and --socket exclude each other; give one of them, %s", example)
	case c.Socket:
		return "", nil
	case c.URL == "":
		return "", misusef("where does Slack reach this bot? Give --url, %s, or --socket", example)
	}
	address, err := url.Parse(c.URL)
	if err != nil || address.Scheme != "https" || address.Hostname() == "" || address.User != nil ||
		address.RawQuery != "" || address.ForceQuery || strings.ContainsAny(c.URL, "# ") || len(c.URL) > maxManifestURL {
		return "", misusef("--url must be an https address without query, %s", example)
	}
	return strings.TrimRight(address.String(), "/"), nil
}

// maxManifestURL keeps the addresses of the manifest below the 3,000 characters
// that its schema allows.
const maxManifestURL = 2900

// manifest describes a Slack app. The names are those of Slack's manifest schema
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
	// Escape off: what people type arrives as they typed it.
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

// newManifest is the app with all its addresses below base, or without any for
// Socket Mode.
func newManifest(base string, words *message.Renderer) manifest {
	short, long := words.App()
	m := manifest{
		Display:  manifestDisplay{Name: "smileybot", Description: short, LongDescription: long, BackgroundColor: "#1f6f43"},
		Settings: manifestSettings{Interactivity: manifestInteractivity{Enabled: true}, SocketMode: base == ""},
	}
	m.Features.AppHome.Home = true
	m.Features.BotUser.Name = "smileybot"
	m.Features.Commands = slashCommands(words)
	m.OAuth.Scopes.Bot = append(botScopes(), emailScope)
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

// slashCommands lists the commands that this version answers.
func slashCommands(words *message.Renderer) []manifestSlash {
	var all []manifestSlash
	for _, command := range []string{"nps", "csat", "smileys", "ces", "nls", "reviews", "service", "followups", "customer", "smileybot"} {
		description, usage := words.Command(command)
		all = append(all, manifestSlash{Command: "/" + command, Description: description, UsageHint: usage})
	}
	return all
}

// emailScope lets the bot find in Slack who an agent of the ticket system is.
// Without it Home tabs are shown without people's own ratings.
const emailScope = "users:read.email"

// botScopes lists what the bot's token must be allowed: to post and to answer
// commands; to read channels for what became of a post in doubt and for who is a
// member; and to see who is a guest.
func botScopes() []string {
	return []string{
		"chat:write", "commands",
		"channels:history", "groups:history",
		"channels:read", "groups:read",
		"users:read",
	}
}
