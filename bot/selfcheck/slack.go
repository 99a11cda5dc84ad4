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
	if tokenWorks {
		c.leftChannels(ctx)
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
	if own, err := c.slack.Workspace(ctx); err == nil && own.OrgWide {
		c.fail("slack token: the app is installed for the whole organisation", message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: slackapi.ReasonOrgWide}))
		return true
	}
	c.ok("slack token: @%s in workspace %s", who.User, who.Team)
	return true
}

// scopes compares the scopes of the token with those that the bot needs. Slack lists them in the
// headers of each response.
func (c *checker) scopes(h http.Header) {
	granted := grantedBy(h)
	if len(granted) == 0 {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(c.Scopes), func(scope string) bool { return slices.Contains(granted, scope) })
	switch {
	case len(missing) > 0:
		c.fail("slack scopes: the token lacks "+strings.Join(missing, ", "),
			message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: slackapi.ReasonMissingScope, Scope: strings.Join(missing, ", ")}))
	case !slices.Contains(granted, c.HomeScope):
		c.ok("slack scopes; with %s as well, Home tabs show people their own ratings: update the app from 'smileybot manifest'", c.HomeScope)
	default:
		c.ok("slack scopes; Slack does not say which shortcuts the app has: if My follow-ups is missing, update the app from 'smileybot manifest'")
	}
}

// grantedBy lists the scopes that an answer of Slack names, none when it names none.
func grantedBy(h http.Header) []string {
	return strings.FieldsFunc(h.Get("X-Oauth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
}

// grants reports whether the token has a scope, as far as Slack says.
func (c *checker) grants(scope string) bool {
	granted := grantedBy(c.headers)
	return len(granted) == 0 || slices.Contains(granted, scope)
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

// channel checks that the bot can post in a channel, and that only colleagues read it. A channel in
// which only some may post is a warning: whether the app is one of them, only a post shows.
func (c *checker) channel(ctx context.Context, n namedChannel) {
	info, err := c.slack.Channel(ctx, n.id)
	if err != nil {
		c.failCall(n.String(), err, message.Fault{Channel: n.id})
		return
	}
	if info.IsGroup && !c.grants("mpim:history") {
		c.fail(n.String()+": missing_scope", message.NewRenderer(message.Options{}).Remedy(message.Fault{
			Reason: slackapi.ReasonMissingScope, Channel: n.id, Scope: "mpim:history",
		}))
		return
	}
	troubles := info.Troubles()
	for _, reason := range troubles {
		remedy := message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: reason, Channel: n.id})
		switch reason {
		case slackapi.ReasonReadOnly, slackapi.ReasonFrozen:
			c.report(Result{Text: n.String() + ": " + troubleWords[reason], Remedy: remedy, Warning: true})
		default:
			c.fail(n.String()+": "+troubleWords[reason], remedy)
		}
	}
	own, _ := c.slack.Workspace(ctx) // the token works
	if _, err := c.slack.IsMember(ctx, n.id, own.UserID); slackapi.Code(err) == slackapi.ReasonMissingScope {
		c.failCall(n.String()+": its members", err, message.Fault{Channel: n.id})
		return
	}
	if len(troubles) == 0 {
		c.ok("%s: #%s", n, info.Name)
	}
}

// mostLeft bounds how many channels that were left are looked at.
const mostLeft = 50

// leftChannels names the channels that the settings name no more, and with messages that the bot cannot
// edit there.
func (c *checker) leftChannels(ctx context.Context) {
	set := c.channels()
	looked := 0
	for _, id := range slices.Sorted(maps.Keys(c.messages)) {
		if slices.ContainsFunc(set, func(n namedChannel) bool { return n.id == id }) || looked == mostLeft {
			continue
		}
		looked++
		if reason, known := c.slack.WhyUnusable(ctx, id); known && reason != "" {
			c.report(Result{
				Text:    fmt.Sprintf("slack channel %s, which no setting names: %s cannot be edited there: %s", id, count(c.messages[id], "message"), reason),
				Remedy:  message.NewRenderer(message.Options{}).LeftRemedy(id),
				Warning: true,
			})
		}
	}
}

// troubleWords say what is wrong with a channel.
var troubleWords = map[string]string{ //nolint:gochecknoglobals // a table that never changes
	slackapi.ReasonArchived:   "it is archived",
	slackapi.ReasonNotIn:      "the bot is not in it",
	slackapi.ReasonShared:     "it is shared with another company",
	slackapi.ReasonFrozen:     "it is frozen",
	slackapi.ReasonReadOnly:   "it is read-only, so only some may post",
	slackapi.ReasonThreadOnly: "it takes replies in threads only",
}

// testMessage posts a message in the support channel and reads it back, as the bot does after a post
// whose result is unknown.
func (c *checker) testMessage(ctx context.Context) {
	m := c.Renderer.Test("test:" + uuid.NewString())
	ts, err := c.slack.PostTest(ctx, c.Channel, slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionMetadata(m.Metadata))
	if err != nil {
		c.failCall("test message", err, message.Fault{Channel: c.Channel})
		return
	}
	c.ok("test message: posted in %s", c.Channel)
	now := c.slack.Clock().Now()
	page, _, r := c.slack.History(ctx, slackapi.HistoryQuery{Channel: c.Channel, Oldest: now.Add(-readBack), Latest: now.Add(readBack)})
	i := slices.IndexFunc(page, func(m slack.Message) bool { return m.Timestamp == ts })
	switch {
	case r.Class == slackapi.ClassLimited:
		c.ok("test message: not read back, because Slack asks to wait %s before the history is read again", r.Wait)
	case slackapi.AffectsChannel(r.Reason):
		c.fail("test message: not read back: "+r.Reason, message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: r.Reason, Channel: c.Channel}))
	case r.Class != slackapi.ClassOK:
		c.report(Result{Text: "test message: not read back: " + r.Reason, Remedy: "run 'smileybot check --post' again", Warning: true})
	case i < 0:
		c.report(Result{
			Text:   "test message: not in the channel's history",
			Remedy: "run 'smileybot check --post' again: if it stays so, a post in doubt is made twice", Warning: true,
		})
	case page[i].Metadata.EventPayload[message.PayloadKey] == m.Metadata.EventPayload[message.PayloadKey]:
		c.ok("test message: read back, with its metadata")
	default:
		c.ok("test message: read back, without its metadata; messages are recognised by the ids of their blocks")
	}
}

// readBack is how far around now the test message is looked for.
const readBack = 5 * time.Minute

// failCall reports a failed call of Slack, with the remedy that the log and /readyz have. about says what
// the call was about; its Reason is not read.
func (c *checker) failCall(what string, err error, about message.Fault) {
	r := slackapi.Classify(err)
	about.Reason, about.Scope = r.Reason, r.Scope
	if limited, isLimited := errors.AsType[*slack.RateLimitedError](err); isLimited {
		c.fail(what+": Slack asks to wait "+limited.RetryAfter.String(), "run 'smileybot check' again then")
		return
	}
	found := r.Reason
	switch cause := errors.Unwrap(err); { // without the method
	case slackapi.Code(err) != "":
	case errors.Is(err, context.DeadlineExceeded):
		found = "no answer within " + slackapi.Timeout.String()
	case cause != nil:
		found = cause.Error()
	}
	c.fail(what+": "+found, message.NewRenderer(message.Options{}).Remedy(about))
}
