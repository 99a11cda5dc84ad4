package message

import (
	"fmt"
	"strings"
	"time"

	"smileybot/feedback"
)

// The words of buttons, modal and messages. Buttons are in Title Case, the rest
// in sentence case.
const (
	separator    = " · "
	wordSomebody = "somebody"
	wordUrgent   = "Urgent"

	wordClaim   = "Claim Follow-Up"
	wordFinish  = "Done…"
	wordRelease = "Release"
	wordReopen  = "Reopen"
	wordOpen    = "Open Follow-Up"

	wordModalTitle         = "Finish Follow-Up"
	wordModalSave          = "Save"
	wordModalCancel        = "Cancel"
	wordOutcome            = "What came out of it?"
	wordOutcomePlaceholder = "Choose an outcome"
	wordNote               = "Note"
	wordNoteHint           = "Shown in the channel, under the feedback."

	wordSuspect = "Suspect: two different smileys came within 10 seconds, so a mail scanner may have clicked. " +
		"The last one counts."
	wordSuspectShort = "Suspect: a mail scanner may have clicked."
	wordExplained    = "Closed itself: the customer explained"
	wordWithdrawn    = "Withdrawn: the customer is happy now"
)

// colourWord is a colour as a sentence begins with it.
func colourWord(s feedback.Smiley) string {
	switch s {
	case feedback.Green:
		return "Green"
	case feedback.Yellow:
		return "Yellow"
	default:
		return "Red"
	}
}

// colourEmoji is the colour as Slack names the emoji, and as the emoji itself.
func colourEmoji(s feedback.Smiley) (name, emoji string) {
	switch s {
	case feedback.Green:
		return "large_green_circle", "🟢"
	case feedback.Yellow:
		return "large_yellow_circle", "🟡"
	default:
		return "red_circle", "🔴"
	}
}

// channelWord is a channel as it stands in a list of facts.
func channelWord(c feedback.Channel) string {
	switch c {
	case feedback.ChannelTicket:
		return "Ticket"
	case feedback.ChannelChat:
		return "Chat"
	case feedback.ChannelPanel:
		return "Panel"
	case feedback.ChannelEmail:
		return "Email"
	case feedback.ChannelPhone:
		return "Phone"
	case feedback.ChannelSocial:
		return "Social"
	case feedback.ChannelReview:
		return "Review"
	}
	return ""
}

// thingWord is what a conversation of a channel is called: an id follows.
func thingWord(c feedback.Channel) string {
	if c == feedback.ChannelChat {
		return "Chat"
	}
	return "Ticket"
}

// ratingWord is a score with its scale; nothing for a smiley, whose colour says
// it all.
func ratingWord(f feedback.Feedback) string {
	_, high := f.Kind.Scale()
	score := fmt.Sprintf("%d/%d", f.Rating, high)
	switch f.Kind {
	case feedback.KindNPS, feedback.KindCSAT, feedback.KindCES, feedback.KindNLS:
		return strings.ToUpper(string(f.Kind)) + " " + score
	case feedback.KindReview:
		filled := min(max(f.Rating, 0), high)
		stars := strings.Repeat("★", filled) + strings.Repeat("☆", high-filled)
		if site := phrase(f.Site, feedback.MaxName); site != "" {
			return fmt.Sprintf("Review %s %s on %s", stars, score, site)
		}
		return fmt.Sprintf("Review %s %s", stars, score)
	case feedback.KindSmiley:
	}
	return ""
}

// outcomeWord is an outcome as a person chooses it.
func outcomeWord(o feedback.Outcome) string {
	switch o {
	case feedback.OutcomeGuideFixed:
		return "Guide fixed"
	case feedback.OutcomeAnswerImproved:
		return "Answer improved"
	case feedback.OutcomeBugReported:
		return "Bug reported"
	case feedback.OutcomeMisunderstanding:
		return "Misunderstanding"
	case feedback.OutcomePriceOrPolicy:
		return "Price or policy"
	case feedback.OutcomeNoReply:
		return "No reply"
	default:
		return "Other"
	}
}

// stateWord is a follow-up's state in a few words, for the end of a sentence.
func stateWord(s feedback.State) string {
	switch s {
	case feedback.StateOpen:
		return "Follow-up open"
	case feedback.StateClaimed:
		return "Follow-up claimed"
	case feedback.StateDone:
		return "Follow-up done"
	case feedback.StateExplained:
		return wordExplained
	case feedback.StateWithdrawn:
		return wordWithdrawn
	case feedback.StateNone:
	}
	return ""
}

// actionWord is the label of an action's button.
func actionWord(a feedback.Action) string {
	switch a {
	case feedback.ActionClaim:
		return wordClaim
	case feedback.ActionFinish:
		return wordFinish
	case feedback.ActionRelease:
		return wordRelease
	case feedback.ActionReopen:
		return wordReopen
	default:
		return wordOpen
	}
}

// countWord is a number of things, of which one is called by the word.
func countWord[T ~int | ~int64](n T, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

const (
	wordCustomerExplained = ", the customer explained"
	wordTest              = "smileybot can post here. This is a test: feedback of customers will look better."

	wordQueueEmpty = "No follow-up waits: every unhappy customer has been heard. Well done! 🎉"
	wordToMessage  = "Message"

	wordHelp    = "What you can ask"
	wordPeriods = "Periods: today, yesterday, week, month, quarter, year, last week, 30d, 2026, 2026-10, 2026-Q3, " +
		"2026-W46, 2026-10-05, 2026-10-01..2026-10-15. With “share” the channel sees the answer too."
)

// commandWord is a command as the help shows it.
type commandWord struct {
	example, meaning string
}

func commandWords() []commandWord {
	return []commandWord{
		{"/nps month", "how likely customers are to recommend us"},
		{"/csat last week", "the share of happy customers"},
		{"/smileys 30d", "happiness: % green minus % red"},
		{"/followups", "who waits to be asked what was wrong"},
		{"/smileybot", "this help and a self-check; /smileybot nps month works as well"},
	}
}

// lateOpenWord says why a click on a follow-up that is open came too late.
func lateOpenWord(wanted feedback.Action) string {
	if wanted == feedback.ActionRelease {
		return "This follow-up is open already: nobody has it."
	}
	return "This follow-up is open already."
}

// ageWord is how long something has lasted, in its largest unit.
func ageWord(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return countWord(int64(d/day), "day")
	case d >= 2*time.Hour:
		return countWord(int64(d/time.Hour), "hour")
	default:
		return countWord(int64(d/time.Minute), "minute")
	}
}
