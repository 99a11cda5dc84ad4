package message

import (
	"fmt"
	"strconv"

	"smileybot/feedback"
)

// NoPeriod says in one sentence, without an end, why words are no period:
// "“2025-W53” is no week of that year". It is plain text, for a terminal, and as
// short as the word is.
func NoPeriod(e *feedback.PeriodError) string {
	return "“" + e.Word + "” " + reasonWords(e.Reason)
}

// reasonWords are why words are no period, as the end of a sentence about them.
func reasonWords(r feedback.PeriodReason) string {
	switch r {
	case feedback.PeriodNoDate:
		return "is no date of the calendar"
	case feedback.PeriodNoWeek:
		return "is no week of that year"
	case feedback.PeriodFuture:
		return "has not begun yet"
	case feedback.PeriodBackwards:
		return "ends before it begins"
	case feedback.PeriodLength:
		return fmt.Sprintf("must be 1 to %d days", feedback.LongestDays)
	default:
		return "is not a period I know"
	}
}

// periodWords are the days of a period: "today", "21 November 2026", "week 46 of
// 2026", "November 2026 so far", "Q3 2026", "2026", "last 30 days" or "1–15
// October 2026".
func periodWords(p feedback.Period) string {
	switch {
	case p.Running && p.Unit == feedback.UnitDay:
		return "today"
	case p.Running:
		return unitWords(p) + " so far"
	default:
		return unitWords(p)
	}
}

func unitWords(p feedback.Period) string {
	year, month, day := p.From.Date()
	switch p.Unit {
	case feedback.UnitDay:
		return fmt.Sprintf("%d %s %d", day, month, year)
	case feedback.UnitWeek:
		isoYear, week := p.From.ISOWeek()
		return fmt.Sprintf("week %d of %d", week, isoYear)
	case feedback.UnitMonth:
		return fmt.Sprintf("%s %d", month, year)
	case feedback.UnitQuarter:
		return fmt.Sprintf("Q%d %d", p.Quarter(), year)
	case feedback.UnitYear:
		return strconv.Itoa(year)
	case feedback.UnitDays:
		return "last " + countWord(p.Days(), "day")
	default:
		return rangeWords(p)
	}
}

// rangeWords name a range without repeating the month or year that both its ends
// share.
func rangeWords(p feedback.Period) string {
	fromYear, fromMonth, fromDay := p.From.Date()
	year, month, day := p.To.Date()
	end := fmt.Sprintf("%d %s %d", day, month, year)
	switch {
	case p.From == p.To:
		return end
	case fromYear != year:
		return fmt.Sprintf("%d %s %d – %s", fromDay, fromMonth, fromYear, end)
	case fromMonth != month:
		return fmt.Sprintf("%d %s – %s", fromDay, fromMonth, end)
	default:
		return fmt.Sprintf("%d–%s", fromDay, end)
	}
}
