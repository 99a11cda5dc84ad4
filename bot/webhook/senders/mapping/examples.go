package mapping

import (
	"crypto/sha1" //nolint:gosec // what some senders sign with; as an HMAC it is not broken
	"crypto/sha256"
	"embed"
	"hash"

	"smileybot/bot/webhook/sender"
)

//go:embed samples
var files embed.FS

// Examples are senders with a ready-made mapping in docs/senders/mappings, by name, each with a sample to
// post. The pages in docs/senders say what each shape was read from. They have no Translate, which is in
// the mapping.
func Examples() []sender.Sender {
	bearer, path := sender.Proof{Kind: sender.BearerToken}, sender.Proof{Kind: sender.PathSecret}
	all := []sender.Sender{
		{
			Name: "crisp",
			Proof: signature(sha256.New, "X-Crisp-Signature", "", sender.Hex, func(m *sender.HMAC) {
				m.Signed, m.Timestamp, m.TimestampFormat = "[{timestamp};{body}]", "X-Crisp-Request-Timestamp", sender.UnixMilli
			}),
			Example: sender.Example{
				File: "samples/crisp.json", IDs: []string{"data.session_id"}, Rating: "data.rating.stars", Comment: "data.rating.comment",
				Times: []string{"timestamp"},
			},
		},
		{
			Name: "delighted", DeliveryID: sender.DeliveryID{Field: "event_id"},
			Proof: signature(sha256.New, "X-Delighted-Webhook-Signature", "sha256=", sender.Hex, nil),
			Example: sender.Example{
				File: "samples/delighted.json", IDs: []string{"event_data.id"}, Rating: "event_data.score", Comment: "event_data.comment",
				Times: []string{"event_data.updated_at", "event_data.created_at"},
			},
		},
		{
			Name: "facebook", Proof: signature(sha256.New, "X-Hub-Signature-256", "sha256=", sender.Hex, nil),
			Example: sender.Example{
				File: "samples/facebook.json", IDs: []string{"entry.0.changes.0.value.open_graph_story_id"},
				Rating: "entry.0.changes.0.value.recommendation_type", Comment: "entry.0.changes.0.value.review_text",
				Times: []string{"entry.0.time", "entry.0.changes.0.value.created_time"},
			},
		},
		{Name: "freescout", Proof: bearer, Example: sender.Example{
			File: "samples/freescout.form", IDs: []string{"conversation_id"}, Rating: "rating", Comment: "comment", Times: []string{"time"},
		}},
		{Name: "freshdesk", Proof: bearer, Example: sender.Example{
			File: "samples/freshdesk.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment",
		}},
		{
			Name: "front", DeliveryID: sender.DeliveryID{Field: "id"}, Proof: signature(sha1.New, "X-Front-Signature", "", sender.Base64, nil),
			Example: sender.Example{
				File: "samples/front.json", IDs: []string{"conversation.id"}, Rating: "target.data.name", Times: []string{"emitted_at"},
			},
		},
		{Name: "googleforms", Proof: bearer, DeliveryID: sender.DeliveryID{Field: "delivery"}, Example: sender.Example{
			File: "samples/googleforms.json", IDs: []string{"response"}, Rating: "answers.score", Comment: "answers.why", Times: []string{"at"},
		}},
		{Name: "gorgias", Proof: bearer, Example: sender.Example{
			File: "samples/gorgias.json", IDs: []string{"ticket_id"}, Rating: "score", Comment: "comment", Times: []string{"scored_at"},
		}},
		{Name: "hubspot", Proof: sender.Proof{Kind: sender.HeaderToken, Name: "X-Smileybot-Token"}, Example: sender.Example{
			File: "samples/hubspot.json", IDs: []string{"id"}, Rating: "value", Comment: "content", Times: []string{"submitted_at"},
		}},
		{Name: "jira", Proof: bearer, Example: sender.Example{
			File: "samples/jira.json", IDs: []string{"key"}, Rating: "rating", Comment: "comment", Times: []string{"rated_at"},
		}},
		{Name: "jotform", Proof: sender.Proof{Kind: sender.QueryToken, Name: "key"}, Example: sender.Example{
			File: "samples/jotform.form", IDs: []string{"submissionID"}, Rating: "rawRequest.q3_recommend", Comment: "rawRequest.q4_why",
		}},
		{Name: "livechat", Proof: sender.Proof{Kind: sender.BodyToken}, Example: sender.Example{
			File: "samples/livechat.json", IDs: []string{"payload.thread_id"}, Rating: "payload.properties.rating.score",
			Comment: "payload.properties.rating.comment", Secret: "secret_key",
		}},
		{Name: "osticket", Proof: path, Example: sender.Example{
			File: "samples/osticket.form", IDs: []string{"ticket"}, Rating: "smiley", Comment: "comment", Without: []string{"at"},
		}},
		{Name: "rocketchat", Proof: sender.Proof{Kind: sender.HeaderToken, Name: "X-RocketChat-Livechat-Token"}, Example: sender.Example{
			File: "samples/rocketchat.json", IDs: []string{"_id"}, Rating: "customFields.smiley", Comment: "customFields.smiley_comment",
			Times: []string{"closedAt"},
		}},
		{Name: "surveymonkey", Proof: bearer, Example: sender.Example{
			File: "samples/surveymonkey.json", IDs: []string{"response"}, Rating: "score", Comment: "why", Times: []string{"at"},
		}},
		{
			Name: "tally", DeliveryID: sender.DeliveryID{Field: "eventId"}, Proof: signature(sha256.New, "Tally-Signature", "", sender.Base64, nil),
			Example: sender.Example{
				File: "samples/tally.json", IDs: []string{"data.responseId", "data.submissionId"}, Rating: "data.fields.0.value",
				Comment: "data.fields.1.value", Times: []string{"data.createdAt"},
			},
		},
		{Name: "userlike", Proof: path, Example: sender.Example{
			File: "samples/userlike.json", IDs: []string{"id"}, Rating: "rate", Comment: "feedback_message",
		}},
		{
			Name: "wootric", Proof: signature(sha1.New, "X-Wootric-Signature", "sha1=", sender.Hex, nil),
			Example: sender.Example{
				File: "samples/wootric.form", IDs: []string{"response[id]"}, Rating: "response[score]", Comment: "response[text]",
				Without: []string{"response[created_at]", "response[updated_at]"},
			},
		},
		{
			// https://github.com/zammad/zammad-admin-documentation, manage/webhook/payload.rst
			Name: "zammad", DeliveryID: sender.DeliveryID{Header: "X-Zammad-Delivery"},
			Proof: signature(sha1.New, "X-Hub-Signature", "sha1=", sender.Hex, nil),
			Example: sender.Example{
				File: "samples/zammad.json", IDs: []string{"ticket_id"}, Rating: "rating", Comment: "comment", Times: []string{"updated_at"},
			},
		},
	}
	for i := range all {
		all[i].Files = files
	}
	return all
}

// signature is the proof of a sender that signs the body, changed by more when it signs more.
func signature(kind func() hash.Hash, header, prefix string, encoding sender.Encoding, more func(*sender.HMAC)) sender.Proof {
	m := sender.HMAC{Header: header, Prefix: prefix, Hash: kind, Encoding: encoding}
	if more != nil {
		more(&m)
	}
	return sender.Proof{Kind: sender.Signature, HMAC: m}
}
