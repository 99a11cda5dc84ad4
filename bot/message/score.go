package message

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Score answers a question for one or more scores of the same period, the main
// one first, computed at that moment. Its text begins with the name and the
// figure of the main one: "NPS +42".
func (s *Speaker) Score(reports []feedback.Report, computed time.Time) Answer {
	var blocks []slack.Block
	for _, report := range reports {
		blocks = append(blocks, rich(s.scoreLine(report).section()))
	}
	at := s.say("computed", values{"time": date(computed, s.moment(computed))})
	return answer(append(blocks, slack.NewContextBlock("", mrkdwn(at)))...)
}

// scoreLine is one score with all that is needed to judge it.
func (s *Speaker) scoreLine(r feedback.Report) line {
	var l line
	l.bold(s.scoreWords(r.Score))
	l.dot()
	l.text(s.periodWords(r.Period))
	for _, said := range []line{
		text(s.splitWords(r.Score)),
		text(s.meanWords(r.Score)),
		text(s.marginWords(r.Score)),
		text(s.indicativeWords(r.Score)),
		s.previousLine(r),
		text(s.voidedWords(r.Voided)),
	} {
		if len(said) > 0 {
			l.text("\n")
			l.join(said)
		}
	}
	return l
}

// percentOf is a part of all answers in whole percent, half rounded up.
func percentOf(part, all int64) string {
	return fmt.Sprintf("%d%%", (200*part+all)/(2*all))
}
