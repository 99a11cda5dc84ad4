package message

import (
	"fmt"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
)

// separator stands between facts, in every language.
const separator = " · "

// colourWord is a colour as a sentence begins with it.
func (s *Speaker) colourWord(c feedback.Smiley) string { return s.say("colour_" + colourKey(c)) }

// smileyWord is a smiley of a colour as a sentence begins with it.
func (s *Speaker) smileyWord(c feedback.Smiley) string { return s.say("smiley_" + colourKey(c)) }

func colourKey(c feedback.Smiley) string {
	switch c {
	case feedback.Green, feedback.Yellow:
		return string(c)
	default:
		return string(feedback.Red)
	}
}

// colourEmoji is the colour as Slack names the emoji, and as the emoji itself.
func colourEmoji(c feedback.Smiley) (name, emoji string) {
	switch c {
	case feedback.Green:
		return "large_green_circle", "🟢"
	case feedback.Yellow:
		return "large_yellow_circle", "🟡"
	default:
		return "red_circle", "🔴"
	}
}

// channelWord is a channel as it stands in a list of facts.
func (s *Speaker) channelWord(c feedback.Channel) string {
	if c == "" {
		return ""
	}
	return s.say("channel_" + string(c))
}

// thing names the conversation: "Ticket 4711: Website offline". Of a review it is the
// title.
func (s *Speaker) thing(f feedback.Feedback) string {
	subject := phrase(f.Ticket.Subject, feedback.MaxName)
	id := phrase(f.Ticket.ID, feedback.MaxID)
	if id == "" || f.Kind == feedback.KindReview && subject != "" {
		return subject
	}
	key := "thing_ticket"
	if f.Channel == feedback.ChannelChat {
		key = "thing_chat"
	}
	named := s.say(key, values{"id": id})
	if subject == "" {
		return named
	}
	return named + ": " + subject
}

// ratingWord is a score with its scale; nothing for a smiley, whose colour says
// it all.
func (s *Speaker) ratingWord(f feedback.Feedback) string {
	_, high := f.Kind.Scale()
	score := fmt.Sprintf("%d/%d", f.Rating, high)
	switch f.Kind {
	case feedback.KindNPS, feedback.KindCSAT, feedback.KindCES, feedback.KindNLS:
		return strings.ToUpper(string(f.Kind)) + " " + score
	case feedback.KindReview:
		return flatWords(s.reviewLine(f, ""))
	case feedback.KindSmiley:
	}
	return ""
}

// outcomeWord is an outcome as a person chooses it.
func (s *Speaker) outcomeWord(o followup.Outcome) string {
	if !o.Known() {
		o = followup.OutcomeOther
	}
	return s.say("outcome_" + string(o))
}

// stateWord is a follow-up's state in a few words, for the end of a sentence.
func (s *Speaker) stateWord(v followup.Snapshot) string {
	switch state := v.FollowUp.State; {
	case state == followup.StateNone:
		return ""
	case v.Feedback.Kind == feedback.KindReview && (state.Pending() || state == followup.StateDone):
		return s.say("state_review_" + string(state))
	case state == followup.StateWithdrawn && v.Feedback.Voided():
		return s.say("state_withdrawn_void")
	default:
		return s.say("state_" + string(state))
	}
}

// actionWord is the label of an action's button.
func (s *Speaker) actionWord(a followup.Action) string { return s.say("action_" + string(a)) }

// ageWord is how long something has lasted, in its largest unit.
func (s *Speaker) ageWord(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return s.say("days", values{"n": int64(d / day)})
	case d >= 2*time.Hour:
		return s.say("hours", values{"n": int64(d / time.Hour)})
	default:
		return s.say("minutes", values{"n": int64(d / time.Minute)})
	}
}
