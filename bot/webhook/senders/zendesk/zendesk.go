// Package zendesk is the sender Zendesk. It reads what a trigger sends that an admin makes of our
// template (see docs/senders/zendesk.md), as form fields or as JSON, and Zendesk's own event for a rating,
// zen:event-type:ticket.csat_received, whose body is documented in parts only. Both name the ticket, and so
// the same feedback.
//
//   - signed with HMAC-SHA256 in base64 over the timestamp and the body
//     (https://developer.zendesk.com/documentation/webhooks/verifying/), the secret taken as text;
//   - the invocation id marks a repeat;
//   - a ticket has one rating, so its id is that of the feedback, and updated_at the version, to
//     the minute; without it the moment of signing. An empty comment takes no comment back, because
//     within that minute the event without it may come last.
package zendesk

import (
	"crypto/sha256"
	"embed"
	"strings"
	"time"

	"smileybot/bot/webhook/sender"
	"smileybot/feedback"
)

const timestamp = "X-Zendesk-Webhook-Signature-Timestamp"

//go:embed trigger.* event.json
var files embed.FS

// Sender describes Zendesk. Its samples are our template; their headers are as in
// https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request.
func Sender() sender.Sender {
	return sender.Sender{
		Name: "zendesk",
		Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
			Header: "X-Zendesk-Webhook-Signature", Hash: sha256.New, Encoding: sender.Base64,
			Signed: "{timestamp}{body}", Timestamp: timestamp, TimestampFormat: sender.RFC3339,
		}},
		DeliveryID: sender.DeliveryID{Header: "X-Zendesk-Webhook-Invocation-Id"},
		Forms:      true,
		Translate:  translate,
		Files:      files,
		Example: sender.Example{
			File: "trigger.form", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment", Times: []string{"updated_at"},
		},
	}
}

// ratings are the words of satisfaction.current_rating, in the languages that were seen. Other words
// are reported as wrong.
func ratings() map[string]feedback.Smiley {
	return map[string]feedback.Smiley{
		"good": feedback.Green, "good, i'm satisfied": feedback.Green, "good with comment": feedback.Green,
		"bad": feedback.Red, "bad, i'm unsatisfied": feedback.Red, "bad with comment": feedback.Red,
		"goed": feedback.Green, "slecht": feedback.Red,
		"gut": feedback.Green, "schlecht": feedback.Red,
	}
}

// csatReceived is Zendesk's own event for a rating.
const csatReceived = "zen:event-type:ticket.csat_received"

func translate(d sender.Delivery, body sender.Tree, _ sender.Questions) []*sender.FieldMap {
	if kind := body.At("type").Text(); strings.HasPrefix(kind, "zen:event-type:") {
		if kind != csatReceived {
			return nil
		}
		return received(d, body)
	}
	switch rating := body.At("rating").Text(); rating {
	case "", "Offered", "Unoffered", "offered", "unoffered":
		return nil // the customer was asked, or was not
	}
	m := sender.MapFields(feedback.KindSmiley, feedback.ChannelTicket)
	m.Smiley(body.At("rating"), ratings(),
		"must be Good or Bad; where Zendesk words it otherwise, send one of them as a fixed word from a trigger of its own")
	m.Text("id", body.At("ticket_id"))
	m.AddedComment(body.At("comment"))
	m.Texts(map[string]sender.Tree{
		"ticket.id":      body.At("ticket_id"),
		"ticket.subject": body.At("ticket_subject"),
		"ticket.url":     withScheme(body.At("ticket_url")),
		"customer.id":    body.At("requester_id"),
		"customer.name":  body.At("requester_name"),
		"customer.email": body.At("requester_email"),
		"agent.name":     body.At("assignee_name"),
		"agent.email":    body.At("assignee_email"),
	})
	m.OccurredAt(sender.Tree{Path: timestamp, Value: d.Header.Get(timestamp)})
	if at := body.At("updated_at"); at.Text() != "" {
		m.OccurredAt(withSeconds(at))
	}
	return []*sender.FieldMap{m}
}

// received reads Zendesk's own event. Where it has the comment is not documented.
func received(d sender.Delivery, body sender.Tree) []*sender.FieldMap {
	ticket, score := body.At("detail"), body.At("event", "satisfaction_score")
	rating := score.At("score")
	word := strings.ReplaceAll(rating.Text(), "_", " ")
	switch strings.ToLower(word) {
	case "offered", "unoffered":
		return nil
	}
	if _, isText := rating.Value.(string); isText {
		rating.Value = word
	}
	m := sender.MapFields(feedback.KindSmiley, feedback.ChannelTicket)
	m.Rated = true
	m.Smiley(rating, ratings(), "must be GOOD or BAD, perhaps with _WITH_COMMENT")
	m.Text("id", ticket.At("id"))
	m.AddedComment(score.At("comment"))
	m.Texts(map[string]sender.Tree{
		"ticket.id":      ticket.At("id"),
		"ticket.subject": ticket.At("subject"),
		"customer.id":    ticket.At("requester_id"),
		"agent.id":       ticket.At("assignee_id"),
	})
	m.OccurredAt(sender.Tree{Path: timestamp, Value: d.Header.Get(timestamp)})
	m.OccurredAt(body.At("time"))
	return []*sender.FieldMap{m}
}

// withSeconds adds the seconds to a moment that comes without, as in 2013-12-12T05:35Z,
// which is Zendesk's own example of {{ticket.updated_at_with_timestamp}}.
func withSeconds(n sender.Tree) sender.Tree {
	if at, err := time.Parse("2006-01-02T15:04Z07:00", n.Text()); err == nil {
		n.Value = sender.FormatMoment(at)
	}
	return n
}

// withScheme adds https to an address that comes without, as {{ticket.link}} once did.
func withScheme(n sender.Tree) sender.Tree {
	if text := n.Text(); text != "" && !strings.Contains(text, "://") {
		n.Value = "https://" + text
	}
	return n
}
