package sender

import (
	"errors"
	"net/http"
	"time"

	"smileybot/feedback"
)

// DryRun is what would become of a body.
type DryRun struct {
	// Events are empty for a body without a rating.
	Events []feedback.Event
	// Warnings and Errors say what was not understood, a sentence each. With errors the body would
	// be rejected.
	Warnings, Errors []string
}

// DryRun reads a body as the sender's, without proof, and stores nothing.
func (s Enabled) DryRun(body []byte, header http.Header, now time.Time) DryRun {
	p, err := s.Decode(Delivery{Sender: s.Name, Header: header, Body: body, ReceivedAt: now})
	return DryRun{Events: p.Events, Warnings: sentences(p.Warnings), Errors: problemsOf(err)}
}

// problemsOf are the sentences of an error of Decode.
func problemsOf(err error) []string {
	e, ok := errors.AsType[*DecodeError](err)
	if !ok {
		return nil
	}
	if e.Malformed != "" {
		return []string{e.Malformed}
	}
	return sentences(e.Invalid)
}

func sentences(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	return all
}

// Shown is a field of an event as people read it.
type Shown struct{ Name, Value string }

// Show returns the fields of an event that it mentions, under the names of the own format.
func Show(e feedback.Event) []Shown {
	fields := []Shown{{"id", e.ID}, {"kind", string(e.Kind)}, {"channel", string(e.Channel)}}
	for _, field := range feedback.Fields() {
		if !e.Mentions[field] {
			continue
		}
		name, value := string(field), e.Answer.Text(field)
		if field == feedback.FieldRating {
			name, value = ratingField(e.Kind), e.Kind.RatingText(e.Answer.Rating)
			if e.Answer.Raw != "" {
				value += " (" + e.Answer.Raw + ")"
			}
		}
		fields = append(fields, Shown{name, value})
	}
	if e.TakenBack {
		fields = append(fields, Shown{"taken back", "it would be void"})
	}
	return append(fields, Shown{"occurred_at", e.OccurredAt.UTC().Format(time.RFC3339Nano)})
}
