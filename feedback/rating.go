package feedback

import (
	"slices"
	"strconv"
)

// Smiley is the colour of an answer: one of the three faces a customer can click, or the colour in
// which a score is shown (see [Kind.Colour]).
type Smiley string

// The three smileys.
const (
	Green  Smiley = "green"
	Yellow Smiley = "yellow"
	Red    Smiley = "red"
)

// Smileys lists the smileys from worst to best: index + 1 is the [Smiley.Value].
func Smileys() []Smiley { return []Smiley{Red, Yellow, Green} }

// Value is the number under which a smiley is stored and tallied: 1 red, 2 yellow, 3 green, and 0
// for anything else.
func (s Smiley) Value() int { return slices.Index(Smileys(), s) + 1 }

// Unhappy reports whether the colour is yellow or red.
func (s Smiley) Unhappy() bool { return s == Yellow || s == Red }

// Kind is the question that was asked.
type Kind string

// The kinds of feedback, with the scale of each.
const (
	KindSmiley Kind = "smiley" // green, yellow or red
	KindNPS    Kind = "nps"    // 0–10: how likely are you to recommend us
	KindCSAT   Kind = "csat"   // 1–5: how satisfied are you
	KindCES    Kind = "ces"    // 1–7: it was easy to get this solved
	KindNLS    Kind = "nls"    // 0–10: how likely are you to come back
	KindReview Kind = "review" // 1–5 stars on a review site
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{KindSmiley, KindNPS, KindCSAT, KindCES, KindNLS, KindReview}
}

// Known reports whether the kind is one of [Kinds].
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Scale is the lowest and the highest rating of the kind, both included. For
// smileys these are the values of [Smiley.Value].
func (k Kind) Scale() (low, high int) {
	switch k {
	case KindSmiley:
		return Red.Value(), Green.Value()
	case KindNPS, KindNLS:
		return 0, 10
	case KindCES:
		return 1, 7
	case KindCSAT, KindReview:
		return 1, 5
	}
	return 0, -1
}

// Colour is the smiley of a rating of this kind: NPS and NLS 0–6 red, 7–8 yellow, 9–10 green; CSAT
// and reviews 1–2, 3, 4–5; CES 1–3, 4, 5–7.
func (k Kind) Colour(rating int) Smiley {
	switch k {
	case KindSmiley:
		return Smileys()[min(max(rating, 1), 3)-1]
	case KindNPS, KindNLS:
		return colour(rating, 7, 9)
	case KindCES:
		return colour(rating, 4, 5)
	case KindCSAT, KindReview:
		return colour(rating, 3, 4)
	}
	return Red
}

// colour is red below yellow, green from green on.
func colour(rating, yellow, green int) Smiley {
	switch {
	case rating >= green:
		return Green
	case rating >= yellow:
		return Yellow
	default:
		return Red
	}
}

// Channel is where the customer was asked.
type Channel string

// The channels of feedback.
const (
	ChannelTicket Channel = "ticket"
	ChannelChat   Channel = "chat"
	ChannelPanel  Channel = "panel"
	ChannelEmail  Channel = "email"
	ChannelPhone  Channel = "phone"
	ChannelSocial Channel = "social"
	ChannelReview Channel = "review"
)

// Channels lists every channel.
func Channels() []Channel {
	return []Channel{
		ChannelTicket, ChannelChat, ChannelPanel, ChannelEmail,
		ChannelPhone, ChannelSocial, ChannelReview,
	}
}

// Known reports whether the channel is one of [Channels].
func (c Channel) Known() bool { return slices.Contains(Channels(), c) }

// RatingText is a rating in the words of our format: the colour of a smiley, or the score in digits.
func (k Kind) RatingText(rating int) string {
	if k == KindSmiley {
		return string(k.Colour(rating))
	}
	return strconv.Itoa(rating)
}
