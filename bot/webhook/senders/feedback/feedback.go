// Package feedback is the sender of the own format, at /webhooks/feedback: any system that signs
// as Standard Webhooks describes, or that sends a bearer token.
package feedback

import (
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot/webhook/sender"
)

// Sender describes the own format, which sender/fields.go reads.
func Sender() sender.Sender {
	return sender.Sender{
		Name:       "feedback",
		Proof:      sender.Proof{Kind: sender.StandardWebhooks},
		ProofHint:  "Sign the request as Standard Webhooks describes, not more than 5 minutes ago, or send a bearer token.",
		DeliveryID: sender.DeliveryID{Header: standardwebhooks.HeaderWebhookID},
		OwnFormat:  true,
	}
}
