package slackapi

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"
)

// send makes one call about a message and classifies it.
func (c *Client) send(ctx context.Context, method string, call func(context.Context) error) Result {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r := Classify(call(ctx))
	r.Method = method
	c.options.Count(method, string(r.Class))
	return r
}

// TestToken asks Slack whether it accepts the token.
func (c *Client) TestToken(ctx context.Context) Result {
	return c.send(ctx, MethodAuthTest, func(ctx context.Context) error {
		_, err := c.authTest(ctx)
		return err
	})
}

// A Post is a message that is new in Slack.
type Post struct {
	Channel string
	// Thread is the timestamp of the message to reply to, empty for none. Broadcast shows the reply in
	// the channel as well.
	Thread    string
	Broadcast bool
	// Content is the text, the blocks and the metadata.
	Content []slack.MsgOption
}

// Post posts a message and returns the id of its channel and its timestamp.
func (c *Client) Post(ctx context.Context, p Post) (channel, ts string, r Result) {
	options := append([]slack.MsgOption{slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}, p.Content...)
	if p.Thread != "" {
		options = append(options, slack.MsgOptionTS(p.Thread))
	}
	if p.Broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	r = c.send(ctx, MethodPost, func(ctx context.Context) (err error) {
		channel, ts, err = c.api.PostMessageContext(ctx, p.Channel, options...)
		return err
	})
	return channel, ts, r
}

// Update edits a message.
func (c *Client) Update(ctx context.Context, channel, ts string, content ...slack.MsgOption) Result {
	return c.send(ctx, MethodUpdate, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, channel, ts, content...)
		return err
	})
}

// Delete deletes a message.
func (c *Client) Delete(ctx context.Context, channel, ts string) Result {
	return c.send(ctx, MethodDelete, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, channel, ts)
		return err
	})
}

// historyPage is how many messages one call of the history returns; Slack allows up to 999
// (docs.slack.dev/reference/methods/conversations.history).
const historyPage = 999

// History returns one page of the messages since a moment, with their metadata, and the cursor of
// the next page: those of a channel, or the replies in a thread when one is named.
func (c *Client) History(ctx context.Context, channel, thread string, since time.Time, cursor string) (page []slack.Message, next string, r Result) {
	p := slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: timestamp(since), Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
	}
	if thread == "" {
		r = c.send(ctx, MethodHistory, func(ctx context.Context) error {
			got, err := c.api.GetConversationHistoryContext(ctx, &p)
			if err == nil {
				page, next = got.Messages, got.ResponseMetaData.NextCursor
			}
			return err
		})
		return page, next, r
	}
	r = c.send(ctx, MethodReplies, func(ctx context.Context) (err error) {
		page, _, next, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: p.Oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
		})
		return err
	})
	return page, next, r
}

// timestamp is a moment as Slack's history takes it.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
