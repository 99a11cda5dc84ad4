package message

import (
	"time"

	"smileybot/feedback/score"
)

// Alert is what team leads read when the smileys dropped.
type Alert struct {
	Key string // of the notice, see [EventNotice]
	// Drops are the comparisons that found the drop: each the score of the last days, with that of the
	// days before as the previous one.
	Drops []score.Report
	// Comments are those of unhappy customers in the days of the first drop that are worth reading.
	Comments []Entry
}

// Alert is a message for the lead channel: what dropped, where, and links to what customers said.
func (r *Renderer) Alert(a Alert) Message {
	said := []line{bold(r.text("alert_head"))}
	for _, drop := range a.Drops {
		now, before := drop.Score, drop.Previous.Score
		said = append(said, textLine(r.text("alert_drop", values{
			"now": r.scoreWords(now), "answers": r.answersWord(now.N), "days": r.periodWords(drop.Period),
			"before": r.scoreWords(before), "before_answers": r.answersWord(before.N), "before_days": r.periodWords(drop.Previous.Period),
			"change": r.changeWords(drop),
		})))
		if where := r.whereWords(drop); where != "" {
			said = append(said, textLine(r.text("alert_where", values{"channel": where})))
		}
	}
	if len(a.Comments) > 0 {
		said = append(said, textLine(r.text("digest_reading", values{"n": len(a.Comments)})))
		for _, e := range a.Comments {
			said = append(said, bullet(r.answerLine(e, time.Time{})))
		}
	}
	channels := ""
	if len(a.Drops) > 0 {
		channels = r.text("alert_channels", values{"days": a.Drops[0].Period.Days()})
	}
	said = append(said, r.line("alert_closer", values{"channels": code(channels), "queue": code(r.queueCommand(QueueWaiting))}))
	return notice(a.Key, lines(said...).block())
}
