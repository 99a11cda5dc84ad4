package main

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what some senders sign with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"time"

	"smileybot/bot/webhook"
)

// A disguise is how another sender posts: a sample of it, where in it the values lie that
// can be changed, and its proof. It is written from the senders' own pages, and shares
// nothing with the code that checks them.
type disguise struct {
	sample          string
	header          map[string]string
	ids             []string // where it says what was rated
	rating, comment string
	times           []string
	unix            []string // times in seconds since 1970, in form fields
	without         []string // fields that are left away, so that the time of arrival counts
	event           string   // where the body has the id of the delivery
	prove           func(r *http.Request, s seal) error
	// questions, of a survey, puts the ids of the questions in.
	questions func(d *disguise, p *paper, q webhook.Questions)
}

// A seal is what a proof is made of.
type seal struct {
	secret, delivery string
	at               time.Time
	body             []byte
}

func (s seal) mac(kind func() hash.Hash, before string) []byte {
	m := hmac.New(kind, []byte(s.secret))
	m.Write([]byte(before))
	m.Write(s.body)
	return m.Sum(nil)
}

func (s seal) seconds() string { return strconv.FormatInt(s.at.Unix(), 10) }

// disguises are all senders whose samples can be sent.
func disguises() map[string]disguise {
	hexa, base := hex.EncodeToString, base64.StdEncoding.EncodeToString
	return map[string]disguise{
		"helpscout": {
			sample: "helpscout-rating.json", header: map[string]string{"X-HelpScout-Event": "satisfaction.ratings"},
			ids: []string{"id"}, rating: "rating", comment: "comments", times: []string{"createdAt", "modifiedAt"},
			prove: sealed("X-HelpScout-Signature", func(s seal) string { return base(s.mac(sha1.New, "")) }),
		},
		"zendesk": {
			sample: "zendesk-trigger.form", ids: []string{"ticket_id"}, rating: "rating", comment: "comment", times: []string{"updated_at"},
			prove: func(r *http.Request, s seal) error {
				at := s.at.UTC().Format(time.RFC3339)
				r.Header.Set("X-Zendesk-Webhook-Invocation-Id", s.delivery)
				r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", at)
				r.Header.Set("X-Zendesk-Webhook-Signature", base(s.mac(sha256.New, at)))
				return nil
			},
		},
		"intercom": {
			sample: "intercom-rating.json", ids: []string{"data.item.id"}, event: "id",
			rating: "data.item.conversation_rating.rating", comment: "data.item.conversation_rating.remark",
			times: []string{"first_sent_at", "created_at"},
			prove: sealed("X-Hub-Signature", func(s seal) string { return "sha1=" + hexa(s.mac(sha1.New, "")) }),
		},
		"chatwoot": {
			sample: "chatwoot-comment.json", ids: []string{"id"},
			rating:  "content_attributes.submitted_values.csat_survey_response.rating",
			comment: "content_attributes.submitted_values.csat_survey_response.feedback_message", times: []string{"created_at"},
			prove: func(r *http.Request, s seal) error {
				r.Header.Set("X-Chatwoot-Delivery", s.delivery)
				r.Header.Set("X-Chatwoot-Timestamp", s.seconds())
				r.Header.Set("X-Chatwoot-Signature", "sha256="+hexa(s.mac(sha256.New, s.seconds()+".")))
				return nil
			},
		},
		"formbricks": {
			sample: "formbricks-finished.json", ids: []string{"data.id"}, rating: "data.data.recommend", comment: "data.data.why",
			times: []string{"data.createdAt", "data.updatedAt"},
			questions: func(d *disguise, p *paper, q webhook.Questions) {
				p.rename("data.data", "recommend", q.Rating())
				p.rename("data.data", "why", q.Comment())
				d.rating, d.comment = "data.data."+orElse(q.Rating(), "recommend"), "data.data."+orElse(q.Comment(), "why")
			},
			prove: func(r *http.Request, s seal) error {
				prove, err := newSigner(s.secret)
				if err != nil {
					return err
				}
				return prove(r.Header, s.delivery, s.at, s.body)
			},
		},
		"typeform": {
			sample: "typeform-response.json", ids: []string{"form_response.token"}, event: "event_id",
			rating: "form_response.answers.3.number", comment: "form_response.answers.0.text", times: []string{"form_response.submitted_at"},
			questions: func(_ *disguise, p *paper, q webhook.Questions) {
				for place, id := range map[string]string{"3": q.Rating(), "0": q.Comment()} {
					if id != "" {
						p.set("form_response.answers."+place+".field.id", id)
					}
				}
			},
			prove: sealed("Typeform-Signature", func(s seal) string { return "sha256=" + base(s.mac(sha256.New, "")) }),
		},
		"trustpilot": {
			sample: "trustpilot-created.json", ids: []string{"events.0.eventData.id"},
			rating: "events.0.eventData.stars", comment: "events.0.eventData.text", times: []string{"events.0.eventData.createdAt"},
			prove: inAddress,
		},
		"freshdesk": {
			sample: "freshdesk.json", ids: []string{"ticket_id"}, rating: "rating", comment: "comment", prove: borne,
		},
		"zammad": {
			sample: "zammad.json", ids: []string{"ticket_id"}, rating: "rating", comment: "comment", times: []string{"updated_at"},
			prove: func(r *http.Request, s seal) error {
				r.Header.Set("X-Zammad-Delivery", s.delivery)
				r.Header.Set("X-Hub-Signature", "sha1="+hexa(s.mac(sha1.New, "")))
				return nil
			},
		},
		"freescout": {
			sample: "freescout.form", ids: []string{"conversation_id"}, rating: "rating", comment: "comment", unix: []string{"time"}, prove: borne,
		},
		"osticket": {
			sample: "osticket.form", ids: []string{"ticket"}, rating: "smiley", comment: "comment", without: []string{"at"}, prove: inAddress,
		},
		"googleforms": {
			sample: "googleforms.json", ids: []string{"response"}, event: "delivery", rating: "answers.score", comment: "answers.why",
			times: []string{"at"}, prove: borne,
		},
	}
}

// borne is a bearer token.
func borne(r *http.Request, s seal) error {
	r.Header.Set("Authorization", "Bearer "+s.secret)
	return nil
}

// sealed is a signature in a header.
func sealed(header string, sign func(seal) string) func(*http.Request, seal) error {
	return func(r *http.Request, s seal) error {
		r.Header.Set(header, sign(s))
		return nil
	}
}

// inAddress puts the secret behind the address.
func inAddress(r *http.Request, s seal) error {
	r.URL = r.URL.JoinPath(s.secret)
	return nil
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
