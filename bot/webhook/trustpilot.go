package webhook

import (
	"net/url"
	"strings"

	"smileybot/feedback"
)

// trustpilot takes reviews that are written, changed or deleted
// (https://support.trustpilot.com/hc/en-us/community/posts/10109980750738):
//
//   - it signs nothing and sends no headers of its own, so the secret is the last part of
//     the address;
//   - a review is the feedback, known by its id. createdAt is when it was written; what
//     came later tells no moment, so it is that of its arrival; the same body is a repeat, which
//     is not taken for a later change;
//   - a deleted review is an answer taken back.
func trustpilot(secrets []string, _ Questions) (sender, error) {
	return sender{
		secretPath: true,
		verify:     verified(inPath(secrets), idOfBody),
		unproved:   "Check that the address ends in the secret.",
		decode:     decodeTrustpilot,
		partial:    true, // a deleted review that was never known
	}, nil
}

func decodeTrustpilot(p parcel) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	var said []*translation
	for _, event := range tree.at("events").items() {
		if t := trustpilotReview(event); t != nil {
			said = append(said, t)
		}
	}
	return eventsOf(p, said...)
}

// trustpilotReview reads one event, nil for what tells of no review.
func trustpilotReview(event node) *translation {
	t := translate(feedback.KindReview, feedback.ChannelReview)
	review := event.at("eventData")
	t.began(review.at("createdAt"))
	switch event.at("eventName").text() {
	case "service-review-created":
		t.occurred(review.at("createdAt"))
	case "service-review-updated":
		t.occurred(review.at("updatedAt"))
	case "service-review-deleted":
		t.occurred(review.at("deletedAt"))
		t.takenBack = true
	default:
		return nil
	}
	t.constant("site", "trustpilot")
	t.text("id", review.at("id"))
	t.number("score", review.at("stars"))
	if review.at("text").said() {
		t.comment(review.at("text"))
	}
	t.texts(map[string]node{
		"ticket.subject": review.at("title"),
		"ticket.url":     publicPage(review),
		"ticket.id":      review.at("referenceId"),
		"customer.id":    review.at("consumer", "id"),
		"customer.name":  review.at("consumer", "name"),
	})
	return t
}

// publicPage is where people read a review. The link that is sent leads to Trustpilot's
// API, which asks for a key.
func publicPage(review node) node {
	link := review.at("link")
	if strings.HasPrefix(link.text(), "https://api.trustpilot.com/") {
		link.value = "https://www.trustpilot.com/reviews/" + url.PathEscape(review.at("id").text())
	}
	return link
}
