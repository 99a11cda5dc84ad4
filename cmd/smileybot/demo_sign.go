package main

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"smileybot/bot/webhook/senders/feedback"
)

// proof adds what proves the sender to a delivery of the demo.
type proof func(r *http.Request, delivery string, at time.Time, body []byte) error

func newSigner(secret string) (proof, error) {
	return func(r *http.Request, delivery string, at time.Time, body []byte) error {
		return feedback.Sender().Sign(r, secret, delivery, at, body)
	}, nil
}

// newDelivery is a signed webhook. An empty delivery id becomes a new one.
func newDelivery(ctx context.Context, address, delivery string, prove proof, body []byte) (*http.Request, error) {
	request, err := newPost(ctx, address, body)
	if err != nil {
		return nil, err
	}
	if delivery == "" {
		delivery = "msg_" + uuid.NewString()
	}
	return request, prove(request, delivery, time.Now(), body)
}

type said = payload
