package webhook

import (
	"net/http"
	"time"

	"smileybot/feedback"
	"smileybot/store"
)

// Explanation is what a sender's body would be taken for.
type Explanation struct {
	// Events are none for what tells of no rating.
	Events []feedback.Event
	// Warnings and Errors say what was not understood, a sentence each. With errors
	// nothing would be taken.
	Warnings, Errors []string
}

// Explain reads a body as the sender's, without proof, and takes nothing.
func (s Sender) Explain(body []byte, header http.Header, now time.Time) Explanation {
	p := parcel{store.Delivery{Sender: s.inner.name, Body: body, ReceivedAt: now}, header}
	said, rejected := s.inner.decode(p)
	e := Explanation{Events: said.events}
	for _, w := range said.warnings {
		e.Warnings = append(e.Warnings, w.Field+" "+w.Message)
	}
	if rejected == nil {
		return e
	}
	for _, wrong := range rejected.errors {
		e.Errors = append(e.Errors, wrong.Field+" "+wrong.Message)
	}
	if len(e.Errors) == 0 {
		e.Errors = []string{rejected.detail}
	}
	return e
}
