package webhook

import (
	"crypto/sha256"
	"strings"
	"time"

	"smileybot/feedback"
)

// zendesk takes what a trigger sends that an admin makes of our template (see
// docs/senders/zendesk.md), as form fields or as JSON. Zendesk has no event of its own
// for a rating.
//
//   - signed with HMAC-SHA256 in base64 over the timestamp and the body
//     (https://developer.zendesk.com/documentation/webhooks/verifying/), the secret taken
//     as text;
//   - the invocation id marks a repeat;
//   - a ticket has one rating, so its id is that of the feedback, and updated_at the
//     version, to the minute; without it the moment of signing. An empty comment takes
//     none back, because within that minute the event without it may come last.
func zendesk(secrets []string, _ Questions) (sender, error) {
	s := scheme{
		header: "X-Zendesk-Webhook-Signature", hash: sha256.New, decode: fromBase64,
		signed:    []part{{header: zendeskTimestamp}, wholeBody()},
		timestamp: zendeskTimestamp, moment: inWords,
	}
	return sender{
		forms:    true,
		verify:   verified(s.proves(secrets), idInHeader("X-Zendesk-Webhook-Invocation-Id")),
		unproved: checkSigning,
		decode:   decodeZendesk,
	}, nil
}

const zendeskTimestamp = "X-Zendesk-Webhook-Signature-Timestamp"

// zendeskRatings are the words of satisfaction.current_rating, in the languages that were
// seen; other words are told as wrong.
func zendeskRatings() map[string]feedback.Smiley {
	return map[string]feedback.Smiley{
		"good": feedback.Green, "good, i'm satisfied": feedback.Green, "good with comment": feedback.Green,
		"bad": feedback.Red, "bad, i'm unsatisfied": feedback.Red, "bad with comment": feedback.Red,
		"goed": feedback.Green, "slecht": feedback.Red,
		"gut": feedback.Green, "schlecht": feedback.Red,
	}
}

func decodeZendesk(p parcel) (decoded, *rejection) {
	tree, rejected := parseEither(p)
	if rejected != nil {
		return decoded{}, rejected
	}
	switch rating := tree.at("rating").text(); rating {
	case "", "Offered", "Unoffered", "offered", "unoffered":
		return decoded{}, nil // the customer was asked, or was not
	}
	t := translate(feedback.KindSmiley, feedback.ChannelTicket)
	t.smiley(tree.at("rating"), zendeskRatings(),
		"must be Good or Bad; where Zendesk words it otherwise, send one of them as a fixed word from a trigger of its own")
	t.text("id", tree.at("ticket_id"))
	t.addedComment(tree.at("comment"))
	t.texts(map[string]node{
		"ticket.id":      tree.at("ticket_id"),
		"ticket.subject": tree.at("ticket_subject"),
		"ticket.url":     withScheme(tree.at("ticket_url")),
		"customer.id":    tree.at("requester_id"),
		"customer.name":  tree.at("requester_name"),
		"customer.email": tree.at("requester_email"),
		"agent.name":     tree.at("assignee_name"),
		"agent.email":    tree.at("assignee_email"),
	})
	t.occurred(node{path: zendeskTimestamp, value: p.header.Get(zendeskTimestamp)})
	if at := tree.at("updated_at"); at.text() != "" {
		t.occurred(withSeconds(at))
	}
	return eventsOf(p, t)
}

// withSeconds adds the seconds to a moment that comes without, as in 2013-12-12T05:35Z,
// which is Zendesk's own example of {{ticket.updated_at_with_timestamp}}.
func withSeconds(n node) node {
	if at, err := time.Parse("2006-01-02T15:04Z07:00", n.text()); err == nil {
		n.value = rfc3339(at)
	}
	return n
}

// withScheme adds https to an address that comes without, as {{ticket.link}} once did.
func withScheme(n node) node {
	if text := n.text(); text != "" && !strings.Contains(text, "://") {
		n.value = "https://" + text
	}
	return n
}

// parseEither reads JSON or form fields, by what the delivery says it is.
func parseEither(p parcel) (node, *rejection) {
	if isForm(p.header.Get("Content-Type")) {
		return parseFields(p.Body)
	}
	return parseTree(p.Body)
}
