package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot/message"
	"smileybot/fakeslack"
	"smileybot/feedback/followup"
)

const (
	// patience is how long the demo waits for the bot to do what it was asked for.
	patience = 30 * time.Second
	// requestTimeout bounds one request to the bot, which answers within milliseconds.
	requestTimeout = 15 * time.Second
	// maxResponse is more than any response of the bot, in bytes.
	maxResponse = 1 << 20
)

// errNotInSlack is returned when Slack does not show what the bot was asked for.
var errNotInSlack = errors.New("in Slack")

// A payload is the body of a webhook in smileybot's own format. A nil field is not sent.
type payload struct {
	ID         string  `json:"id"`
	Kind       string  `json:"kind"`
	Channel    string  `json:"channel"`
	Smiley     *string `json:"smiley,omitempty"`
	Score      *int    `json:"score,omitempty"`
	Comment    *string `json:"comment,omitempty"`
	Customer   person  `json:"customer,omitzero"`
	Agent      person  `json:"agent,omitzero"`
	Ticket     ticket  `json:"ticket,omitzero"`
	Site       *string `json:"site,omitempty"`
	OccurredAt *string `json:"occurred_at,omitempty"`
}

type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

type ticket struct {
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	URL     string `json:"url,omitempty"`
	Urgent  bool   `json:"urgent,omitempty"`
}

// deliver posts a signed webhook and returns the id of the feedback. An empty delivery id becomes
// a new one.
func (s *stage) deliver(ctx context.Context, delivery string, event payload) (feedbackID string, err error) {
	if delivery == "" {
		delivery = "msg_" + uuid.NewString()
	}
	body, err := json.Marshal(event)
	if err != nil {
		return "", err
	}
	text, err := s.send(func() (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.bot+"/webhooks/feedback", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		return request, s.sign(request.Header, delivery, body)
	})
	if err != nil {
		return "", err
	}
	var response struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &response); err != nil {
		return "", fmt.Errorf("the response to the webhook: %w", err)
	}
	return response.ID, nil
}

// sign signs a delivery by the demo's clock.
func (s *stage) sign(h http.Header, delivery string, body []byte) error {
	now := s.clock.Now()
	signature, err := s.signer.Sign(delivery, now, body)
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	h.Set(standardwebhooks.HeaderWebhookID, delivery)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}

// send posts a signed request while the clock does not move.
func (s *stage) send(signed func() (*http.Request, error)) ([]byte, error) {
	s.moving.RLock()
	defer s.moving.RUnlock()
	request, err := signed()
	if err != nil {
		return nil, err
	}
	return s.post(request)
}

// post sends a request to the bot and returns the body of the response, which must be 2xx.
func (s *stage) post(request *http.Request) ([]byte, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("the bot answered %s to %s", response.Status, request.URL.Path)
	}
	return body, err
}

// press presses a button of a follow-up.
func (s *stage) press(ctx context.Context, user, ts string, action followup.Action) error {
	_, err := s.send(func() (*http.Request, error) {
		return s.slack.ClickRequest(ctx, s.bot+"/slack/interactions", fakeslack.Click{
			User: user, Channel: supportChannel, MessageTS: ts, ActionID: message.ActionID(action),
		})
	})
	return err
}

// finish finishes a follow-up: it presses the button and submits the modal.
func (s *stage) finish(ctx context.Context, user, ts string, outcome followup.Outcome, note string) error {
	s.slack.CloseViews(user) // a late one of an earlier attempt
	if err := s.press(ctx, user, ts, followup.ActionFinish); err != nil {
		return err
	}
	if err := s.await(ctx, "the modal", func(slack *fakeslack.Server) bool { return len(slack.Views(user)) > 0 }); err != nil {
		return err
	}
	modal := s.slack.Views(user)[0].ID
	response, err := s.send(func() (*http.Request, error) {
		return s.slack.SubmitRequest(ctx, s.bot+"/slack/interactions", fakeslack.Submission{
			ViewID: modal, Values: map[string]string{message.InputOutcome: string(outcome), message.InputNote: note},
		})
	})
	if err != nil {
		return err
	}
	return s.slack.Answered(modal, response)
}

// ask types a slash command and returns the answer as text.
func (s *stage) ask(ctx context.Context, user, command, text string) (string, error) {
	before := len(s.slack.Ephemerals(user))
	_, err := s.send(func() (*http.Request, error) {
		return s.slack.SlashRequest(ctx, s.bot+"/slack/commands", fakeslack.Slash{
			User: user, Channel: supportChannel, Command: command, Text: text,
		})
	})
	if err != nil {
		return "", err
	}
	err = s.await(ctx, "the answer to "+command, func(slack *fakeslack.Server) bool { return len(slack.Ephemerals(user)) > before })
	if err != nil {
		return "", err
	}
	return s.slack.RenderMessage(s.slack.Ephemerals(user)[before]), nil
}

// messageOf returns the message of a feedback as Slack shows it.
func (s *stage) messageOf(feedbackID string) (m fakeslack.Message, found bool) {
	for _, m := range s.slack.Messages(supportChannel) {
		if m.Metadata != nil && m.Metadata.EventPayload[message.PayloadFeedbackID] == feedbackID {
			return m, true
		}
	}
	return fakeslack.Message{}, false
}

// await waits until Slack meets a condition. The error wraps errNotInSlack when patience runs out.
func (s *stage) await(ctx context.Context, what string, condition func(*fakeslack.Server) bool) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.slack.Wait(waiting, condition)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%s did not appear %w within %s", what, errNotInSlack, patience)
	}
	return err
}
