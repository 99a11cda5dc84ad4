package message

import (
	"strings"

	"github.com/slack-go/slack"
)

// Unchecked tells that Slack could not be asked who somebody is.
func (s *Speaker) Unchecked() Answer { return s.told("click_unchecked") }

// Counted tells that a click on an old copy was good all the same.
func (s *Speaker) Counted() Answer { return s.told("click_counted") }

// NotCounted tells that a click on an old copy was not good.
func (s *Speaker) NotCounted() Answer { return s.told("click_not_counted") }

// FormFailed tells that Slack did not open the form.
func (s *Speaker) FormFailed() Answer { return s.told("form_failed") }

// UnknownOutcome tells that a form came with an outcome that there is not.
func (s *Speaker) UnknownOutcome() Answer { return s.told("form_outcome_unknown") }

// ReasonMissing tells that a form came without a reason.
func (s *Speaker) ReasonMissing() Answer { return s.told("void_reason_missing") }

// UnknownSnooze tells that a select came with a time that there is not.
func (s *Speaker) UnknownSnooze() Answer { return s.told("snooze_unknown") }

// NoteBack gives a note or a reason back that was not kept, whole, so that it can be copied;
// without a note there is nothing to say.
func (s *Speaker) NoteBack(note string) Answer {
	note = prose(note)
	if note == "" {
		return Answer{}
	}
	var l line
	l.text(s.say("form_note_back"))
	intro := flat([]slack.Block{rich(l.section())})
	return Answer{
		Text:   intro + "\n" + escapeWithin(note, maxTextBytes-len(intro)-1),
		Blocks: []slack.Block{rich(l.section(), quote(note))},
	}
}

// Together is several answers in one.
func Together(answers ...Answer) Answer {
	var texts []string
	var all Answer
	for _, a := range answers {
		if a.Text != "" {
			texts = append(texts, a.Text)
		}
		all.Blocks = append(all.Blocks, a.Blocks...)
	}
	all.Text = strings.Join(texts, "\n")
	return all
}
