package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/internal/loop"
	"smileybot/bot/message"
	"smileybot/bot/slackapi"
	"smileybot/config"
)

const (
	// placesEvery is how often the channels are looked at; placesAgain is how often while one of them is
	// not as it should be.
	placesEvery = 10 * time.Minute
	placesAgain = time.Minute
	// leftEvery is how often the channels are looked at that the settings name no more; mostLeft bounds
	// how many.
	leftEvery = 6 * time.Hour
	mostLeft  = 50
)

// placeWatch looks at the channels of the settings, and reports those that are not fit for customers'
// words, before a post fails there.
type placeWatch struct {
	channels []string
	slack    *slackapi.Client
	operator *message.Renderer
	log      *slog.Logger
	// messages counts the messages in each Slack channel.
	messages func(context.Context) (map[string]int, error)

	mu    sync.Mutex
	found []slackapi.Failure
	left  []leftChannel
}

// A leftChannel is one that the settings name no more, and with messages that cannot be edited there.
type leftChannel struct {
	Channel string `json:"channel"`
	// Messages is how many there are.
	Messages int `json:"messages"`
	// Reason is why they cannot be edited, Remedy what an operator may do about it.
	Reason string `json:"reason"`
	Remedy string `json:"cure"`
}

func newPlaceWatch(c config.Config, client *slackapi.Client, messages func(context.Context) (map[string]int, error), log *slog.Logger) *placeWatch {
	channels := append(slices.Collect(maps.Values(c.Routes)), c.SlackChannel, c.LeadChannel)
	slices.Sort(channels)
	return &placeWatch{channels: slices.Compact(channels), slack: client, operator: message.NewRenderer(message.Options{}), messages: messages, log: log}
}

// run looks until ctx ends.
func (w *placeWatch) run(ctx context.Context) {
	var next time.Time
	for ctx.Err() == nil {
		if now := time.Now(); !now.Before(next) {
			next = now.Add(leftEvery)
			w.lookBack(ctx)
		}
		again := placesEvery
		if w.look(ctx) {
			again = placesAgain
		}
		loop.Sleep(ctx, again)
	}
}

// look looks at each channel once, and reports whether one is not as it should be. What Slack does not
// answer about stays as it was.
func (w *placeWatch) look(ctx context.Context) bool {
	for _, id := range w.channels {
		info, err := w.slack.Channel(ctx, id)
		reasons := info.Troubles()
		if refused, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
			if !slackapi.AffectsChannel(refused.Err) || slackapi.AffectsWorkspace(refused.Err) {
				continue
			}
			reasons = []string{refused.Err}
		} else if err != nil || info.ID == "" {
			continue
		}
		w.note(id, reasons)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.found) > 0
}

// lookBack looks at the channels that the settings name no more. What Slack does not answer about is left
// out.
func (w *placeWatch) lookBack(ctx context.Context) {
	counted, err := w.messages(ctx)
	if err != nil {
		w.log.WarnContext(ctx, "could not count the messages in channels that were left", "error", err)
		return
	}
	var left []leftChannel
	looked := 0
	for _, id := range slices.Sorted(maps.Keys(counted)) {
		if slices.Contains(w.channels, id) || looked == mostLeft {
			continue
		}
		looked++
		if reason, known := w.slack.WhyUnusable(ctx, id); known && reason != "" {
			left = append(left, leftChannel{id, counted[id], reason, w.operator.LeftRemedy(id)})
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = left
}

// leftBehind lists the channels that were left, with messages that cannot be edited there.
func (w *placeWatch) leftBehind() []leftChannel {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.left)
}

// note replaces what is known of a channel. What is new is logged once.
func (w *placeWatch) note(id string, reasons []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.found
	w.found = slices.DeleteFunc(slices.Clone(before), func(f slackapi.Failure) bool { return f.Channel == id })
	for _, reason := range reasons {
		known := slices.IndexFunc(before, func(f slackapi.Failure) bool { return f.Channel == id && f.Reason == reason })
		if known >= 0 {
			w.found = append(w.found, before[known])
			continue
		}
		f := slackapi.Failure{
			Channel: id, Method: slackapi.MethodChannel, Reason: reason, Since: w.slack.Clock().Now(),
			Remedy: w.operator.Remedy(message.Fault{Reason: reason, Channel: id}),
		}
		w.log.Error("a slack channel is not fit for customers' words", "slack_channel", id, "reason", reason, "remedy", f.Remedy)
		w.found = append(w.found, f)
	}
}

// failures lists what is wrong with the channels, except what the given failures say already.
func (w *placeWatch) failures(known []slackapi.Failure) []slackapi.Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.found), func(f slackapi.Failure) bool {
		return slices.ContainsFunc(known, func(k slackapi.Failure) bool { return k.Channel == f.Channel && k.Reason == f.Reason })
	})
}
