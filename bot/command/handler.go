package command

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/feedback/office"
	"smileybot/store"
)

// Options are what a Handler works with. Only Health and Now may be left out.
type Options struct {
	Store *store.Store
	Slack *slackapi.Client
	// Speaker says the answers.
	Speaker *message.Renderer
	// Hours are the office's; their zone decides which day is today.
	Hours office.Hours
	// SupportChannel and LeadChannel are those whose members may see the queue
	// and press buttons.
	SupportChannel, LeadChannel string
	Log                         *slog.Logger
	Registry                    prometheus.Registerer
	// Wake tells the deliverer that a message is to be shown anew.
	Wake func()
	// Now is the clock; time.Now when nil.
	Now     func() time.Time
	Version string
	// Health tells how the bot is, for the self-check; all is well when nil.
	Health func(context.Context) message.Health
}

// answerTimeout bounds everything before an answer is on its way: Slack shows an answer as late after
// 3 s.
const answerTimeout = 2 * time.Second

// Handler does what people ask for in Slack. It is safe for concurrent use.
type Handler struct {
	store    *store.Store
	slack    *slackapi.Client
	speaker  *message.Renderer
	location *time.Location
	hours    office.Hours
	channels []string // whose members may see the queue, each once
	log      *slog.Logger
	wake     func()
	now      func() time.Time
	health   func(context.Context) message.Health
	door     *door
	agents   *agents
	actions  map[string]action
	homes    *homes
	charts   *charts
	seconds  *prometheus.HistogramVec
}

// New makes a Handler. It asks nobody anything yet.
func New(o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{
		store:    o.Store,
		slack:    o.Slack,
		speaker:  o.Speaker,
		location: o.Hours.Location(),
		hours:    o.Hours,
		channels: distinct(o.SupportChannel, o.LeadChannel),
		log:      o.Log,
		homes:    newHomes(),
		now:      o.Now,
		health:   o.checkup(),
		charts:   newCharts(),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "smileybot_command_seconds",
			Help:    "Time from a command, click or submitted form to the end of its answer, by what was asked.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10},
		}, []string{"command"}),
	}
	h.door = newDoor(o.Slack, o.Now)
	h.agents = newAgents(o.Slack, o.Now, o.Log)
	h.actions = h.actionTable()
	h.wake = func() {
		o.Wake()
		h.WaitingChanged()
	}
	o.Registry.MustRegister(h.seconds, h.charts.refusals)
	return h
}

// checkup is the self-check, with the version in it.
func (o Options) checkup() func(context.Context) message.Health {
	return func(ctx context.Context) message.Health {
		var health message.Health
		if o.Health != nil {
			health = o.Health(ctx)
		}
		health.Version = o.Version
		return health
	}
}

// took records how long an answer took.
func (h *Handler) took(l label, began time.Time) {
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
	labelPage      label = "page"
	labelHome      label = "home"
	labelOther     label = "other"
)

// distinct lists the channels there are, each once.
func distinct(channels ...string) []string {
	var kept []string
	for _, channel := range channels {
		if channel != "" && !slices.Contains(kept, channel) {
			kept = append(kept, channel)
		}
	}
	return kept
}
