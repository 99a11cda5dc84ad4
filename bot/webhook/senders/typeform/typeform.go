// Package typeform is the sender Typeform. It reads form_response and form_response_partial
// (https://www.typeform.com/developers/webhooks/example-payload/). A setting says which question is a
// rating, see [sender.ParseQuestions]; a question is known by the id or the ref of its field, a
// hidden field by its name.
//
//   - signed with HMAC-SHA256 in base64 over the body
//     (https://www.typeform.com/developers/webhooks/secure-your-webhooks/);
//   - event_id marks a repeat;
//   - a response is the feedback, one for each kind of rating in it, known by its token;
//     submitted_at is its version.
package typeform

import (
	"crypto/sha256"
	"embed"

	"smileybot/bot/webhook/sender"
)

//go:embed *.json
var files embed.FS

// Sender describes Typeform. The sample is shortened to four questions.
func Sender() sender.Sender {
	const answers = "form_response.answers."
	return sender.Sender{
		Name:             "typeform",
		QuestionsMeaning: "the same for Typeform; see docs/senders/typeform.md",
		Proof: sender.Proof{Kind: sender.Signature, HMAC: sender.HMAC{
			Header: "Typeform-Signature", Prefix: "sha256=", Hash: sha256.New, Encoding: sender.Base64,
		}},
		DeliveryID:  sender.DeliveryID{Field: "event_id"},
		RatingLater: true,
		Translate:   translate,
		Files:       files,
		Example: sender.Example{
			File: "response.json", IDs: []string{"form_response.token"}, Rating: answers + "3.number", Comment: answers + "0.text",
			Times:          []string{"form_response.submitted_at"},
			RatingQuestion: answers + "3.field.id", CommentQuestion: answers + "0.field.id",
		},
	}
}

func translate(_ sender.Delivery, body sender.Tree, q sender.Questions) []*sender.FieldMap {
	response := body.At("form_response")
	answers := answersOf(response)
	answer := func(question string) sender.Tree {
		if answer, ok := answers[question]; ok {
			return answer
		}
		return filled(response.At("hidden", question))
	}
	var maps []*sender.FieldMap
	switch body.At("event_type").Text() {
	case "form_response":
		maps = q.ReadFinished("form_response.answers", answer)
	case "form_response_partial":
		maps = q.Read(answer)
	}
	for _, m := range maps {
		m.Text("id", response.At("token"))
		m.OccurredAt(response.At("submitted_at"))
	}
	return maps
}

// filled is a hidden field, absent when the address of the form did not fill it: Typeform then sends the text
// of its own example.
func filled(t sender.Tree) sender.Tree {
	if text := t.Text(); text == "hidden_value" || text == "xxxxx" {
		t.Value = nil
	}
	return t
}

// answersOf are the values of the answers by the id and by the ref of their fields.
func answersOf(response sender.Tree) map[string]sender.Tree {
	refs := make(map[string]string)
	for _, field := range response.At("definition", "fields").Items() {
		refs[field.At("id").Text()] = field.At("ref").Text()
	}
	answers := make(map[string]sender.Tree)
	for _, answer := range response.At("answers").Items() {
		value := answer.At(answer.At("type").Text())
		if value.At("label").IsSet() { // of a choice
			value = value.At("label")
		}
		id := answer.At("field", "id").Text()
		for _, name := range []string{id, answer.At("field", "ref").Text(), refs[id]} {
			if name != "" {
				answers[name] = sender.Tree{Path: "answers." + value.Path, Value: value.Value}
			}
		}
	}
	return answers
}
