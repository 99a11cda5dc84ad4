// Package chatwoot is the sender Chatwoot, from version 4.13 on. It reads message_updated of a survey
// message, which is where Chatwoot keeps a rating
// (https://github.com/chatwoot/chatwoot/issues/8114):
//
//   - signed with HMAC-SHA256 in hexadecimal over timestamp, a dot and the body;
//   - X-Chatwoot-Delivery marks a repeat;
//   - the message is what is rated. It has no version, so the order is that of signing;
//   - rating and text come as two events, and a text is never taken back;
//   - the agent is the assignee of the conversation when the survey was sent, where Chatwoot
//     says so (https://github.com/chatwoot/chatwoot/pull/15488), else the assignee. The rating of a bot is left
//     out.
//
// The content of the message is not read: it may hold the customer's survey link.
package chatwoot

import (
	"crypto/sha256"
	"embed"
	"slices"
	"strings"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

const timestamp = "X-Chatwoot-Timestamp"

//go:embed *.json
var files embed.FS

// Sender describes Chatwoot. Its samples are derived from Message#webhook_data and
// CsatSurveys::ResponseBuilder of its source.
func Sender() sender.Sender {
	const answer = "content_attributes.submitted_values.csat_survey_response."
	return sender.Sender{
		Name: "chatwoot",
		Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
			Header: "X-Chatwoot-Signature", Prefix: "sha256=", Hash: sha256.New, Encoding: sender.Hex,
			Signed: "{timestamp}.{body}", Timestamp: timestamp, TimestampFormat: sender.Unix,
		}},
		DeliveryID: sender.DeliveryID{Header: "X-Chatwoot-Delivery"},
		Translate:  translate,
		Files:      files,
		Example: sender.Example{
			File: "comment.json", IDs: []string{"id"}, Rating: answer + "rating", Comment: answer + "feedback_message",
			Times: []string{"created_at"},
		},
	}
}

func translate(d sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	answer := body.At("content_attributes", "submitted_values", "csat_survey_response")
	if body.At("event").Text() != "message_updated" || body.At("content_type").Text() != "input_csat" || !answer.At("rating").IsSet() {
		return nil
	}
	conversation := body.At("conversation")
	m := sender.MapFields(feedback.KindCSAT, channelOf(conversation.At("channel").Text()))
	m.Text("id", body.At("id"))
	m.Number("score", answer.At("rating"))
	m.AddedComment(answer.At("feedback_message"))
	customer, agent := conversation.At("meta", "sender"), conversation.At("meta", "assignee")
	m.OfBot = isBot(agent, conversation.At("meta", "assignee_type"))
	asked := body.At("content_attributes", "assigned_agent_id") // when the survey was sent
	if asked.Text() != "" && asked.Text() != agent.At("id").Text() {
		m.OfBot, agent = false, sender.Tree{Path: agent.Path} // it was assigned again since
	}
	m.Texts(map[string]sender.Tree{
		"customer.id":    customer.At("id"),
		"customer.name":  customer.At("name"),
		"customer.email": customer.At("email"),
		"agent.id":       agent.At("id"),
		"agent.name":     agent.At("name"),
		"agent.email":    agent.At("email"),
		"ticket.id":      conversation.At("id"),
	})
	m.Text("agent.id", asked)
	if at, ok := sender.Unix.Parse(d.Header.Get(timestamp)); ok {
		m.Constant("occurred_at", sender.FormatMoment(at))
	}
	return []*sender.FieldMap{m}
}

// isBot reports whether a conversation is assigned to a bot of Chatwoot's.
func isBot(assignee, assigneeType sender.Tree) bool {
	bots := []string{"AgentBot", "Captain::Assistant", "agent_bot", "captain_assistant"}
	return slices.Contains(bots, assigneeType.Text()) || slices.Contains(bots, assignee.At("type").Text())
}

// channelOf is our channel for the class of an inbox.
func channelOf(class string) feedback.Channel {
	switch strings.TrimPrefix(class, "Channel::") {
	case "Email":
		return feedback.ChannelEmail
	case "FacebookPage", "Instagram", "Line", "Telegram", "Tiktok", "TwitterProfile", "Whatsapp":
		return feedback.ChannelSocial
	default:
		return feedback.ChannelChat
	}
}
