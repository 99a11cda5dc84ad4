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
func Score(reports []feedback.Report, computed time.Time, o Options) Answer {
	var blocks []slack.Block
	for _, report := range reports {
		blocks = append(blocks, rich(scoreLine(report).section()))
	}
	small := slack.NewContextBlock("", mrkdwn("Computed "+when(computed, moment(computed, o.Zone))))
	return answer(append(blocks, small)...)
}

// scoreLine is one score with all that is needed to judge it.
func scoreLine(r feedback.Report) line {
	var l line
	l.bold(scoreWords(r.Score))
	l.dot()
	l.text(periodWords(r.Period))
	for _, words := range []string{
		splitWords(r.Score),
		meanWords(r.Score),
		marginWords(r.Score),
		indicativeWords(r.Score),
		previousWords(r),
		voidedWords(r.Voided),
	} {
		if words != "" {
			l.text("\n" + words)
		}
	}
	return l
}

// percentOf is a part of all answers in whole percent, half rounded up.
func percentOf(part, all int64) string {
	return fmt.Sprintf("%d%%", (200*part+all)/(2*all))
}
