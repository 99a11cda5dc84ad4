package message

import (
	"strconv"
	"strings"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// NoPeriod says in one sentence, without an end, why words are no period:
// "“2025-W53” is no week of that year". It is plain text, for a terminal, and as
// short as the word is.
func (s *Speaker) NoPeriod(e *score.QueryError) string {
	return s.say("period_none", values{"word": e.Word, "why": s.reasonWords(e.Reason)})
}

// reasonWords are why words are no period, as the end of a sentence about them.
func (s *Speaker) reasonWords(r score.QueryReason) string {
	if r == "" {
		r = score.ReasonUnknown
	}
	return s.say("period_"+string(r), values{"most": s.number(strconv.Itoa(score.LongestDays)), "channels": channelNames()})
}

// channelNames are the channels as they are typed.
func channelNames() string {
	var names []string
	for _, channel := range feedback.Channels() {
		names = append(names, string(channel))
	}
	return strings.Join(names, ", ")
}

// periodWords are the days of a period: "today", "21 November 2026", "week 46 of
// 2026", "November 2026 so far", "Q3 2026", "2026", "last 30 days" or "1–15
// October 2026".
func (s *Speaker) periodWords(p score.Period) string {
	switch {
	case p.Running && p.Unit == score.UnitDay:
		return s.say("period_today")
	case p.Running:
		return s.say("period_so_far", values{"period": s.unitWords(p)})
	default:
		return s.unitWords(p)
	}
}

func (s *Speaker) unitWords(p score.Period) string {
	year, month, _ := p.From.Date()
	switch p.Unit {
	case score.UnitDay:
		return s.dayWords("period_day", p.From)
	case score.UnitWeek:
		isoYear, week := p.From.ISOWeek()
		return s.say("period_week", values{"week": week, "year": isoYear})
	case score.UnitMonth:
		return s.say("period_month", values{"month": s.month("months", month), "year": year})
	case score.UnitQuarter:
		return s.say("period_quarter", values{"quarter": p.Quarter(), "year": year})
	case score.UnitYear:
		return strconv.Itoa(year)
	case score.UnitDays:
		return s.say("period_days", values{"n": p.Days()})
	default:
		return s.rangeWords(p)
	}
}

// dayWords name a day, in a sentence that says as much of it as is needed.
func (s *Speaker) dayWords(key string, d office.Day) string {
	year, month, day := d.Date()
	return s.say(key, values{"day": day, "month": s.month("months", month), "year": year})
}

// rangeWords name a range without repeating the month or year that both its ends
// share.
func (s *Speaker) rangeWords(p score.Period) string {
	fromYear, fromMonth, fromDay := p.From.Date()
	year, month, _ := p.To.Date()
	end := s.dayWords("period_day", p.To)
	switch {
	case p.From == p.To:
		return end
	case fromYear != year:
		return s.say("period_range", values{"from": s.dayWords("period_day", p.From), "to": end})
	case fromMonth != month:
		return s.say("period_range", values{"from": s.dayWords("period_day_of_year", p.From), "to": end})
	default:
		return s.say("period_range_of_month", values{"from": fromDay, "to": end})
	}
}
