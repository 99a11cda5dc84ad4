package message

import (
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"smileybot/feedback"
)

// Score answers a question for one or more scores of the same period, the main
// one first, computed at that moment, with the chart of a trend where there is one.
// Its text begins with the name and the figure of the main one: "NPS +42".
func (s *Speaker) Score(reports []feedback.Report, computed time.Time) Answer {
	var scores []slack.Block
	for _, report := range reports {
		scores = append(scores, rich(s.scoreLine(report).section()))
	}
	at := slack.NewContextBlock("", mrkdwn(s.say("computed", values{"time": date(computed, s.moment(computed))})))
	trend := trendOf(reports)
	if trend == nil {
		return answer(append(scores, at)...)
	}
	told := answer(slices.Concat(scores, []slack.Block{rich(text(s.sparkline(trend)).section()), at})...)
	return Answer{
		Text:      told.Text,
		Blocks:    slices.Concat(scores, []slack.Block{s.chart(trend), slack.NewContextBlock("", plain(s.caption(trend))), at}),
		Chartless: told.Blocks,
	}
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
