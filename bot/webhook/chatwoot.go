package webhook

import (
	"crypto/sha256"
	"strings"

	"smileybot/feedback"
)

// chatwoot takes message_updated of a survey message, which is where Chatwoot keeps a
// rating (https://github.com/chatwoot/chatwoot/issues/8114):
//
//   - signed since 4.13 with HMAC-SHA256 in hexadecimal over timestamp, a dot and the
//     body;
//   - X-Chatwoot-Delivery marks a repeat;
//   - the message is what is rated. It has no version, so the order is that of signing;
//   - rating and text come as two events, and a text is never taken back.
//
// The content of the message is not read: it may hold the customer's survey link.
func chatwoot(secrets []string, _ Questions) (sender, error) {
	s := scheme{
		header: "X-Chatwoot-Signature", prefix: "sha256=", hash: sha256.New, decode: fromHex,
		signed:    []part{{header: chatwootTimestamp}, {text: "."}, wholeBody()},
		timestamp: chatwootTimestamp, moment: inSeconds,
	}
	return sender{
		verify:   verified(s.proves(secrets), idInHeader("X-Chatwoot-Delivery")),
		unproved: checkSigning,
		decode:   decodeChatwoot,
	}, nil
}

const chatwootTimestamp = "X-Chatwoot-Timestamp"

func decodeChatwoot(p parcel) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	answer := tree.at("content_attributes", "submitted_values", "csat_survey_response")
	if tree.at("event").text() != "message_updated" || tree.at("content_type").text() != "input_csat" || !answer.at("rating").said() {
		return decoded{}, nil
	}
	conversation := tree.at("conversation")
	t := translate(feedback.KindCSAT, chatwootChannel(conversation.at("channel").text()))
	t.text("id", tree.at("id"))
	t.number("score", answer.at("rating"))
	t.addedComment(answer.at("feedback_message"))
	customer, agent := conversation.at("meta", "sender"), conversation.at("meta", "assignee")
	t.texts(map[string]node{
		"customer.id":    customer.at("id"),
		"customer.name":  customer.at("name"),
		"customer.email": customer.at("email"),
		"agent.id":       agent.at("id"),
		"agent.name":     agent.at("name"),
		"agent.email":    agent.at("email"),
		"ticket.id":      conversation.at("id"),
	})
	if at, ok := inSeconds(p.header.Get(chatwootTimestamp)); ok {
		t.constant("occurred_at", rfc3339(at))
	}
	return eventsOf(p, t)
}

// chatwootChannel is our channel for the class that Chatwoot calls an inbox by.
func chatwootChannel(class string) feedback.Channel {
	switch strings.TrimPrefix(class, "Channel::") {
	case "Email":
		return feedback.ChannelEmail
	case "FacebookPage", "Instagram", "Line", "Telegram", "Tiktok", "TwitterProfile", "Whatsapp":
		return feedback.ChannelSocial
	default:
		return feedback.ChannelChat
	}
}
