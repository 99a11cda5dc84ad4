package selfcheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/slack-go/slack"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
)

// maxSkew is how wrong this machine's clock may be. From 5 minutes on nothing is erased, escalated or
// summed up; a clock that is a minute off is on its way there.
const maxSkew = time.Minute

// workspace checks the token, its scopes, the clock, the app token and the channels.
func (c *checker) workspace(ctx context.Context) {
	tokenWorks := c.botToken(ctx)
	c.scopes(c.headers)
	c.clock()
	c.appToken(ctx)
	for _, channel := range c.channels() {
		if tokenWorks {
			c.channel(ctx, channel)
		} else {
			c.fail(channel.String()+" was not tested", "fix the token first")
		}
	}
	if tokenWorks && c.Post {
		c.testMessage(ctx)
	}
}

// botToken reports whether Slack accepts the bot token.
func (c *checker) botToken(ctx context.Context) bool {
	who, err := c.slack.Identity(ctx)
	if err != nil {
		c.failCall("slack token", err, message.Fault{})
		return false
	}
	c.ok("slack token: @%s in workspace %s", who.User, who.Team)
	return true
}

// scopes compares the scopes of the token with those that the bot needs. Slack lists them in the
// headers of each response.
func (c *checker) scopes(h http.Header) {
	granted := strings.FieldsFunc(h.Get("X-Oauth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(granted) == 0 {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(c.Scopes), func(scope string) bool { return slices.Contains(granted, scope) })
	switch {
	case len(missing) > 0:
		c.fail("slack scopes: the token lacks "+strings.Join(missing, ", "),
			"update the app from 'smileybot manifest' and install it again in Slack")
	case !slices.Contains(granted, c.HomeScope):
		c.ok("slack scopes; with %s as well, Home tabs show people their own ratings: update the app from 'smileybot manifest'", c.HomeScope)
	default:
		c.ok("slack scopes; Slack does not say which shortcuts the app has: if My follow-ups is missing, update the app from 'smileybot manifest'")
	}
}

// clock compares this machine's clock with Slack's, which is known to about a second.
func (c *checker) clock() {
	offset, known := c.slack.Clock().Offset()
	switch off := offset.Round(time.Second); {
	case !known: // not in the response
	case off.Abs() > maxSkew:
		c.fail(fmt.Sprintf("clock: %s away from Slack's", off.Abs()), message.NewRenderer(message.Options{}).ClockRemedy(offset))
	case off.Abs() > time.Second:
		c.ok("clock, %s away from Slack's", off.Abs())
	default:
		c.ok("clock")
	}
}

// appToken checks that the app token, if there is one, opens Socket Mode connections.
func (c *checker) appToken(ctx context.Context) {
	if c.AppToken == "" {
		return
	}
	if err := c.slack.TestAppToken(ctx); err != nil {
		c.failCall("slack app token", err, message.Fault{Socket: true})
		return
	}
	c.ok("slack app token: Socket Mode")
}

// A namedChannel is a Slack channel and the settings that name it.
type namedChannel struct {
	id       string
	settings []string
}

// String returns the channel as the operator knows it.
func (n namedChannel) String() string {
	return fmt.Sprintf("slack channel %s (%s)", n.id, strings.Join(n.settings, ", "))
}

// channels returns each channel of the settings once.
func (c *checker) channels() []namedChannel {
	var all []namedChannel
	add := func(id, setting string) {
		i := slices.IndexFunc(all, func(n namedChannel) bool { return n.id == id })
		if i < 0 {
			all = append(all, namedChannel{id, []string{setting}})
			return
		}
		if !slices.Contains(all[i].settings, setting) {
			all[i].settings = append(all[i].settings, setting)
		}
	}
	add(c.Channel, "SLACK_CHANNEL")
	if c.LeadChannel != c.Channel {
		add(c.LeadChannel, "SMILEYBOT_LEAD_CHANNEL")
	}
	for _, from := range slices.Sorted(maps.Keys(c.Routes)) {
		add(c.Routes[from], "SMILEYBOT_ROUTES")
	}
	return all
}

// channel checks that the bot can post in a channel.
func (c *checker) channel(ctx context.Context, n namedChannel) {
	info, err := c.slack.Channel(ctx, n.id)
	switch {
	case err != nil:
		c.failCall(n.String(), err, message.Fault{Channel: n.id})
	case info.IsArchived:
		c.fail(n.String()+": it is archived", "unarchive it, or set another channel")
	case !info.IsMember && !info.IsIM:
		c.fail(n.String()+": the bot is not in it", "invite me with /invite @smileybot in that channel")
	default:
		c.ok("%s: #%s", n, info.Name)
	}
}

// testMessage posts a message in the support channel.
func (c *checker) testMessage(ctx context.Context) {
	m := c.Renderer.Test("test:" + uuid.NewString())
	if err := c.slack.PostTest(ctx, c.Channel, slack.MsgOptionText(m.Text, false), slack.MsgOptionMetadata(m.Metadata)); err != nil {
		c.failCall("test message", err, message.Fault{Channel: c.Channel})
		return
	}
	c.ok("test message: posted in %s", c.Channel)
}

// failCall reports a failed call of Slack. about says what the call was about; its Reason is not
// read.
func (c *checker) failCall(what string, err error, about message.Fault) {
	const network = "is the way to the internet open, and SLACK_API_URL right?"
	refused, isRefused := errors.AsType[slack.SlackErrorResponse](err)
	limited, isLimited := errors.AsType[*slack.RateLimitedError](err)
	switch {
	case isRefused:
		about.Reason = refused.Err
		c.fail(what+": "+refused.Err, message.NewRenderer(message.Options{}).Remedy(about))
	case isLimited:
		c.fail(what+": Slack asks to wait "+limited.RetryAfter.String(), "run 'smileybot check' again then")
	case errors.Is(err, context.DeadlineExceeded):
		c.fail(what+": no answer within "+slackapi.Timeout.String(), network)
	default:
		if cause := errors.Unwrap(err); cause != nil { // without the method
			err = cause
		}
		c.fail(what+": "+err.Error(), network)
	}
}
