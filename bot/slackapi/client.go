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
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"smileybot/bot/internal/trust"
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
	MethodChannel    = "conversations.info"
	MethodOpenSocket = "apps.connections.open"

	methodLookUp = "users.lookupByEmail"
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
	// Machine is the machine's clock, [time.Now] when nil.
	Machine func() time.Time
	// OnHeaders receives the headers of every answer, which name the token's scopes, if it is
	// not nil.
	OnHeaders func(http.Header)
	// OnIdentity receives whose token it is, whenever Slack says so, if it is not nil.
	OnIdentity func(Workspace)
	// Scopes are those that the token needs.
	Scopes []string
	// Refused is called when Slack begins to refuse what answers to people need, if it is not nil. It
	// returns the failure with its remedy.
	Refused func(Failure) Failure
}

// Client calls Slack. It retries nothing. It is safe for concurrent use.
type Client struct {
	options Options
	api     *slack.Client
	http    *http.Client
	clock   *Clock
	own     atomic.Pointer[Workspace] // once Slack has named it
	asking  singleflight.Group
	orgWide atomic.Bool // as Slack said last
	refused refusals
}

// New returns a Client. It calls nothing yet.
func New(o Options) *Client {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Count == nil {
		o.Count = func(string, string) {}
	}
	if o.OnHeaders == nil {
		o.OnHeaders = func(http.Header) {}
	}
	if o.Refused == nil {
		o.Refused = func(f Failure) Failure { return f }
	}
	if o.OnIdentity == nil {
		o.OnIdentity = func(Workspace) {}
	}
	clock := newClock(o.Machine)
	// A redirect is refused: the token goes to the configured address only.
	c := &Client{options: o, clock: clock}
	c.refused = refusals{required: o.Scopes, new: o.Refused, calls: make(map[string]refusal)}
	client := &http.Client{
		Transport: c.watchInstall(clock.roundTripper(whileTrusted(o.Transport))), Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	api := slack.New(o.Token, slack.OptionAPIURL(o.URL), slack.OptionHTTPClient(client),
		slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
			c.refused.granted(h.Get("X-Oauth-Scopes"), clock.Now())
			o.OnHeaders(h)
		}))
	c.http, c.api = client, api
	clock.ask = func(ctx context.Context) error {
		_, err := c.Identity(ctx)
		return err
	}
	return c
}

// whileTrusted returns a transport that sends nothing for a bot that must have lost its duty, see
// package trust. Then nothing was done.
func whileTrusted(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := trust.Check(r.Context()); err != nil {
			return nil, err
		}
		return next.RoundTrip(r)
	})
}

// Clock is the clock that Slack's answers correct.
func (c *Client) Clock() *Clock { return c.clock }

// ask makes one call that is not about a message of the outbox, and returns Slack's answer.
func ask[T any](ctx context.Context, c *Client, method string, timeout time.Duration, call func(context.Context) (T, error)) (T, error) {
	return askAbout(ctx, c, method, "", timeout, call)
}

// askAbout is [ask] for a call about a channel.
func askAbout[T any](ctx context.Context, c *Client, method, channel string, timeout time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := call(ctx)
	c.options.Count(method, outcome(err))
	if method != methodLookUp { // whose scope is not required
		c.refused.note(method, channel, err, c.clock.Now())
	}
	return answer, callError(method, err)
}

// Failures lists what Slack refuses of what answers to people need.
func (c *Client) Failures() []Failure { return c.refused.failures(c.clock.Now()) }

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
func (c *Client) Identity(ctx context.Context) (*slack.AuthTestResponse, error) {
	return ask(ctx, c, MethodAuthTest, Timeout, c.authTest)
}

func (c *Client) authTest(ctx context.Context) (*slack.AuthTestResponse, error) {
	who, err := c.api.AuthTestContext(ctx)
	if err == nil {
		own := Workspace{ID: who.TeamID, Address: who.URL, BotID: who.BotID, UserID: who.UserID, Enterprise: who.EnterpriseID, OrgWide: c.orgWide.Load() || who.TeamID != "" && who.TeamID == who.EnterpriseID}
		c.own.Store(&own)
		c.options.OnIdentity(own)
	}
	return who, err
}

// ErrForeign is returned for a request of another workspace than the token's.
var ErrForeign = errors.New("the request is of another Slack workspace than the bot's")

// ErrUnavailable is returned while Slack cannot say which workspace is the token's, or who a user
// is. Trying again helps.
var ErrUnavailable = errors.New("slack cannot be asked now")

// gateTimeout bounds how long a request waits before it is acknowledged, the first time that Slack
// is asked for the token's workspace.
const gateTimeout = time.Second

// Workspace is one Slack workspace.
type Workspace struct {
	ID      string
	Address string // https://example.slack.com/
	// BotID and UserID are the bot's own there.
	BotID, UserID string
	// Enterprise is the organisation of a workspace on Enterprise Grid.
	Enterprise string
	// OrgWide says that the app is installed for the whole organisation, which ID then names.
	OrgWide bool
}

// Wrote reports whether the bot wrote a message. known is false when the message does not say who did.
func (w Workspace) Wrote(m slack.Message) (wrote, known bool) {
	switch {
	case m.BotID != "" && w.BotID != "":
		return m.BotID == w.BotID, true
	case m.User != "" && w.UserID != "":
		return m.User == w.UserID, true
	default:
		return false, false
	}
}

// Permalink is the address of a message as Slack makes it. It is empty for a message that is not
// posted yet, and in a workspace whose address is unknown.
func (w Workspace) Permalink(channel, ts string) string {
	if ts == "" || w.Address == "" {
		return ""
	}
	return strings.TrimSuffix(w.Address, "/") + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}

// Workspace returns the token's workspace, or [ErrUnavailable]. Slack is asked once. Concurrent
// callers share one call, which continues for the others when one of them gives up.
func (c *Client) Workspace(ctx context.Context) (Workspace, error) {
	if w := c.own.Load(); w != nil {
		return *w, nil
	}
	answer := c.asking.DoChan("", func() (any, error) {
		return c.Identity(context.WithoutCancel(ctx))
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return Workspace{}, fmt.Errorf("%w: %w", ErrUnavailable, a.Err)
		}
		return *c.own.Load(), nil
	case <-ctx.Done():
		return Workspace{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

// CheckTeam returns nil when a request names the token's own workspace, [ErrForeign] when it names
// another, and [ErrUnavailable] while that is unknown. It takes at most a second, and nothing once
// Slack has named the workspace. A transport refuses on ErrForeign only: the sender of any other
// request gets an answer that says why it is not carried out.
func (c *Client) CheckTeam(ctx context.Context, team string) error {
	ctx, cancel := context.WithTimeout(ctx, gateTimeout)
	defer cancel()
	own, err := c.Workspace(ctx)
	if err != nil {
		return err
	}
	if team != own.ID {
		return ErrForeign
	}
	return nil
}

// User returns what Slack knows of a user.
func (c *Client) User(ctx context.Context, id string) (*slack.User, error) {
	return ask(ctx, c, "users.info", Timeout, func(ctx context.Context) (*slack.User, error) {
		return c.api.GetUserInfoContext(ctx, id)
	})
}

// UserIDByEmail returns the user who has an e-mail address.
func (c *Client) UserIDByEmail(ctx context.Context, email string) (string, error) {
	user, err := ask(ctx, c, methodLookUp, Timeout, func(ctx context.Context) (*slack.User, error) {
		return c.api.GetUserByEmailContext(ctx, email)
	})
	if err != nil {
		return "", err
	}
	return user.ID, nil
}

// membersPage is how many members one call returns, the most that Slack allows.
const membersPage = 1000

// IsMember reports whether a user is in a channel. It reads the members page by page.
func (c *Client) IsMember(ctx context.Context, channel, user string) (bool, error) {
	page := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: membersPage}
	for {
		var next string
		members, err := askAbout(ctx, c, "conversations.members", channel, Timeout, func(ctx context.Context) (members []string, err error) {
			members, next, err = c.api.GetUsersInConversationContext(ctx, &page)
			return members, err
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

// OpenModal shows a modal; onTop keeps the one below it that was clicked.
func (c *Client) OpenModal(ctx context.Context, trigger string, view slack.ModalViewRequest, onTop bool) error {
	method, show := "views.open", c.api.OpenViewContext
	if onTop {
		method, show = "views.push", c.api.PushViewContext
	}
	_, err := ask(ctx, c, method, modalTimeout, func(ctx context.Context) (*slack.ViewResponse, error) {
		return show(ctx, trigger, view)
	})
	return err
}

// UpdateModal replaces an open modal by another.
func (c *Client) UpdateModal(ctx context.Context, viewID string, view slack.ModalViewRequest) error {
	_, err := ask(ctx, c, "views.update", modalTimeout, func(ctx context.Context) (*slack.ViewResponse, error) {
		return c.api.UpdateViewContext(ctx, view, "", "", viewID)
	})
	return err
}

// PublishHome shows a user's Home tab and returns its hash. When hash is not empty, Slack refuses
// unless the tab it shows has that hash.
func (c *Client) PublishHome(ctx context.Context, user string, view slack.HomeTabViewRequest, hash string) (string, error) {
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	shown, err := ask(ctx, c, "views.publish", Timeout, func(ctx context.Context) (*slack.ViewResponse, error) {
		return c.api.PublishViewContext(ctx, request)
	})
	if err != nil {
		return "", err
	}
	return shown.Hash, nil
}

// PostEphemeral shows a message in a channel to one user only.
func (c *Client) PostEphemeral(ctx context.Context, channel, user string, options ...slack.MsgOption) error {
	_, err := ask(ctx, c, "chat.postEphemeral", Timeout, func(ctx context.Context) (ts string, err error) {
		return c.api.PostEphemeralContext(ctx, channel, user, options...)
	})
	return err
}

// PostTest posts a message that the outbox does not keep, and returns its timestamp.
func (c *Client) PostTest(ctx context.Context, channel string, content ...slack.MsgOption) (ts string, err error) {
	content = append(content, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	return ask(ctx, c, MethodPost, Timeout, func(ctx context.Context) (ts string, err error) {
		_, ts, err = c.api.PostMessageContext(ctx, channel, content...)
		return ts, err
	})
}

// TestAppToken asks Slack for the address of a Socket Mode connection, and does not use it.
func (c *Client) TestAppToken(ctx context.Context) error {
	api := slack.New("", slack.OptionAppLevelToken(c.options.AppToken), slack.OptionAPIURL(c.options.URL), slack.OptionHTTPClient(c.http))
	_, err := ask(ctx, c, MethodOpenSocket, Timeout, func(ctx context.Context) (address string, err error) {
		_, address, err = api.StartSocketModeContext(ctx)
		return address, err
	})
	return err
}

// send makes one call about a message and classifies it.
func (c *Client) send(ctx context.Context, method string, call func(context.Context) error) Result {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r := Classify(call(ctx))
	r.Method = method
	if r.Class == ClassOK {
		c.refused.worked()
	}
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

// historyPage is how many messages one call of the history asks for; Slack allows up to 999, and gives
// some apps 15 (docs.slack.dev/reference/methods/conversations.history).
const historyPage = 999

// A HistoryQuery asks for the messages of a channel, or for the replies in a thread when one is named,
// of a time by Slack's clock.
type HistoryQuery struct {
	Channel, Thread string
	Oldest, Latest  time.Time
	// Cursor is where the page begins, empty for the first one.
	Cursor string
}

// Method is the method that answers the query.
func (q HistoryQuery) Method() string {
	if q.Thread == "" {
		return MethodHistory
	}
	return MethodReplies
}

// History returns one page of messages with their metadata, and the cursor of the next page, which is
// empty after the last one. A channel's come newest first, a thread's oldest first.
func (c *Client) History(ctx context.Context, q HistoryQuery) (page []slack.Message, next string, r Result) {
	p := slack.GetConversationHistoryParameters{
		ChannelID: q.Channel, Oldest: timestamp(q.Oldest), Latest: timestamp(q.Latest),
		Cursor: q.Cursor, Limit: historyPage, IncludeAllMetadata: true,
	}
	r = c.send(ctx, q.Method(), func(ctx context.Context) (err error) {
		if q.Thread != "" {
			page, _, next, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: p.ChannelID, Timestamp: q.Thread, Oldest: p.Oldest, Latest: p.Latest,
				Cursor: p.Cursor, Limit: p.Limit, IncludeAllMetadata: true,
			})
			return err
		}
		got, err := c.api.GetConversationHistoryContext(ctx, &p)
		if err == nil {
			page, next = got.Messages, got.ResponseMetaData.NextCursor
		}
		return err
	})
	return page, next, r
}

// timestamp is a moment as Slack's history takes it.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
