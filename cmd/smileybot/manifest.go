package main

import (
	"net/url"
	"slices"
	"strings"

	"smileybot/bot/command"
	"smileybot/bot/message"
)

type manifestCommand struct {
	URL    string `placeholder:"URL" help:"The https address at which Slack reaches this bot."`
	Socket bool   `help:"For Socket Mode instead: Slack sends no requests, and 'serve' needs SLACK_APP_TOKEN."`

	Language message.Language `enum:"en,nl" default:"en" help:"The language of the descriptions of the app and its commands: en or nl."`
}

func (manifestCommand) Help() string {
	return `Paste the output at https://api.slack.com/apps: Create New App, From a manifest.

Example:

	smileybot manifest --url https://bot.example.org
	smileybot manifest --socket --language nl
`
}

// Run prints the manifest as JSON.
func (c manifestCommand) Run(s streams) error {
	const example = "for example 'smileybot manifest --url https://bot.example.org'"
	base, ok := baseURL(c.URL, "https")
	switch {
	case c.Socket && c.URL != "":
		return usageErrorf("--url and --socket exclude each other; give one of them, %s", example)
	case !c.Socket && c.URL == "":
		return usageErrorf("the address at which Slack reaches this bot is missing; give --url, %s, or --socket", example)
	case !c.Socket && !ok:
		return usageErrorf("--url must be an https address without query, %s", example)
	}
	manifest, err := command.Manifest(base, message.NewRenderer(message.Options{Language: c.Language}))
	if err != nil {
		return err
	}
	_, err = s.out.Write(manifest)
	return err
}

// baseURL returns the address at which the bot is reached, without a slash at its end, and whether it
// is one with a host, of one of the schemes, and with nothing after its path. An address that is not is
// empty.
func baseURL(text string, schemes ...string) (string, bool) {
	// maxLength keeps the manifest's addresses below the 3,000 characters of its schema.
	const maxLength = 2900
	address, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, address.Scheme) || address.Hostname() == "" || address.User != nil ||
		address.RawQuery != "" || address.ForceQuery || strings.ContainsAny(text, "# ") || len(text) > maxLength {
		return "", false
	}
	return strings.TrimRight(address.String(), "/"), true
}
