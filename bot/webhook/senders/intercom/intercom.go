// Package intercom is the sender Intercom. It reads conversation.rating.added and ticket.rating.provided,
// and conversation.rating.remarked should it come
// (https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models). The envelope and
// the rating are documented apart; a whole event was never seen.
//
//   - signed with HMAC-SHA1 in hexadecimal over the body, by the app's client secret;
//   - the notification's id marks a repeat;
//   - a conversation has one rating, so its id is that of the feedback; its version is the
//     rating's updated_at, else the notification's. The rating's created_at is when the customer
//     was asked, and is not used;
//   - a remark can only be added, never taken back;
//   - the rating of a bot is left out: it is not the team's.
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

// The topics that are read. conversation.rating.remarked is not in Intercom's documents; others name it.
const (
	ratingAdded    = "conversation.rating.added"
	ratingRemarked = "conversation.rating.remarked"
	ticketRated    = "ticket.rating.provided"
)

func translate(_ sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	item := body.At("data", "item")
	channel := feedback.ChannelChat
	switch body.At("topic").Text() {
	case ratingAdded, ratingRemarked:
		if !item.At("conversation_rating", "rating").IsSet() {
			return nil // an unrated conversation has an empty rating
		}
	case ticketRated:
		channel = feedback.ChannelTicket
		if nested := item.At("ticket"); nested.IsSet() { // as ticket.closed has it
			item = nested
		}
	default:
		return nil
	}
	rating := ratingOf(item)
	m := sender.MapFields(feedback.KindCSAT, channel)
	m.Rated = true
	m.Text("id", item.At("id"))
	m.Number("score", rating.At("rating"))
	m.AddedComment(rating.At("remark"))
	m.Texts(map[string]sender.Tree{
		"ticket.id":      item.At("id"),
		"ticket.subject": item.At("title"),
		"ticket.url":     item.At("links", "conversation_web"),
	})
	m.Text("ticket.id", item.At("ticket_id")) // what people see of a ticket
	setCustomer(m, item, rating)
	m.OfBot = setTeammate(m, item, rating)
	for _, at := range []sender.Tree{body.At("first_sent_at"), body.At("created_at"), rating.At("updated_at")} {
		m.OccurredAt(at)
	}
	return []*sender.FieldMap{m}
}

// ratingOf is the rating of a conversation or a ticket. Where a ticket has it is not documented.
func ratingOf(item sender.Tree) sender.Tree {
	for _, name := range []string{"conversation_rating", "ticket_rating", "rating"} {
		if rating := item.At(name); rating.At("rating").IsSet() {
			return rating
		}
	}
	return item.At("conversation_rating")
}

// setCustomer takes the contact who rated, and its name and address from wherever the item has them.
func setCustomer(m *sender.FieldMap, item, rating sender.Tree) {
	contact := rating.At("contact")
	if !contact.At("id").IsSet() {
		contact = rating.At("customer") // until version 1.3
	}
	m.Text("customer.id", contact.At("id"))
	m.Text("customer.id", contact.At("external_id"))
	for _, person := range people(item) {
		known := person.At("id").Text() != "" && person.At("id").Text() == contact.At("id").Text()
		if known || contact.At("id").Text() == "" && isContact(person) {
			m.Text("customer.name", person.At("name"))
			m.Text("customer.email", person.At("email"))
		}
	}
	m.Text("customer.name", item.At("user", "name"))
	m.Text("customer.email", item.At("user", "email"))
}

// setTeammate takes the teammate who was rated, else the assignee, and reports whether that is a bot.
func setTeammate(m *sender.FieldMap, item, rating sender.Tree) (bot bool) {
	teammate := rating.At("teammate")
	id := teammate.At("id")
	if none(id) && !isBot(teammate) {
		id = item.At("admin_assignee_id")
	}
	if none(id) {
		return isBot(teammate)
	}
	m.Text("agent.id", id)
	for _, person := range people(item) {
		if person.At("id").Text() == id.Text() && !isContact(person) {
			m.Text("agent.name", person.At("name"))
			m.Text("agent.email", person.At("email"))
			bot = bot || isBot(person)
		}
	}
	return bot || isBot(teammate)
}

// none reports whether an id names no one: a conversation without an assignee has 0.
func none(id sender.Tree) bool { return id.Text() == "" || id.Text() == "0" }

// people are all in a conversation whose names may be known, the most telling last.
func people(item sender.Tree) []sender.Tree {
	all := []sender.Tree{item.At("source", "author")}
	for _, parts := range []sender.Tree{item.At("conversation_parts", "conversation_parts"), item.At("ticket_parts", "ticket_parts")} {
		for _, part := range parts.Items() {
			all = append(all, part.At("author"))
		}
	}
	all = append(all, item.At("contacts", "contacts").Items()...)
	return append(all, item.At("assignee"), item.At("user"))
}

func isContact(person sender.Tree) bool {
	return slices.Contains([]string{"user", "lead", "contact"}, person.At("type").Text())
}

func isBot(person sender.Tree) bool { return person.At("type").Text() == "bot" }
