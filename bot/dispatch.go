package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smileybot/bot/command"
)

// answerTimeout bounds the work for one request. People have their answer long
// before; a slow Slack may take that long to accept it.
const answerTimeout = 10 * time.Second

// people has what people do in Slack answered in the background, whichever
// transport brought it.
type people struct {
	handler *command.Handler
	log     *slog.Logger

	mu      sync.Mutex // guards stopped, and working against additions after it
	stopped bool
	working sync.WaitGroup
}

// A request is what somebody did in Slack, parsed.
type request struct {
	team   string // the workspace that it claims to be of
	answer func(context.Context)
}

// command is a typed slash command.
func (p *people) command(c slack.SlashCommand) request {
	return request{c.TeamID, func(ctx context.Context) { p.handler.Command(ctx, c) }}
}

// interaction is a click or a submitted modal.
func (p *people) interaction(payload []byte) (request, error) {
	i, err := parseInteraction(payload)
	return request{i.Team.ID, func(ctx context.Context) { p.handler.Interaction(ctx, i) }}, err
}

// event is something that happened and is subscribed to.
func (p *people) event(payload []byte) (request, error) {
	e, err := parseEvent(payload)
	return request{e.TeamID, func(ctx context.Context) { p.handler.Event(ctx, e) }}, err
}

// begin answers a request in the background, with the values of ctx and not its
// end. False says that the bot is stopping and will not.
func (p *people) begin(ctx context.Context, r request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	p.working.Go(func() {
		defer cancel()
		defer p.survive()
		r.answer(ctx)
	})
	return true
}

// survive keeps a panic over one request from ending the process.
func (p *people) survive() {
	if recover() != nil {
		p.log.Error("answering a person panicked: this is a bug", "stack", string(debug.Stack()))
	}
}

// stop takes no more requests and lets the answers that are under way end.
func (p *people) stop(grace time.Duration) {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		p.working.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
	}
}

// parseInteraction reads an interaction. Slack sometimes sends a state without
// values as a list, where slack-go only knows the object
// (github.com/slack-go/slack/issues/943).
func parseInteraction(payload []byte) (slack.InteractionCallback, error) {
	var i slack.InteractionCallback
	err := json.Unmarshal(payload, &i)
	if kind := (*json.UnmarshalTypeError)(nil); !errors.As(err, &kind) {
		return i, err
	}
	var raw map[string]any
	if err := json.Unmarshal(payload, &raw); err != nil {
		return i, err
	}
	dropEmptyState(raw)
	if view, ok := raw["view"].(map[string]any); ok {
		dropEmptyState(view)
	}
	mended, err := json.Marshal(raw)
	if err != nil {
		return i, err
	}
	i = slack.InteractionCallback{}
	return i, json.Unmarshal(mended, &i)
}

// dropEmptyState takes out a state whose values are a list.
func dropEmptyState(of map[string]any) {
	state, _ := of["state"].(map[string]any)
	if _, list := state["values"].([]any); list {
		delete(of, "state")
	}
}

// parseEvent reads what the Events API tells. Of the event itself only its type
// is read: slackevents refuses a whole event for one block that it does not know.
func parseEvent(payload []byte) (command.Event, error) {
	var outer struct {
		TeamID string          `json:"team_id"`
		Event  json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(payload, &outer); err != nil {
		return command.Event{}, err
	}
	var inner struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(outer.Event, &inner); err != nil {
		return command.Event{}, err
	}
	return command.Event{TeamID: outer.TeamID, Type: inner.Type, Inner: outer.Event}, nil
}

// errorKind names an error without what it quotes.
func errorKind(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return "not JSON"
	case errors.As(err, &kind):
		return "unexpected JSON in " + kind.Field
	default:
		return "unexpected form"
	}
}
