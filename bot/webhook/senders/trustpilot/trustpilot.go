// Package trustpilot is the sender Trustpilot. It reads reviews that are written, changed or deleted
// (https://support.trustpilot.com/hc/en-us/community/posts/10109980750738):
//
//   - Trustpilot signs nothing and sends no headers of its own, so the secret is the last part of
//     the address;
//   - a review is the feedback, known by its id. createdAt is when it was written. A later change
//     has no moment, so it counts from its arrival; the same body is a repeat, not a later change;
//   - a deleted review is an answer taken back.
package trustpilot

import (
	"embed"
	"net/url"
	"strings"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

//go:embed *.json
var files embed.FS

// Sender describes Trustpilot. The events of a change and of a deletion are named on the page, and
// their bodies are not printed; the samples take them to be as that of a new review.
func Sender() sender.Sender {
	const review = "events.0.eventData."
	return sender.Sender{
		Name:        "trustpilot",
		Proof:       sender.Proof{Kind: sender.PathSecret},
		ProofHint:   "Check that the address ends in the secret.",
		DeliveryID:  sender.DeliveryID{WholeBody: true},
		RatingLater: true, // a deleted review may be unknown
		Translate:   translate,
		Files:       files,
		Example: sender.Example{
			File: "created.json", IDs: []string{review + "id"}, Rating: review + "stars", Comment: review + "text",
			Times: []string{review + "createdAt"},
		},
	}
}

func translate(_ sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	var maps []*sender.FieldMap
	for _, event := range body.At("events").Items() {
		if m := reviewOf(event); m != nil {
			maps = append(maps, m)
		}
	}
	return maps
}

// reviewOf reads one event. It is nil for an event without a review.
func reviewOf(event sender.Tree) *sender.FieldMap {
	m := sender.MapFields(feedback.KindReview, feedback.ChannelReview)
	review := event.At("eventData")
	m.Began(review.At("createdAt"))
	switch event.At("eventName").Text() {
	case "service-review-created":
		m.OccurredAt(review.At("createdAt"))
	case "service-review-updated":
		m.OccurredAt(review.At("updatedAt"))
	case "service-review-deleted":
		m.OccurredAt(review.At("deletedAt"))
		m.TakenBack = true
	default:
		return nil
	}
	m.Constant("site", "trustpilot")
	m.Text("id", review.At("id"))
	m.Number("score", review.At("stars"))
	if review.At("text").IsSet() {
		m.Comment(review.At("text"))
	}
	m.Texts(map[string]sender.Tree{
		"ticket.subject": review.At("title"),
		"ticket.url":     publicPage(review),
		"ticket.id":      review.At("referenceId"),
		"customer.id":    review.At("consumer", "id"),
		"customer.name":  review.At("consumer", "name"),
	})
	return m
}

// publicPage is where people read a review. The link in the event leads to Trustpilot's API, which
// needs a key.
func publicPage(review sender.Tree) sender.Tree {
	link := review.At("link")
	if strings.HasPrefix(link.Text(), "https://api.trustpilot.com/") {
		link.Value = "https://www.trustpilot.com/reviews/" + url.PathEscape(review.At("id").Text())
	}
	return link
}
