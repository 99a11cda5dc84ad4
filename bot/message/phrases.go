package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// separator is between facts, in every language.
const separator = " · "

// A colour is how a smiley is shown: the end of its keys, its emoji, and the emoji's name in Slack.
type colour struct{ key, emoji, name string }

func colourOf(s feedback.Smiley) colour {
	switch s {
	case feedback.Green:
		return colour{string(s), "🟢", "large_green_circle"}
	case feedback.Yellow:
		return colour{string(s), "🟡", "large_yellow_circle"}
	default:
		return colour{string(feedback.Red), "🔴", "red_circle"}
	}
}

func (r *Renderer) channelWord(c feedback.Channel) string {
	if c == "" {
		return ""
	}
	return r.text("channel_" + string(c))
}

// describeSubject names the conversation: "Ticket 4711: Website offline". For a review it is the
// title.
func (r *Renderer) describeSubject(f feedback.Feedback) string {
	subject := phrase(f.Ticket.Subject, feedback.MaxName)
	id := phrase(f.Ticket.ID, feedback.MaxID)
	if id == "" || f.Kind == feedback.KindReview && subject != "" {
		return subject
	}
	key := "thing_ticket"
	if f.Channel == feedback.ChannelChat {
		key = "thing_chat"
	}
	named := r.text(key, values{"id": id})
	if subject == "" {
		return named
	}
	return named + ": " + subject
}

// subject describes what was rated without the customer's words, for notices and bulletins. For a
// review it is the stars, because the title is the customer's.
func (r *Renderer) subject(f feedback.Feedback) string {
	if f.Kind == feedback.KindReview {
		return r.ratingWord(f)
	}
	return r.describeSubject(f)
}

// ratingWord is a score with its scale. It is empty for a smiley, whose colour says everything.
func (r *Renderer) ratingWord(f feedback.Feedback) string {
	_, high := f.Kind.Scale()
	score := fmt.Sprintf("%d/%d", f.Rating, high)
	switch f.Kind {
	case feedback.KindNPS, feedback.KindCSAT, feedback.KindCES, feedback.KindNLS:
		return strings.ToUpper(string(f.Kind)) + " " + score
	case feedback.KindReview:
		return lineText(r.reviewLine(f, ""))
	case feedback.KindSmiley:
	}
	return ""
}

func (r *Renderer) outcomeWord(o followup.Outcome) string {
	if !o.Known() {
		o = followup.OutcomeOther
	}
	return r.text("outcome_" + string(o))
}

// stateWord is a follow-up's state in a few words, for the end of a sentence.
func (r *Renderer) stateWord(v followup.Snapshot) string {
	switch state := v.FollowUp.State; {
	case state == followup.StateNone:
		return ""
	case v.Feedback.Kind == feedback.KindReview && (state.Pending() || state == followup.StateDone):
		return r.text("state_review_" + string(state))
	case state == followup.StateWithdrawn && v.Feedback.Voided():
		return r.text("state_withdrawn_void")
	default:
		return r.text("state_" + string(state))
	}
}

func (r *Renderer) ageWord(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return r.text("days", values{"n": int64(d / day)})
	case d >= 2*time.Hour:
		return r.text("hours", values{"n": int64(d / time.Hour)})
	default:
		return r.text("minutes", values{"n": int64(d / time.Minute)})
	}
}

// NoPeriod says why words are not a period or filter, in a sentence without a full stop, and asks
// whether others were meant: "“2025-W53” is not a week of that year". It is plain text for a terminal,
// and does not shorten the words.
func (r *Renderer) NoPeriod(e *score.QueryError) string {
	why := r.text("period_none", values{"word": e.Word, "why": r.reasonWords(e.Reason)})
	return joinedBy(". ", why, r.nearWords(e.Near))
}

// reasonWords say why words are not a period, as the end of a sentence about them.
func (r *Renderer) reasonWords(reason score.QueryReason) string {
	if reason == "" {
		reason = score.ReasonUnknown
	}
	var channels []string
	for _, channel := range feedback.Channels() {
		channels = append(channels, string(channel))
	}
	return r.text("period_"+string(reason), values{"most": r.count(int64(score.LongestDays)), "channels": strings.Join(channels, ", ")})
}

// periodWords name the days of a period: "today", "21 November 2026", "week 46 of 2026", "November
// 2026 so far", "Q3 2026", "2026", "last 30 days" or "1–15 October 2026".
func (r *Renderer) periodWords(p score.Period) string {
	switch {
	case p.Running && p.Unit == score.UnitDay:
		return r.text("period_today")
	case p.Running:
		return r.text("period_so_far", values{"period": r.unitWords(p)})
	default:
		return r.unitWords(p)
	}
}

// previousWords name the period that another one is compared with, and until when a day counts: "October
// 2026", "30 November 2026 until 15:30".
func (r *Renderer) previousWords(p score.Period) string {
	days := r.unitWords(p)
	if p.Until.IsZero() {
		return days
	}
	return r.text("period_until", values{"day": days, "time": p.Until.Format("15:04")})
}

func (r *Renderer) unitWords(p score.Period) string {
	year, month, _ := p.From.Date()
	switch p.Unit {
	case score.UnitDay:
		return r.dayWords("period_day", p.From)
	case score.UnitWeek:
		isoYear, week := p.From.ISOWeek()
		return r.text("period_week", values{"week": week, "year": isoYear})
	case score.UnitMonth:
		return r.text("period_month", values{"month": r.month("months", month), "year": year})
	case score.UnitQuarter:
		return r.text("period_quarter", values{"quarter": p.Quarter(), "year": year})
	case score.UnitYear:
		return strconv.Itoa(year)
	case score.UnitDays:
		return r.text("period_days", values{"n": p.Days()})
	default:
		return r.rangeWords(p)
	}
}

func (r *Renderer) dayWords(key string, d office.Day) string {
	year, month, day := d.Date()
	return r.text(key, values{"day": day, "month": r.month("months", month), "year": year})
}

// rangeWords name a range without repeating the month or year that both ends share.
func (r *Renderer) rangeWords(p score.Period) string {
	fromYear, fromMonth, fromDay := p.From.Date()
	year, month, _ := p.To.Date()
	end := r.dayWords("period_day", p.To)
	switch {
	case p.From == p.To:
		return end
	case fromYear != year:
		return r.text("period_range", values{"from": r.dayWords("period_day", p.From), "to": end})
	case fromMonth != month:
		return r.text("period_range", values{"from": r.dayWords("period_day_of_year", p.From), "to": end})
	default:
		return r.text("period_range_of_month", values{"from": fromDay, "to": end})
	}
}
