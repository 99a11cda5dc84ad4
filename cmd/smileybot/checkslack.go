package main

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

	"smileybot/bot"
	"smileybot/bot/outbox"
	"smileybot/bot/message"
	"smileybot/config"
)

// maxSkew is how wrong this machine's clock may be. Signatures older than 5
// minutes are refused, on both sides.
const maxSkew = time.Minute

// slack tries the token, its scopes, the clock and the channels.
func (r *checklist) slack(ctx context.Context, settings config.Config, post bool) {
	var headers http.Header
	api := slack.New(settings.SlackBotToken.Reveal(), slack.OptionAPIURL(settings.SlackAPIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: outbox.CallTimeout}),
		slack.OptionOnResponseHeaders(func(_ string, h http.Header) { headers = h }))
	works := r.token(ctx, api)
	r.scopes(headers)
	r.clock(headers, time.Now())
	r.socket(ctx, settings)
	for _, c := range checkedChannels(settings) {
		if !works {
			r.fail(c.String()+" was not tried", "mend the token first")
			continue
		}
		r.channel(ctx, api, c)
	}
	if works && post {
		r.post(ctx, api, settings.SlackChannel, bot.Speaker(settings))
	}
}

// token tries whether Slack knows the token.
func (r *checklist) token(ctx context.Context, api *slack.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	who, err := api.AuthTestContext(ctx)
	if err != nil {
		reason, cure := slackTrouble(err, "")
		r.fail("slack token: "+reason, cure)
		return false
	}
	r.ok(fmt.Sprintf("slack token: @%s in workspace %s", who.User, who.Team))
	return true
}

// scopes compares what Slack says the token may do with what the bot needs.
func (r *checklist) scopes(h http.Header) {
	granted := strings.FieldsFunc(h.Get("X-Oauth-Scopes"), func(c rune) bool { return c == ',' || c == ' ' })
	if len(granted) == 0 {
		return // Slack did not say
	}
	var missing []string
	for _, scope := range botScopes() {
		if !slices.Contains(granted, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) > 0 {
		r.fail("slack scopes: the token lacks "+strings.Join(missing, ", "),
			"update the app from 'smileybot manifest' and install it again in Slack")
		return
	}
	if !slices.Contains(granted, emailScope) {
		r.ok("slack scopes; with " + emailScope + " as well, Home tabs show people their own ratings: update the app from 'smileybot manifest'")
		return
	}
	r.ok("slack scopes")
}

// clock compares this machine's clock with Slack's.
func (r *checklist) clock(h http.Header, now time.Time) {
	theirs, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return // Slack did not say
	}
	if skew := now.Sub(theirs).Abs().Round(time.Second); skew > maxSkew {
		r.fail(fmt.Sprintf("clock: %s away from Slack's", skew), "set this machine's clock, or no signature holds")
		return
	}
	r.ok("clock")
}

// A checkedChannel is a Slack channel and the settings that name it.
type checkedChannel struct {
	id       string
	settings []string
}

// String names the channel as the operator knows it.
func (c checkedChannel) String() string {
	return fmt.Sprintf("slack channel %s (%s)", c.id, strings.Join(c.settings, ", "))
}

// checkedChannels lists each channel once: support, leads, routes.
func checkedChannels(settings config.Config) []checkedChannel {
	var channels []checkedChannel
	add := func(id, setting string) {
		i := slices.IndexFunc(channels, func(c checkedChannel) bool { return c.id == id })
		if i < 0 {
			channels = append(channels, checkedChannel{id, []string{setting}})
			return
		}
		if !slices.Contains(channels[i].settings, setting) {
			channels[i].settings = append(channels[i].settings, setting)
		}
	}
	add(settings.SlackChannel, "SLACK_CHANNEL")
	if settings.LeadChannel != settings.SlackChannel {
		add(settings.LeadChannel, "SMILEYBOT_LEAD_CHANNEL")
	}
	for _, from := range slices.Sorted(maps.Keys(settings.Routes)) {
		add(settings.Routes[from], "SMILEYBOT_ROUTES")
	}
	return channels
}

// channel tries whether the bot can post in a channel.
func (r *checklist) channel(ctx context.Context, api *slack.Client, c checkedChannel) {
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	info, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: c.id})
	switch {
	case err != nil:
		reason, cure := slackTrouble(err, c.id)
		r.fail(c.String()+": "+reason, cure)
	case info.IsArchived:
		r.fail(c.String()+": it is archived", "unarchive it, or set another channel")
	case !info.IsMember && !info.IsIM:
		r.fail(c.String()+": the bot is not in it", "invite me with /invite @smileybot in that channel")
	default:
		r.ok(c.String() + ": #" + info.Name)
	}
}

// post posts a test message.
func (r *checklist) post(ctx context.Context, api *slack.Client, channel string, speaker *message.Renderer) {
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	test := speaker.Test("test:" + uuid.NewString())
	_, _, err := api.PostMessageContext(ctx, channel, slack.MsgOptionText(test.Text, false), slack.MsgOptionMetadata(test.Metadata),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if err != nil {
		reason, cure := slackTrouble(err, channel)
		r.fail("test message: "+reason, cure)
		return
	}
	r.ok("test message: posted in " + channel)
}

// slackTrouble is an error of a call of Slack about a channel, if it was about
// one: what it is and the cure.
func slackTrouble(err error, channel string) (reason, cure string) {
	answered, refused := errors.AsType[slack.SlackErrorResponse](err)
	limited, wait := errors.AsType[*slack.RateLimitedError](err)
	switch {
	case refused:
		return answered.Err, message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: answered.Err, Channel: channel})
	case wait:
		return "Slack asks to wait " + limited.RetryAfter.String(), "run 'smileybot check' again then"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within " + outbox.CallTimeout.String(), "is the way to the internet open, and SLACK_API_URL right?"
	default:
		return withoutURL(err).Error(), "is the way to the internet open, and SLACK_API_URL right?"
	}
}
