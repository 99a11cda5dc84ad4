package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// said is one feedback as the command line tells it: nil is "not mentioned".
type said struct {
	ID      string  `placeholder:"ID" json:"id" help:"Your own name of what was rated. Default: a new one."`
	Kind    string  `default:"smiley" json:"kind" help:"smiley, nps, csat, ces, nls or review."`
	Channel string  `default:"ticket" json:"channel" help:"ticket, chat, panel, email, phone, social or review."`
	Smiley  *string `placeholder:"COLOUR" json:"smiley,omitempty" help:"green, yellow or red."`
	Score   *int    `placeholder:"N" json:"score,omitempty" help:"The score, for the other kinds."`
	Comment *string `placeholder:"TEXT" json:"comment,omitempty" help:"What the customer says."`

	Customer person `embed:"" prefix:"customer-" json:"customer,omitzero"`
	Agent    person `embed:"" prefix:"agent-" json:"agent,omitzero"`
	Ticket   ticket `embed:"" prefix:"ticket-" json:"ticket,omitzero"`
	Urgent   *bool  `negatable:"" json:"-" help:"The ticket is flagged urgent."`

	Site       *string `placeholder:"SITE" json:"site,omitempty" help:"The review site."`
	FollowUpOf *string `placeholder:"ID" json:"follow_up_of,omitempty" help:"The id of the feedback whose follow-up this judges."`
	OccurredAt *string `placeholder:"TIME" json:"occurred_at,omitempty" help:"When, as in 2026-11-20T10:31:00Z. Default: now."`
}

type person struct {
	ID    *string `placeholder:"ID" json:"id,omitempty"`
	Name  *string `placeholder:"NAME" json:"name,omitempty"`
	Email *string `placeholder:"ADDRESS" json:"email,omitempty"`
}

type ticket struct {
	ID      *string `placeholder:"ID" json:"id,omitempty"`
	Subject *string `placeholder:"TEXT" json:"subject,omitempty"`
	URL     *string `placeholder:"URL" json:"url,omitempty"`
	Urgent  *bool   `kong:"-" json:"urgent,omitempty"`
}

// body is the webhook's JSON.
func (s said) body() ([]byte, error) {
	if s.ID == "" {
		s.ID = "test-" + uuid.NewString()
	}
	s.Ticket.Urgent = s.Urgent
	return json.Marshal(s)
}

// proof puts what proves the sender into the headers of a delivery.
type proof func(h http.Header, delivery string, at time.Time, body []byte) error

// bearer proves with a token.
func bearer(token string) proof {
	return func(h http.Header, delivery string, _ time.Time, _ []byte) error {
		h.Set(standardwebhooks.HeaderWebhookID, delivery)
		h.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// newSigner proves with a signature as Standard Webhooks describes it
// (https://www.standardwebhooks.com).
func newSigner(secret string) (proof, error) {
	key, err := standardwebhooks.NewWebhook(secret)
	if err != nil || !strings.HasPrefix(secret, "whsec_") || secret == "whsec_" {
		return nil, misusef("the secret must be whsec_ and base64, as in SMILEYBOT_WEBHOOK_SECRETS")
	}
	return func(h http.Header, delivery string, at time.Time, body []byte) error {
		signature, err := key.Sign(delivery, at, body)
		if err != nil {
			return fmt.Errorf("signing: %w", err)
		}
		h.Set(standardwebhooks.HeaderWebhookID, delivery)
		h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
		h.Set(standardwebhooks.HeaderWebhookSignature, signature)
		return nil
	}, nil
}

// newDelivery is a proven webhook, ready to be posted. An empty delivery id
// becomes a new one.
func newDelivery(ctx context.Context, address, delivery string, prove proof, body []byte) (*http.Request, error) {
	request, err := newPost(ctx, address, body)
	if err != nil {
		return nil, err
	}
	if delivery == "" {
		delivery = "msg_" + uuid.NewString()
	}
	return request, prove(request.Header, delivery, time.Now(), body)
}

// newPost is a webhook without a proof.
func newPost(ctx context.Context, address string, body []byte) (*http.Request, error) {
	target, err := url.Parse(address)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Hostname() == "" {
		return nil, misusef("--url must be an http or https address, as in http://127.0.0.1:8080/webhooks/feedback")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, misusef("--url cannot be posted to; give one as in http://127.0.0.1:8080/webhooks/feedback")
	}
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}
