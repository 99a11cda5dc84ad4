package webhook

import "smileybot/bot/webhook/sender"

// Loss is something of a proved delivery that is not in the store, for the operator. Nothing of what was
// sent is in it.
type Loss struct {
	Kind LossKind
	// Field is the name in the own format, for [LostField]; unknownField for a name that is none.
	Field string
}

// LossKind is what was lost.
type LossKind string

// What can be lost.
const (
	// LostField is a field that was left out or corrected.
	LostField LossKind = "field"
	// LostPart is a rating of several that cannot be read, or that has no value. The delivery is kept with
	// the rejected ones; of a pull, the review.
	LostPart LossKind = "part"
	// LostBot is the rating of a bot, which is not the team's.
	LostBot LossKind = "bot"
	// LostWaiting is an event that waits for the first rating of its feedback.
	LostWaiting LossKind = "waiting"
	// LostDelivery is a delivery, or an event of several, that has no rating and needs none.
	LostDelivery LossKind = "ignored"
)

// unknownField is for all names that are not of the own format.
const unknownField = "unknown"

// lose counts what a delivery brought and the store has not.
func (in *Intake) lose(name string, payload sender.Payload) {
	for _, w := range payload.Warnings {
		in.loseField(name, w.Ours)
	}
	for range payload.Ignored {
		in.loseField(name, unknownField)
	}
	for range payload.Bots {
		in.metrics.parts.WithLabelValues(name, "bot").Inc()
		in.lost(name, Loss{Kind: LostBot})
	}
	for range payload.Refused {
		in.metrics.parts.WithLabelValues(name, string(reasonInvalid)).Inc()
		in.lost(name, Loss{Kind: LostPart})
	}
}

func (in *Intake) loseField(name, field string) {
	if field == "" {
		field = unknownField
	}
	in.metrics.warnings.WithLabelValues(name, field).Inc()
	in.lost(name, Loss{Kind: LostField, Field: field})
}

// losePart counts an event of several that changed nothing because it has no rating.
func (in *Intake) losePart(name string) {
	in.metrics.parts.WithLabelValues(name, "no_rating").Inc()
	in.lost(name, Loss{Kind: LostPart})
}
