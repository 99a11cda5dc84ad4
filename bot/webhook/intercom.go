package webhook

import (
	"crypto/sha1" //nolint:gosec // what Intercom signs with; as an HMAC it is not broken
	"slices"

	"smileybot/feedback"
)

// intercom takes conversation.rating.added, and conversation.rating.remarked should it
// come (https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models).
// The envelope and the rating are documented apart; a whole event was never seen.
//
//   - signed with HMAC-SHA1 in hexadecimal over the body, by the app's client secret;
//   - the notification's id marks a repeat;
//   - a conversation has one rating, so its id is that of the feedback; its version is the
//     rating's updated_at, else the notification's. The rating's created_at is when it was
//     asked for, which is not told;
//   - a remark can only be added, never taken back.
func intercom(secrets []string, _ Questions) (sender, error) {
	s := scheme{header: "X-Hub-Signature", prefix: "sha1=", hash: sha1.New, decode: fromHex}
	return sender{
		verify:   verified(s.proves(secrets), idInBody("id")),
		unproved: checkSecret,
		decode:   decodeIntercom,
	}, nil
}

func decodeIntercom(p parcel) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	item := tree.at("data", "item")
	rating := item.at("conversation_rating")
	topics := []string{"conversation.rating.added", "conversation.rating.remarked"}
	if !slices.Contains(topics, tree.at("topic").text()) || !rating.at("rating").said() {
		return decoded{}, nil // an unrated conversation has an empty rating
	}
	t := translate(feedback.KindCSAT, feedback.ChannelChat)
	t.text("id", item.at("id"))
	t.number("score", rating.at("rating"))
	t.addedComment(rating.at("remark"))
	contact := item.at("user")
	t.texts(map[string]node{
		"customer.name":  contact.at("name"),
		"customer.email": contact.at("email"),
		"ticket.id":      item.at("id"),
		"ticket.subject": item.at("title"),
		"ticket.url":     item.at("links", "conversation_web"),
	})
	t.text("customer.id", rating.at("contact", "id"))
	t.text("customer.id", rating.at("contact", "external_id"))
	t.text("agent.id", rating.at("teammate", "id"))
	intercomTeammate(t, item, rating.at("teammate", "id").text())
	for _, at := range []node{tree.at("first_sent_at"), tree.at("created_at"), rating.at("updated_at")} {
		t.occurred(at)
	}
	return eventsOf(p, t)
}

// intercomTeammate names the rated teammate where the conversation tells who that is.
func intercomTeammate(t *translation, item node, id string) {
	for _, admin := range []node{item.at("assignee"), item.at("source", "author")} {
		if id != "" && admin.at("id").text() == id {
			t.text("agent.name", admin.at("name"))
			t.text("agent.email", admin.at("email"))
			return
		}
	}
}
