package selfcheck

import (
	"context"
	"errors"
	"net/http"

	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

// A slackClient calls Slack for the checks.
type slackClient struct {
	*slackapi.Client
	// headers are those of the latest response, which name the scopes of the token and Slack's time.
	headers http.Header
}

func newSlackClient(o Options) *slackClient {
	c := new(slackClient)
	c.Client = slackapi.New(slackapi.Options{
		Token: o.BotToken, AppToken: o.AppToken, URL: o.SlackAPIURL, OnHeaders: func(h http.Header) { c.headers = h },
	})
	return c
}

// Post posts a message.
func (c *slackClient) Post(ctx context.Context, channel string, m message.Message) error {
	_, _, r := c.Client.Post(ctx, slackapi.Post{
		Channel: channel, Content: []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionMetadata(m.Metadata)},
	})
	switch r.Class {
	case slackapi.ClassOK:
		return nil
	case slackapi.ClassLimited:
		return &slack.RateLimitedError{RetryAfter: r.Wait}
	case slackapi.ClassAway, slackapi.ClassDoubt:
		return errors.New(r.Reason)
	default:
		return slack.SlackErrorResponse{Err: r.Reason}
	}
}
