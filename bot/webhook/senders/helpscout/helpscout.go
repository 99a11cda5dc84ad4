// Package helpscout is the sender Help Scout. It reads ratings (satisfaction.ratings) and NPS answers
// of Beacon surveys (message.survey.response.received), see
// https://developer.helpscout.com/webhooks/objects/rating and
// https://developer.helpscout.com/webhooks/objects/survey-response:
//
//   - signed with HMAC-SHA1 in base64 over the body, without a moment or an id of the
//     delivery: the same body is a repeat;
//   - a rating has an id, and modifiedAt is its version;
//   - an NPS answer has no id: a customer's answers to the same survey on the same day (UTC) are one
//     answer, changed. Its category is not used, since Help Scout's own example calls a 9 passive.
//     But only NPS has a category. Answers to other surveys, whose choices may be numbers, have
//     none and are ignored.
package helpscout

import (
	"crypto/sha1" //nolint:gosec // what Help Scout signs with; as an HMAC it is not broken
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

const (
	eventHeader = "X-HelpScout-Event"
	ratingEvent = "satisfaction.ratings"
	surveyEvent = "message.survey.response.received"
)

//go:embed *.json
var files embed.FS

// Sender describes Help Scout. The printed customer of the survey sample was seen cut off, so its
// e-mail address is not in it.
func Sender() sender.Sender {
	return sender.Sender{
		Name: "helpscout",
		Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
			Header: "X-HelpScout-Signature", Hash: sha1.New, Encoding: sender.Base64,
		}},
		DeliveryID: sender.DeliveryID{WholeBody: true},
		Translate:  translate,
		Files:      files,
		Example: sender.Example{
			File: "rating.json", Header: map[string]string{eventHeader: ratingEvent},
			IDs: []string{"id"}, Rating: "rating", Comment: "comments", Times: []string{"createdAt", "modifiedAt"},
		},
	}
}

func translate(d sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	switch d.Header.Get(eventHeader) {
	case ratingEvent:
		return []*sender.FieldMap{ratingOf(body)}
	case surveyEvent:
		if !body.At("response", "category").IsSet() {
			return nil
		}
		return []*sender.FieldMap{npsOf(body, d.Body)}
	default:
		return nil
	}
}

func ratingOf(tree sender.Tree) *sender.FieldMap {
	m := sender.MapFields(feedback.KindSmiley, feedback.ChannelTicket)
	m.Rated = true
	m.Text("id", tree.At("id"))
	m.Smiley(tree.At("rating"), map[string]feedback.Smiley{
		"great": feedback.Green, "okay": feedback.Yellow, "bad": feedback.Red,
	}, "must be one of Great, Okay, Bad")
	m.Comment(tree.At("comments"))
	setCustomer(m, tree.At("customer"))
	m.Text("customer.email", firstOf(tree.At("customer", "emails")).At("value"))
	m.Text("ticket.id", tree.At("ticketId"))
	m.Began(tree.At("createdAt"))
	m.OccurredAt(tree.At("createdAt"))
	m.OccurredAt(tree.At("modifiedAt"))
	return m
}

func npsOf(tree sender.Tree, body []byte) *sender.FieldMap {
	m := sender.MapFields(feedback.KindNPS, feedback.ChannelPanel)
	m.Rated = true
	answer, customer := tree.At("response"), tree.At("_embedded", "customer")
	m.Number("score", answer.At("value"))
	m.AddedComment(answer.At("comment"))
	m.OccurredAt(answer.At("timestamp"))
	setCustomer(m, customer)
	m.Text("customer.email", firstOf(customer.At("_embedded", "emails")).At("value"))
	m.Constant("id", idOfNPS(tree, body))
	return m
}

// idOfNPS makes an id for an NPS answer. An answer without a customer or a day is identified by its
// whole body.
func idOfNPS(tree sender.Tree, body []byte) string {
	customer := tree.At("_embedded", "customer", "id").Text()
	day, err := feedback.ParseMoment(tree.At("response", "timestamp").Text())
	known := body
	if customer != "" && err == nil {
		known = []byte(customer + "\n" + day.Format(time.DateOnly) + "\n" + tree.At("message", "name").Text())
	}
	sum := sha256.Sum256(known)
	return "survey-" + hex.EncodeToString(sum[:16])
}

// setCustomer takes the id and the name of a customer; an e-mail address has another place in each
// event.
func setCustomer(m *sender.FieldMap, n sender.Tree) {
	m.Text("customer.id", n.At("id"))
	name := n.At("firstName")
	name.Value = strings.TrimSpace(name.Text() + " " + n.At("lastName").Text())
	m.Text("customer.name", name)
}

// firstOf is the first item of a list, nothing of an empty one.
func firstOf(n sender.Tree) sender.Tree {
	for _, item := range n.Items() {
		return item
	}
	return sender.Tree{Path: n.Path + "[0]"}
}
