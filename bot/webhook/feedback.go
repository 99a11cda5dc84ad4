package webhook

import (
	"fmt"

	"smileybot/feedback"
	"smileybot/store"
)

// decodeFeedback reads the own format, the body of /webhooks/feedback:
//
//   - a required field (id, kind, channel, smiley or score) that is wrong
//     refuses the delivery, and all that are wrong are told;
//   - an optional field that is wrong is left out, with a warning;
//   - null is the same as absent, but for the comment, which it takes back;
//   - names count as they are written: Comment is not comment;
//   - a smiley or score that the kind does not have is ignored and named, as is
//     every unknown field.
func decodeFeedback(d store.Delivery) (decoded, *rejection) {
	object, rejected := parseObject(d.Body)
	if rejected != nil {
		return decoded{}, rejected
	}
	f := newForm(object)
	e := feedback.Event{Key: f.key(d.Sender), Mentions: make(map[feedback.Field]bool)}
	f.rating(&e)
	if len(f.errors) > 0 {
		return decoded{}, invalid(f.errors...)
	}
	f.optional(&e)
	e.OccurredAt = f.occurredAt(d.ReceivedAt)
	return decoded{events: []feedback.Event{e}, ignored: f.rest(), warnings: f.warnings}, nil
}

// key reads what makes it the same feedback again.
func (f *form) key(sender string) feedback.Key {
	k := feedback.Key{Sender: sender, Kind: feedback.KindSmiley}
	if value, said := f.take("id"); said {
		k.ID, _ = text(feedback.MaxID)(value)
	}
	if k.ID == "" {
		f.refuse("id", fmt.Sprintf("must be a string of 1 to %d characters: your own name of what was rated", feedback.MaxID))
	}
	if value, said := f.take("kind"); said {
		k.Kind = word[feedback.Kind](value)
	}
	if !k.Kind.Known() {
		f.refuse("kind", "must be "+feedback.OneOf(feedback.Kinds())+", or absent, which is smiley")
	}
	if value, said := f.take("channel"); said {
		k.Channel = word[feedback.Channel](value)
	}
	if !k.Channel.Known() {
		f.refuse("channel", "must be "+feedback.OneOf(feedback.Channels()))
	}
	return k
}

// rating reads the smiley or the score, whichever the kind has. Whether it may
// be absent only the store knows; but when the delivery is refused anyway, that
// it is missing is told at once.
func (f *form) rating(e *feedback.Event) {
	if !e.Kind.Known() {
		return
	}
	value, said := f.take(ratingField(e.Kind))
	if !said {
		if len(f.errors) > 0 {
			f.errors = append(f.errors, missingRating(e.Kind))
		}
		return
	}
	rating, wrong := ratingParser(e.Kind)(value)
	if wrong != "" {
		f.refuse(ratingField(e.Kind), wrong)
		return
	}
	e.Answer.Rating = rating
	e.Mentions[feedback.FieldRating] = true
}

// ratingField is the name of a kind's rating in the own format.
func ratingField(k feedback.Kind) string {
	if k == feedback.KindSmiley {
		return "smiley"
	}
	return "score"
}

// ratingParser reads a kind's rating.
func ratingParser(k feedback.Kind) parser[int] {
	if k == feedback.KindSmiley {
		return smiley
	}
	return between(k.Scale())
}

// missingRating is what is wrong with a first event that has no rating.
func missingRating(k feedback.Kind) problem {
	_, must := ratingParser(k)(nil)
	return problem{Field: ratingField(k), Message: must + "; the first event of a feedback needs it"}
}
