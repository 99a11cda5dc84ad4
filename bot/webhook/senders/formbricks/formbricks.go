// Package formbricks is the sender Formbricks. It reads responseCreated, responseUpdated and
// responseFinished (https://formbricks.com/docs, Webhooks). A setting says which question is a
// rating, see [sender.ParseQuestions].
//
//   - signed as Standard Webhooks describes, whose webhook-id marks a repeat;
//   - a response is the feedback, one for each kind of rating in it; updatedAt is its version;
//   - events without a rating yet are ignored; a finished response without one is ignored with a warning.
package formbricks

import (
	"embed"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"smileybot/bot/webhook/sender"
)

//go:embed *.json
var files embed.FS

// Sender describes Formbricks. Its samples are as in docs/platform/features/integrations/webhooks.mdx
// of https://github.com/formbricks/formbricks.
func Sender() sender.Sender {
	return sender.Sender{
		Name:             "formbricks",
		QuestionsMeaning: "which question of your surveys is what: recommend=nps,why=comment; see docs/senders/formbricks.md",
		Proof:            sender.Proof{Kind: sender.StandardWebhooks},
		DeliveryID:       sender.DeliveryID{Header: standardwebhooks.HeaderWebhookID},
		RatingLater:      true,
		Translate:        translate,
		Files:            files,
		Example: sender.Example{
			File: "finished.json", IDs: []string{"data.id"}, Rating: "data.data.recommend", Comment: "data.data.why",
			Times: []string{"data.createdAt", "data.updatedAt"},
		},
	}
}

func translate(_ sender.Delivery, body sender.Tree, q sender.Questions) []*sender.FieldMap {
	response := body.At("data")
	answer := func(question string) sender.Tree { return response.At("data", question) }
	var maps []*sender.FieldMap
	switch body.At("event").Text() {
	case "responseCreated", "responseUpdated":
		maps = q.Read(answer)
	case "responseFinished":
		maps = q.ReadFinished("data.data", answer)
	}
	for _, m := range maps {
		m.Text("id", response.At("id"))
		attributes := response.At("contactAttributes")
		m.Text("customer.id", response.At("contact", "id"))
		m.Text("customer.id", attributes.At("userId"))
		m.Text("customer.email", attributes.At("email"))
		m.Began(response.At("createdAt"))
		m.OccurredAt(response.At("createdAt"))
		m.OccurredAt(response.At("updatedAt"))
	}
	return maps
}
