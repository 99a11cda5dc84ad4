// Package slackapi is the only caller of Slack. It bounds, counts and classifies every call,
// proves the requests that Slack makes, over HTTP or Socket Mode, and knows nothing of feedback.
package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"
)

const (
	// Timeout bounds one call of Slack.
	Timeout = 8 * time.Second
	// modalTimeout bounds the call that opens a modal: its trigger_id expires after 3 s.
	modalTimeout = 2 * time.Second
)

// The methods whose names the callers of this package use.
const (
	MethodAuthTest   = "auth.test"
	MethodPost       = "chat.postMessage"
	MethodUpdate     = "chat.update"
	MethodDelete     = "chat.delete"
	MethodHistory    = "conversations.history"
	MethodReplies    = "conversations.replies"
	MethodOpenSocket = "apps.connections.open"
)

// Options are what a Client needs.
type Options struct {
	// Token is the bot's token; AppToken opens Socket Mode connections.
	Token, AppToken string
	// URL is the address of Slack's API, with a slash at its end.
	URL string
	// Transport is used instead of the default one when it is not nil.
	Transport http.RoundTripper
	// Dial is used instead of TCP and TLS for Socket Mode when it is not nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Count counts a call by its method and outcome, if it is not nil. The outcome of a call about
	// a message is its [Class]; that of any other call is ok, limited, refused or failed.
	Count func(method, outcome string)
	// OnHeaders receives the headers of every answer, which name the token's scopes and Slack's
	// time, if it is not nil.
	OnHeaders func(http.Header)
}

// Client calls Slack. It retries nothing. It is safe for concurrent use.
type Client struct {
	options Options
	api     *slack.Client
	http    *http.Client
	own     atomic.Pointer[Workspace] // once Slack has named it
	asking  singleflight.Group
}

// New returns a Client. It calls nothing yet.
func New(o Options) *Client {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Count == nil {
		o.Count = func(string, string) {}
	}
	// A redirect is refused: the token goes to the configured address only.
	client := &http.Client{
		Transport: o.Transport, Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	api := slack.New(o.Token, slack.OptionAPIURL(o.URL), slack.OptionHTTPClient(client),
		slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
			if o.OnHeaders != nil {
				o.OnHeaders(h)
			}
		}))
	return &Client{options: o, http: client, api: api}
}

// ask makes one call that is not about a message.
func (c *Client) ask(ctx context.Context, method string, timeout time.Duration, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := call(ctx)
	c.options.Count(method, outcome(err))
	return callError(method, err)
}

// outcome is how a call that is not about a message went, as the metric counts it.
func outcome(err error) string {
	_, limited := errors.AsType[*slack.RateLimitedError](err)
	switch {
	case err == nil:
		return "ok"
	case limited:
		return "limited"
	case Code(err) != "":
		return "refused"
	default:
		return "failed"
	}
}

// callError adds the method to an error. The address in an error of the network is left out: a
// response_url is a secret.
func callError(method string, err error) error {
	if err == nil {
		return nil
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", method, err)
}

// Code is the error code that Slack answered with, empty when Slack did not answer.
func Code(err error) string {
	refused, _ := errors.AsType[slack.SlackErrorResponse](err)
	return refused.Err
}

// Identity returns whose token it is.
func (c *Client) Identity(ctx context.Context) (who *slack.AuthTestResponse, err error) {
	err = c.ask(ctx, MethodAuthTest, Timeout, func(ctx context.Context) (err error) {
		who, err = c.authTest(ctx)
		return err
	})
	return who, err
}

func (c *Client) authTest(ctx context.Context) (*slack.AuthTestResponse, error) {
	who, err := c.api.AuthTestContext(ctx)
	if err == nil {
		c.own.Store(&Workspace{ID: who.TeamID, Address: who.URL})
	}
	return who, err
}

// User returns what Slack knows of a user.
func (c *Client) User(ctx context.Context, id string) (user *slack.User, err error) {
	err = c.ask(ctx, "users.info", Timeout, func(ctx context.Context) (err error) {
		user, err = c.api.GetUserInfoContext(ctx, id)
		return err
	})
	return user, err
}

// UserIDByEmail returns the user who has an e-mail address.
func (c *Client) UserIDByEmail(ctx context.Context, email string) (id string, err error) {
	err = c.ask(ctx, "users.lookupByEmail", Timeout, func(ctx context.Context) error {
		user, err := c.api.GetUserByEmailContext(ctx, email)
		if err == nil {
			id = user.ID
		}
		return err
	})
	return id, err
}

// Channel returns what Slack knows of a channel.
func (c *Client) Channel(ctx context.Context, id string) (channel *slack.Channel, err error) {
	err = c.ask(ctx, "conversations.info", Timeout, func(ctx context.Context) (err error) {
		channel, err = c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	return channel, err
}

// membersPage is how many members one call returns, the most that Slack allows.
const membersPage = 1000

// IsMember reports whether a user is in a channel. It reads the members page by page.
func (c *Client) IsMember(ctx context.Context, channel, user string) (bool, error) {
	page := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: membersPage}
	for {
		var members []string
		var next string
		err := c.ask(ctx, "conversations.members", Timeout, func(ctx context.Context) (err error) {
			members, next, err = c.api.GetUsersInConversationContext(ctx, &page)
			return err
		})
		switch {
		case err != nil:
			return false, err
		case slices.Contains(members, user):
			return true, nil
		case next == "" || next == page.Cursor:
			return false, nil
		}
		page.Cursor = next
	}
}

// OpenModal shows a modal.
func (c *Client) OpenModal(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	return c.ask(ctx, "views.open", modalTimeout, func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, view)
		return err
	})
}

// PublishHome shows a user's Home tab and returns its hash. When hash is not empty, Slack refuses
// unless the tab it shows has that hash.
func (c *Client) PublishHome(ctx context.Context, user string, view slack.HomeTabViewRequest, hash string) (now string, err error) {
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	err = c.ask(ctx, "views.publish", Timeout, func(ctx context.Context) error {
		shown, err := c.api.PublishViewContext(ctx, request)
		if err == nil {
			now = shown.Hash
		}
		return err
	})
	return now, err
}

// PostEphemeral shows a message in a channel to one user only.
func (c *Client) PostEphemeral(ctx context.Context, channel, user string, options ...slack.MsgOption) error {
	return c.ask(ctx, "chat.postEphemeral", Timeout, func(ctx context.Context) error {
		_, err := c.api.PostEphemeralContext(ctx, channel, user, options...)
		return err
	})
}

// PostTest posts a message that the outbox does not keep.
func (c *Client) PostTest(ctx context.Context, channel string, content ...slack.MsgOption) error {
	content = append(content, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	return c.ask(ctx, MethodPost, Timeout, func(ctx context.Context) error {
		_, _, err := c.api.PostMessageContext(ctx, channel, content...)
		return err
	})
}

// TestAppToken asks Slack for the address of a Socket Mode connection, and does not use it.
func (c *Client) TestAppToken(ctx context.Context) error {
	api := slack.New("", slack.OptionAppLevelToken(c.options.AppToken), slack.OptionAPIURL(c.options.URL), slack.OptionHTTPClient(c.http))
	return c.ask(ctx, MethodOpenSocket, Timeout, func(ctx context.Context) error {
		_, _, err := api.StartSocketModeContext(ctx)
		return err
	})
}
