package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/slack-go/slack"

	"smileybot/bot/outbox"
	"smileybot/bot/message"
	"smileybot/config"
)

// socket tries whether the app token, if there is one, opens Socket Mode
// connections. The address that Slack gives for one is not used.
func (r *checklist) socket(ctx context.Context, settings config.Config) {
	token := settings.SlackAppToken.Reveal()
	if token == "" {
		return
	}
	api := slack.New("", slack.OptionAppLevelToken(token), slack.OptionAPIURL(settings.SlackAPIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: outbox.CallTimeout}))
	ctx, cancel := context.WithTimeout(ctx, outbox.CallTimeout)
	defer cancel()
	_, _, err := api.StartSocketModeContext(ctx)
	if err != nil {
		reason, cure := slackTrouble(err, "")
		if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
			cure = message.NewRenderer(message.Options{}).Remedy(message.Fault{Reason: refused.Err, Socket: true})
		}
		r.fail("slack app token: "+reason, cure)
		return
	}
	r.ok("slack app token: Socket Mode")
}
