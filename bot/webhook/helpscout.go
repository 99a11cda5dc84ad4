package webhook

import (
	"crypto/sha1" //nolint:gosec // what Help Scout signs with; as an HMAC it is not broken
	"crypto/sha256"
	"encoding/hex"
	"time"

	"smileybot/feedback"
)

// helpScout takes ratings (satisfaction.ratings) and NPS answers of Beacon surveys
// (message.survey.response.received), see
// https://developer.helpscout.com/webhooks/objects/rating and
// https://developer.helpscout.com/webhooks/objects/survey-response:
//
//   - signed with HMAC-SHA1 in base64 over the body, without a moment or an id of the
//     delivery: the same body is a repeat;
//   - a rating has an id, and modifiedAt tells its version;
//   - an NPS answer has no id: what a customer answers to the same survey on the same day
//     (UTC) is the same answer, changed. Its category is not believed, for Help Scout's
//     own example calls a 9 passive; but only NPS has one, so answers to other surveys,
//     whose choices may be numbers, are known by its absence, and ignored.
func helpScout(secrets []string, _ Questions) (sender, error) {
	s := scheme{header: "X-HelpScout-Signature", hash: sha1.New, decode: fromBase64}
	return sender{
		verify:   verified(s.proves(secrets), idOfBody),
		unproved: checkSecret,
		decode:   decodeHelpScout,
	}, nil
}

func decodeHelpScout(p parcel) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	switch p.header.Get("X-HelpScout-Event") {
	case "satisfaction.ratings":
		return eventsOf(p, helpScoutRating(tree))
	case "message.survey.response.received":
		if !tree.at("response", "category").said() {
			return decoded{}, nil
		}
		return eventsOf(p, helpScoutNPS(tree, p.Body))
	default:
		return decoded{}, nil
	}
}

func helpScoutRating(tree node) *translation {
	t := translate(feedback.KindSmiley, feedback.ChannelTicket)
	t.text("id", tree.at("id"))
	t.smiley(tree.at("rating"), map[string]feedback.Smiley{
		"great": feedback.Green, "okay": feedback.Yellow, "bad": feedback.Red,
	}, "must be one of Great, Okay, Bad")
	t.comment(tree.at("comments"))
	helpScoutCustomer(t, tree.at("customer"))
	t.text("customer.email", firstOf(tree.at("customer", "emails")).at("value"))
	t.text("ticket.id", tree.at("ticketId"))
	t.began(tree.at("createdAt"))
	t.occurred(tree.at("createdAt"))
	t.occurred(tree.at("modifiedAt"))
	return t
}

func helpScoutNPS(tree node, body []byte) *translation {
	t := translate(feedback.KindNPS, feedback.ChannelPanel)
	answer, customer := tree.at("response"), tree.at("_embedded", "customer")
	t.number("score", answer.at("value"))
	t.addedComment(answer.at("comment"))
	t.occurred(answer.at("timestamp"))
	helpScoutCustomer(t, customer)
	t.text("customer.email", firstOf(customer.at("_embedded", "emails")).at("value"))
	t.constant("id", helpScoutNPSID(tree, body))
	return t
}

// helpScoutNPSID is an id for what has none. An answer that lacks what it would be known
// by is one of its own.
func helpScoutNPSID(tree node, body []byte) string {
	customer := tree.at("_embedded", "customer", "id").text()
	day, err := feedback.ParseMoment(tree.at("response", "timestamp").text())
	known := body
	if customer != "" && err == nil {
		known = []byte(customer + "\n" + day.Format(time.DateOnly) + "\n" + tree.at("message", "name").text())
	}
	sum := sha256.Sum256(known)
	return "survey-" + hex.EncodeToString(sum[:16])
}

func helpScoutCustomer(t *translation, n node) {
	t.text("customer.id", n.at("id"))
	t.name("customer.name", n.at("firstName"), n.at("lastName"))
}

// firstOf is the first item of a list, nothing of an empty one.
func firstOf(n node) node {
	for _, item := range n.items() {
		return item
	}
	return node{path: n.path + "[0]"}
}
