// Package selfcheck tests what the bot needs: its settings, the database, Slack, and the public
// address. Each check reports what it found, and on a failure its remedy.
package selfcheck

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
)

// Options are the settings to check. Database, Channel and BotToken are required.
type Options struct {
	// Unknown are the variables that look like settings and are none.
	Unknown  []Result
	Language string
	// Store gives the time zone, the due times, and whether there is an outgoing webhook.
	Store    store.Options
	Database string // a path, or a URL with a password in it
	// Listen and AdminListen are the addresses of the bot; an empty one is not checked. A running bot
	// answers /readyz at AdminListen.
	Listen, AdminListen string
	// WebhookSecrets and WebhookTokens are how many there are.
	WebhookSecrets, WebhookTokens int
	Senders                       []Sender
	// Pulls asks each sender that is asked once, and reports what it said; nil when there is none.
	Pulls func(ctx context.Context, report func(Result))
	// Duties reports which bot does what one of several does.
	Duties func(ctx context.Context, database *store.Store, report func(Result)) error

	BotToken, AppToken, SigningSecret string
	SlackAPIURL                       string
	// Channel is the support channel, LeadChannel that of the leads. Routes are the exceptions.
	Channel, LeadChannel string
	Routes               map[feedback.Channel]string
	// Scopes are those that the bot token needs; without HomeScope, Home tabs lack people's own
	// ratings.
	Scopes    []string
	HomeScope string

	// Machine is this machine's clock, [time.Now] when nil.
	Machine func() time.Time
	// Post asks for a test message in the support channel, in the words of Renderer.
	Post     bool
	Renderer *message.Renderer
	// PublicURL is the address at which a running bot must be reached, without a slash at its end.
	// It is not checked when empty.
	PublicURL string
}

// A Sender is a sender with a format of its own.
type Sender struct {
	Name    string
	Secrets int    // zero: described in a mapping, and off
	Setting string // the name of the setting that turns it on
}

// A Result is what one check found.
type Result struct {
	Failed bool
	// Warning is of something that works, and is probably not meant.
	Warning bool
	// Text names what was checked and what was found, in one line. It may repeat texts of others,
	// such as Slack's.
	Text string
	// Remedy is what the operator does about a failure or a warning. It is empty when Text says it.
	Remedy string
	// Details are further lines.
	Details []string
}

// A checker runs checks and reports each result.
type checker struct {
	Options
	report func(Result)
	slack  *slackapi.Client
	// headers are those of Slack's latest answer, which name the scopes of the token.
	headers http.Header
	// messages counts the messages in each Slack channel, as the database knows them.
	messages map[string]int
}

// Run runs all checks in order and calls report with each result as soon as it is there. A check
// that fails does not stop the others. The end of ctx makes the rest fail.
func Run(ctx context.Context, o Options, report func(Result)) {
	c := &checker{Options: o, report: report}
	c.slack = slackapi.New(slackapi.Options{
		Token: o.BotToken, AppToken: o.AppToken, URL: o.SlackAPIURL, Machine: o.Machine, OnHeaders: func(h http.Header) { c.headers = h },
	})
	for _, check := range []func(context.Context){
		c.settings, c.officeTime, c.senders, c.pulls, c.signingSecret, c.listen, c.database, c.workspace, c.running, c.publicURL,
	} {
		check(ctx)
	}
}

func (c *checker) ok(format string, a ...any) { c.report(Result{Text: fmt.Sprintf(format, a...)}) }

func (c *checker) fail(text, remedy string) {
	c.report(Result{Failed: true, Text: text, Remedy: remedy})
}

// settings confirms the settings that an operator is most likely to look for.
func (c *checker) settings(context.Context) {
	c.ok("settings: language %s, time zone %s, follow-ups due after %s of office time (urgent %s), %s and %s",
		c.Language, c.Store.Location, short(c.Store.Policy.Due), short(c.Store.Policy.DueUrgent),
		count(c.WebhookSecrets, "webhook secret"), count(c.WebhookTokens, "token"))
	for _, unknown := range c.Unknown {
		c.report(unknown)
	}
}

// officeTime names the next holidays, and what is probably meant otherwise. It is no failure: what is
// set is counted.
func (c *checker) officeTime(context.Context) {
	const named = 3
	hours, today := c.Store.Policy.Hours, office.DayOf(time.Now(), c.Store.Location)
	if hours.MissesLastMinute() {
		c.ok("SMILEYBOT_OFFICE_HOURS: %s", office.LastMinuteMissed)
	}
	var next []string
	for _, h := range hours.Holidays().Next(today, named) {
		if next = append(next, h.Day.String()); h.Name != "" {
			next[len(next)-1] += " (" + h.Name + ")"
		}
	}
	text := "holidays: the next are " + strings.Join(next, ", ")
	if len(next) == 0 {
		text = "holidays: none"
	}
	if hours.Holidays().Past(today) {
		text += "; every date of one year in SMILEYBOT_HOLIDAYS is past: add those to come, or write +12-24 for every year"
	}
	c.ok("%s", text)
}

// senders lists the senders that are on, and those that are described and off.
func (c *checker) senders(context.Context) {
	for _, s := range c.Senders {
		if s.Secrets > 0 {
			c.ok("sender %s: on, with %s", s.Name, count(s.Secrets, "secret"))
		} else {
			c.ok("sender %s: described in SMILEYBOT_MAPPINGS, and off until %s is set", s.Name, s.Setting)
		}
	}
}

// pullPatience bounds the check of all senders that are asked.
const pullPatience = 2 * time.Minute

// pulls asks the senders that are asked.
func (c *checker) pulls(ctx context.Context) {
	if c.Pulls != nil {
		ctx, cancel := context.WithTimeout(ctx, pullPatience)
		defer cancel()
		c.Pulls(ctx, c.report)
	}
}

// signingSecret checks the shape of Slack's signing secret. An unusual shape is no failure, because
// Slack may change it.
func (c *checker) signingSecret(context.Context) {
	const length = 32 // hexadecimal digits
	secret := c.SigningSecret
	switch {
	case secret == "":
	case len(secret) != length || strings.Trim(secret, "0123456789abcdef") != "":
		c.ok("SLACK_SIGNING_SECRET: set; but Slack's are 32 characters of 0-9 and a-f, so look at it again when clicks and commands get no answer")
	default:
		c.ok("SLACK_SIGNING_SECRET")
	}
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// short is a duration without zeros at its end: 4h, not 4h0m0s.
func short(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}
