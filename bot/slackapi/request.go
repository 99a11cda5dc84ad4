package slackapi

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/slack-go/slack"
)

// A Request is what a person did in Slack: exactly one of Command, Interaction and Event.
type Request struct {
	// TeamID is the workspace that the request claims to be of.
	TeamID      string
	Command     *slack.SlashCommand
	Interaction *slack.InteractionCallback // a click or a submitted modal
	Event       *Event
}

// An Event is something that happened in Slack and that the app is subscribed to.
type Event struct {
	// TeamID is the workspace that the event claims to be of.
	TeamID string
	// Type is what happened, such as app_home_opened.
	Type string
	// Inner is the event itself, a JSON object of the shape that its type has
	// (https://docs.slack.dev/reference/events).
	Inner json.RawMessage
}

// A Receiver carries out requests.
type Receiver interface {
	// Start runs work in the background, with the values of ctx and not its end. It returns false
	// while the bot starts or stops, and then does not run it.
	Start(ctx context.Context, work func(context.Context)) bool
	// Handle carries out one request.
	Handle(ctx context.Context, r Request)
}

func commandRequest(c slack.SlashCommand) Request { return Request{TeamID: c.TeamID, Command: &c} }

func interactionRequest(payload []byte) (Request, error) {
	i, err := parseInteraction(payload)
	return Request{TeamID: InteractionTeam(&i), Interaction: &i}, err
}

func eventRequest(payload []byte) (Request, error) {
	e, err := parseEvent(payload)
	return Request{TeamID: e.TeamID, Event: &e}, err
}

// parseInteraction reads an interaction. Slack sometimes sends a state without values as a list,
// where slack-go only knows the object (github.com/slack-go/slack/issues/943).
func parseInteraction(payload []byte) (slack.InteractionCallback, error) {
	var i slack.InteractionCallback
	err := json.Unmarshal(payload, &i)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
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
	repaired, err := json.Marshal(raw)
	if err != nil {
		return i, err
	}
	i = slack.InteractionCallback{}
	return i, json.Unmarshal(repaired, &i)
}

// dropEmptyState removes a state whose values are a list.
func dropEmptyState(of map[string]any) {
	state, _ := of["state"].(map[string]any)
	if _, list := state["values"].([]any); list {
		delete(of, "state")
	}
}

// parseEvent reads an event. Of the event itself only the type is read: slackevents refuses a whole
// event for one block that it does not know.
func parseEvent(payload []byte) (Event, error) {
	var outer struct {
		TeamID string          `json:"team_id"`
		Event  json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(payload, &outer); err != nil {
		return Event{}, err
	}
	var inner struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(outer.Event, &inner); err != nil {
		return Event{}, err
	}
	return Event{TeamID: outer.TeamID, Type: inner.Type, Inner: outer.Event}, nil
}

// parseError names an error without what it quotes.
func parseError(err error) string {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "not JSON"
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "unexpected JSON in " + kind.Field
	}
	return "unexpected form"
}
