// Package intercom is the sender Intercom. It reads conversation.rating.added, and
// conversation.rating.remarked should it come
// (https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models). The envelope and
// the rating are documented apart; a whole event was never seen.
//
//   - signed with HMAC-SHA1 in hexadecimal over the body, by the app's client secret;
//   - the notification's id marks a repeat;
//   - a conversation has one rating, so its id is that of the feedback; its version is the
//     rating's updated_at, else the notification's. The rating's created_at is when the customer
//     was asked, and is not used;
//   - a remark can only be added, never taken back.
package intercom

import (
	"crypto/sha1" //nolint:gosec // what Intercom signs with; as an HMAC it is not broken
	"embed"
	"slices"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

//go:embed *.json
var files embed.FS

// Sender describes Intercom. The sample of another topic is a captured notification of an old API
// version, seen in a public test.
func Sender() sender.Sender {
	return sender.Sender{
		Name: "intercom",
		Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
			Header: "X-Hub-Signature", Prefix: "sha1=", Hash: sha1.New, Encoding: sender.Hex,
		}},
		DeliveryID: sender.DeliveryID{Field: "id"},
		Translate:  translate,
		Files:      files,
		Example: sender.Example{
			File: "rating.json", IDs: []string{"data.item.id"}, Rating: "data.item.conversation_rating.rating",
			Comment: "data.item.conversation_rating.remark", Times: []string{"first_sent_at", "created_at"},
		},
	}
}

func translate(_ sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	item := body.At("data", "item")
	rating := item.At("conversation_rating")
	topics := []string{"conversation.rating.added", "conversation.rating.remarked"}
	if !slices.Contains(topics, body.At("topic").Text()) || !rating.At("rating").IsSet() {
		return nil // an unrated conversation has an empty rating
	}
	m := sender.MapFields(feedback.KindCSAT, feedback.ChannelChat)
	m.Text("id", item.At("id"))
	m.Number("score", rating.At("rating"))
	m.AddedComment(rating.At("remark"))
	contact := item.At("user")
	m.Texts(map[string]sender.Tree{
		"customer.name":  contact.At("name"),
		"customer.email": contact.At("email"),
		"ticket.id":      item.At("id"),
		"ticket.subject": item.At("title"),
		"ticket.url":     item.At("links", "conversation_web"),
	})
	m.Text("customer.id", rating.At("contact", "id"))
	m.Text("customer.id", rating.At("contact", "external_id"))
	m.Text("agent.id", rating.At("teammate", "id"))
	teammate(m, item, rating.At("teammate", "id").Text())
	for _, at := range []sender.Tree{body.At("first_sent_at"), body.At("created_at"), rating.At("updated_at")} {
		m.OccurredAt(at)
	}
	return []*sender.FieldMap{m}
}

// teammate names the rated teammate if the conversation has the name.
func teammate(m *sender.FieldMap, item sender.Tree, id string) {
	for _, admin := range []sender.Tree{item.At("assignee"), item.At("source", "author")} {
		if id != "" && admin.At("id").Text() == id {
			m.Text("agent.name", admin.At("name"))
			m.Text("agent.email", admin.At("email"))
			return
		}
	}
}
