package command

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/office"
	"smileybot/store"
)

// Options are what a Handler works with. Only Health and Now may be nil.
type Options struct {
	Store    *store.Store
	Slack    *slackapi.Client
	Renderer *message.Renderer
	// Hours are the office's; their time zone decides which day is today.
	Hours office.Hours
	// SupportChannel and LeadChannel are those whose members may see the queue and press buttons.
	SupportChannel, LeadChannel string
	Log                         *slog.Logger
	Registry                    prometheus.Registerer
	// Wake signals the outbox that a message has changed.
	Wake func()
	// Now is the clock; time.Now when nil.
	Now     func() time.Time
	Version string
	// Health reports on the bot for the self-check; all is well when nil.
	Health func(context.Context) message.Health
}

// answerTimeout bounds everything before an answer is on its way: Slack shows an answer as late after
// 3 s.
const answerTimeout = 2 * time.Second

// Handler does what people ask for in Slack. It is safe for concurrent use.
type Handler struct {
	store    *store.Store
	slack    *slackapi.Client
	renderer *message.Renderer
	hours    office.Hours
	channels []string // whose members may see the queue, each once
	lead     string   // the leads' channel, empty when it is the support channel
	log      *slog.Logger
	wake     func()
	now      func() time.Time
	version  string
	health   func(context.Context) message.Health
	authz    *authorizer
	agents   *agents
	actions  map[string]action
	homes    *homes
	seconds  *prometheus.HistogramVec

	chartRefusals prometheus.Counter
	chartsAgain   atomic.Int64 // from when answers have charts, in Unix nanoseconds
}

// New returns a Handler. It asks Slack nothing yet.
func New(o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{
		store:    o.Store,
		slack:    o.Slack,
		renderer: o.Renderer,
		hours:    o.Hours,
		channels: distinct(o.SupportChannel, o.LeadChannel),
		log:      o.Log,
		now:      o.Now,
		version:  o.Version,
		health:   o.Health,
		authz:    newAuthorizer(o.Slack, o.Now),
		agents:   newAgents(o.Slack, o.Now, o.Log),
		homes:    newHomes(),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "smileybot_command_seconds",
			Help:    "Time from a command, click or submitted form to the end of its answer, by what was asked.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10},
		}, []string{"command"}),
		chartRefusals: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "smileybot_charts_refused_total",
			Help: "Answers with a chart that Slack refused. Each means a day of answers with a line of text in its place.",
		}),
	}
	if o.LeadChannel != o.SupportChannel {
		h.lead = o.LeadChannel
	}
	h.actions = h.actionTable()
	h.wake = func() {
		o.Wake()
		h.WaitingChanged()
	}
	o.Registry.MustRegister(h.seconds, h.chartRefusals)
	return h
}

// today is the office's.
func (h *Handler) today() office.Day { return office.DayOf(h.now(), h.hours.Location()) }

// observe records how long an answer took.
func (h *Handler) observe(l label, began time.Time) {
	h.seconds.WithLabelValues(string(l)).Observe(h.now().Sub(began).Seconds())
}

// A label is what was asked for, as the metric counts it.
type label string

const (
	labelNPS       label = "nps"
	labelCSAT      label = "csat"
	labelCES       label = "ces"
	labelNLS       label = "nls"
	labelSmileys   label = "smileys"
	labelReviews   label = "reviews"
	labelService   label = "service"
	labelCustomer  label = "customer"
	labelFollowUps label = "followups"
	labelSmileybot label = "smileybot"
	labelClick     label = "click"
	labelSubmit    label = "submit"
	labelShortcut  label = "shortcut"
	labelPage      label = "page"
	labelHome      label = "home"
	labelOther     label = "other"
)

// distinct returns the channels that are not empty, each once.
func distinct(channels ...string) []string {
	var kept []string
	for _, channel := range channels {
		if channel != "" && !slices.Contains(kept, channel) {
			kept = append(kept, channel)
		}
	}
	return kept
}
