package message

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// ActionID is the action_id of an action's button, whose value is the feedback's
// id.
func ActionID(a feedback.Action) string { return "followup_" + string(a) }

// ParseActionID is the action of a button; ok is false for what is no button of
// ours.
func ParseActionID(id string) (a feedback.Action, ok bool) {
	for _, a := range feedback.Actions() {
		if ActionID(a) == id {
			return a, true
		}
	}
	return "", false
}

// BlockID names the buttons of one revision of a message, so that a click on an
// old copy can be told from one on the present.
func BlockID(feedbackID string, revision int64) string {
	return fmt.Sprintf("feedback:%s:%d", feedbackID, revision)
}

// RevisionOf is the revision that a [BlockID] names; 0, which none has, when it is
// none of ours.
func RevisionOf(blockID string) int64 {
	parts := strings.Split(blockID, ":")
	if len(parts) != 3 || parts[0] != "feedback" {
		return 0
	}
	revision, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return 0
	}
	return revision
}

// buttons are what can be done with the follow-up. The first is the primary
// one while somebody has to do something. To those who hear it, each also tells
// what it is about: in a channel there are many of the same name.
func (s *Speaker) buttons(v feedback.Case) slack.Block {
	var elements []slack.BlockElement
	for i, action := range v.FollowUp.State.Actions() {
		name := s.actionWord(action)
		button := slack.NewButtonBlockElement(ActionID(action), v.Feedback.ID, plain(name))
		button.AccessibilityLabel = cut(joinedBy(", ", name, s.about(v.Feedback)), maxLabelUnits)
		if i == 0 && v.FollowUp.State.Active() {
			button.WithStyle(slack.StylePrimary)
		}
		elements = append(elements, button)
	}
	return slack.NewActionBlock(BlockID(v.Feedback.ID, v.Feedback.Revision), elements...)
}

// standing tells where the follow-up stands, and what came out of it.
func (s *Speaker) standing(v feedback.Case) []slack.RichTextElement {
	state := s.stateLine(v)
	if len(state) == 0 {
		return nil
	}
	elements := []slack.RichTextElement{state.section()}
	if note := prose(v.FollowUp.Note); note != "" && v.FollowUp.State == feedback.StateDone {
		elements = append(elements, quote(cut(note, maxNoteUnits)))
	}
	return elements
}

func (s *Speaker) stateLine(v feedback.Case) line {
	var l line
	switch f := v.FollowUp; f.State {
	case feedback.StateOpen:
		l.bold(s.say("state_open"))
		l.join(s.when(f.OpenedAt, "since"))
		l.fact(s.when(f.DueAt, "due"))
	case feedback.StateClaimed:
		l.join(s.line("claimed_by", values{"claimed": bold(s.say("claimed")), "who": s.user(f.Claimer)}))
		l.fact(s.time(f.ChangedAt))
		l.fact(s.when(f.DueAt, "due"))
	case feedback.StateDone:
		l.join(s.line("done_by", values{"done": bold(s.say("done")), "who": s.user(f.ChangedBy)}))
		l.dot()
		l.text(s.outcomeWord(f.Outcome))
		l.fact(s.time(f.ChangedAt))
	case feedback.StateExplained, feedback.StateWithdrawn:
		l.text(s.stateWord(v))
		l.fact(s.time(f.ChangedAt))
	case feedback.StateNone:
	}
	return l
}
