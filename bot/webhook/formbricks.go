package webhook

import (
	"errors"
)

// formbricks takes responseCreated, responseUpdated and responseFinished
// (https://formbricks.com/docs, Webhooks). Which question is a rating, and of what, is a
// setting, see [ParseQuestions].
//
//   - signed as Standard Webhooks describes, whose webhook-id marks a repeat;
//   - a response is the feedback, one for each kind of rating in it; updatedAt is its
//     version;
//   - events without a rating yet are ignored.
func formbricks(secrets []string, q Questions) (sender, error) {
	if len(q) == 0 {
		return sender{}, errors.New("it is not told which question is a rating")
	}
	p, err := newProof(secrets, nil)
	return sender{
		verify:   p.verify,
		unproved: checkSigning,
		decode:   func(p parcel) (decoded, *rejection) { return decodeFormbricks(p, q) },
		partial:  true,
	}, err
}

func decodeFormbricks(p parcel, q Questions) (decoded, *rejection) {
	tree, rejected := parseTree(p.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	switch tree.at("event").text() {
	case "responseCreated", "responseUpdated", "responseFinished":
	default:
		return decoded{}, nil
	}
	response := tree.at("data")
	said := q.read(func(question string) node { return response.at("data", question) })
	for _, t := range said {
		t.text("id", response.at("id"))
		attributes := response.at("contactAttributes")
		t.text("customer.id", response.at("contact", "id"))
		t.text("customer.id", attributes.at("userId"))
		t.text("customer.email", attributes.at("email"))
		t.began(response.at("createdAt"))
		t.occurred(response.at("createdAt"))
		t.occurred(response.at("updatedAt"))
	}
	return eventsOf(p, said...)
}
