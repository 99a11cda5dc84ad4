package bot

import (
	"net/http"

	"github.com/slack-go/slack"

	"smileybot/bot/outbox"
	"smileybot/config"
)

// slackAPI is how Slack is reached.
func slackAPI(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &http.Client{Transport: transport, Timeout: outbox.CallTimeout, CheckRedirect: stay}
}

// slackClient speaks to Slack with the bot's token.
func slackClient(c config.Config, api *http.Client) *slack.Client {
	return slack.New(c.SlackBotToken.Reveal(), slack.OptionAPIURL(c.SlackAPIURL), slack.OptionHTTPClient(api))
}
