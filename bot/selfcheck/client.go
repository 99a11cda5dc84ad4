package selfcheck

import (
	"context"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
)

// callTimeout bounds one call of Slack, and one request to the public address.
const callTimeout = 8 * time.Second

// A slackClient makes the calls of Slack that the checks need.
type slackClient struct {
	bot, app *slack.Client
	// headers are those of the latest response to the bot token, which name its scopes and Slack's
	// time.
	headers http.Header
}

func newSlackClient(o Options) *slackClient {
	c := new(slackClient)
	url, client := slack.OptionAPIURL(o.SlackAPIURL), slack.OptionHTTPClient(&http.Client{Timeout: callTimeout})
	c.bot = slack.New(o.BotToken, url, client, slack.OptionOnResponseHeaders(func(_ string, h http.Header) { c.headers = h }))
	c.app = slack.New("", slack.OptionAppLevelToken(o.AppToken), url, client)
	return c
}

// Identity returns whose token the bot token is.
func (c *slackClient) Identity(ctx context.Context) (*slack.AuthTestResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.bot.AuthTestContext(ctx)
}

// TestAppToken asks for the address of a Socket Mode connection, and does not use it.
func (c *slackClient) TestAppToken(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, _, err := c.app.StartSocketModeContext(ctx)
	return err
}

// Channel returns what Slack knows of a channel.
func (c *slackClient) Channel(ctx context.Context, id string) (*slack.Channel, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.bot.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
}

// Post posts a message.
func (c *slackClient) Post(ctx context.Context, channel string, m message.Message) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, _, err := c.bot.PostMessageContext(ctx, channel, slack.MsgOptionText(m.Text, false), slack.MsgOptionMetadata(m.Metadata),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	return err
}
