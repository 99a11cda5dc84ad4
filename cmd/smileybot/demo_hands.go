package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback/followup"
)

// patience is how long the demo waits for the bot to do what it was asked.
const patience = 30 * time.Second

// errNotInSlack is returned when Slack does not show what the bot was asked for.
var errNotInSlack = errors.New("in Slack")

// deliver posts a webhook as a sender does and gives the feedback's id.
func (s *stage) deliver(ctx context.Context, delivery string, event said) (feedbackID string, err error) {
	body, err := event.body()
	if err != nil {
		return "", err
	}
	request, err := newDelivery(ctx, s.address+"/webhooks/feedback", delivery, s.prove, body)
	if err != nil {
		return "", err
	}
	text, err := s.post(request)
	if err != nil {
		return "", err
	}
	var answer struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", fmt.Errorf("the webhook's answer: %w", err)
	}
	return answer.ID, nil
}

// post sends a request to the bot, which must take it.
func (s *stage) post(request *http.Request) ([]byte, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("the bot answered %s to %s", response.Status, request.URL.Path)
	}
	return body, err
}

// press presses a button of a follow-up, as Slack tells the bot.
func (s *stage) press(ctx context.Context, user, ts string, action followup.Action) error {
	request, err := s.slack.ClickRequest(ctx, s.bot+"/slack/interactions", fakeslack.Click{
		User: user, Channel: demoChannel, MessageTS: ts, ActionID: message.ActionID(action),
	})
	if err != nil {
		return err
	}
	_, err = s.post(request)
	return err
}

// finish ends a follow-up: the button, then the modal it opens.
func (s *stage) finish(ctx context.Context, user, ts string, outcome followup.Outcome, note string) error {
	s.slack.CloseViews(user) // one that came late
	if err := s.press(ctx, user, ts, followup.ActionFinish); err != nil {
		return err
	}
	if err := s.await(ctx, "the modal", func(slack *fakeslack.Server) bool { return len(slack.Views(user)) > 0 }); err != nil {
		return err
	}
	modal := s.slack.Views(user)[0].ID
	request, err := s.slack.SubmitRequest(ctx, s.bot+"/slack/interactions", fakeslack.Submission{
		ViewID: modal, Values: map[string]string{message.InputOutcome: string(outcome), message.InputNote: note},
	})
	if err != nil {
		return err
	}
	answer, err := s.post(request)
	if err != nil {
		return err
	}
	return s.slack.Answered(modal, answer)
}

// ask types a slash command and gives the answer as text.
func (s *stage) ask(ctx context.Context, user, command, text string) (string, error) {
	before := len(s.slack.Ephemerals(user))
	request, err := s.slack.SlashRequest(ctx, s.bot+"/slack/commands", fakeslack.Slash{
		User: user, Channel: demoChannel, Command: command, Text: text,
	})
	if err != nil {
		return "", err
	}
	if _, err := s.post(request); err != nil {
		return "", err
	}
	err = s.await(ctx, "the answer to "+command, func(slack *fakeslack.Server) bool { return len(slack.Ephemerals(user)) > before })
	if err != nil {
		return "", err
	}
	return s.slack.RenderMessage(s.slack.Ephemerals(user)[before]), nil
}

// shown is the message of a feedback as it stands in Slack.
func (s *stage) shown(feedbackID string) (fakeslack.Message, bool) {
	for _, m := range s.slack.Messages(demoChannel) {
		if m.Metadata != nil && m.Metadata.EventPayload[message.PayloadFeedbackID] == feedbackID {
			return m, true
		}
	}
	return fakeslack.Message{}, false
}

// await waits until something stands in Slack.
func (s *stage) await(ctx context.Context, what string, condition func(*fakeslack.Server) bool) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.slack.Wait(waiting, condition)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%s did not appear %w within %s", what, errNotInSlack, patience)
	}
	return err
}
