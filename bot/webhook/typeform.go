package webhook

import (
	"crypto/sha256"
	"errors"
)

// typeform takes form_response and form_response_partial
// (https://www.typeform.com/developers/webhooks/example-payload/). Which question is a
// rating, and of what, is a setting, see [ParseQuestions]; a question is known by the id
// or the ref of its field, a hidden field by its name.
//
//   - signed with HMAC-SHA256 in base64 over the body
//     (https://www.typeform.com/developers/webhooks/secure-your-webhooks/);
//   - event_id marks a repeat;
//   - a response is the feedback, one for each kind of rating in it, known by its token;
//     submitted_at is its version.
func typeform(secrets []string, q Questions) (sender, error) {
	if len(q) == 0 {
		return sender{}, errors.New("it is not told which question is a rating")
	}
	s := scheme{header: "Typeform-Signature", prefix: "sha256=", hash: sha256.New, decode: fromBase64}
	return sender{
		verify:   verified(s.proves(secrets), idInBody("event_id")),
		unproved: checkSecret,
		decode:   func(p parcel) (decoded, *rejection) { return decodeTypeform(p, q) },
		partial:  true,
	}, nil
}

func decodeTypeform(p parcel, q Questions) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	switch tree.at("event_type").text() {
	case "form_response", "form_response_partial":
	default:
		return decoded{}, nil
	}
	response := tree.at("form_response")
	answers := typeformAnswers(response)
	said := q.read(func(question string) node {
		if answer, ok := answers[question]; ok {
			return answer
		}
		return response.at("hidden", question)
	})
	for _, t := range said {
		t.text("id", response.at("token"))
		t.occurred(response.at("submitted_at"))
	}
	return eventsOf(p, said...)
}

// typeformAnswers are the values of the answers by the id and by the ref of their fields.
func typeformAnswers(response node) map[string]node {
	refs := make(map[string]string)
	for _, field := range response.at("definition", "fields").items() {
		refs[field.at("id").text()] = field.at("ref").text()
	}
	answers := make(map[string]node)
	for _, answer := range response.at("answers").items() {
		value := answer.at(answer.at("type").text())
		if value.at("label").said() { // of a choice
			value = value.at("label")
		}
		id := answer.at("field", "id").text()
		for _, name := range []string{id, answer.at("field", "ref").text(), refs[id]} {
			if name != "" {
				answers[name] = node{path: "answers." + value.path, value: value.value}
			}
		}
	}
	return answers
}
