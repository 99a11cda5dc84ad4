package score

import "smileybot/feedback/office"

// The spans of an alert, in days. They are this project's; docs/scores.md has what they find, and how
// often they find what is not there.
const (
	suddenDays   = 7
	suddenBefore = 28
	slowDays     = 28
	slowBefore   = 91
)

// AlertAnswers is how many answers the alert needs on both sides of a comparison, as many as a score
// that is not only indicative.
const AlertAnswers = SolidAnswers

// Alert has the two comparisons of smileys that the alert of a morning is about. Both take whole days
// that ended with yesterday.
type Alert struct {
	// Sudden compares the last 7 days with the 28 before them.
	Sudden Report
	// Slow compares the last 28 days with the 91 before them. It finds a drop that is too small for a
	// week, or that comes in small steps.
	Slow Report
}

// NewAlert makes the alert of a morning from the scores of its periods.
func NewAlert(morning office.Day, of func(Period) (PeriodScore, error)) (Alert, error) {
	compare := func(days, before int) (Report, error) {
		recent := Period{From: morning.Add(-days), To: morning.Add(-1), Unit: UnitRange}
		now, err := of(recent)
		if err != nil {
			return Report{}, err
		}
		earlier, err := of(Period{From: recent.From.Add(-before), To: recent.From.Add(-1), Unit: UnitRange})
		return Compare(now, earlier), err
	}
	sudden, err := compare(suddenDays, suddenBefore)
	if err != nil {
		return Alert{}, err
	}
	slow, err := compare(slowDays, slowBefore)
	return Alert{Sudden: sudden, Slow: slow}, err
}

// SameDrop are the mornings before one on which a sudden drop may be the slow one of that morning: a
// sudden drop makes a slow one in the weeks after it.
func SameDrop(morning office.Day) (from, to office.Day) {
	return morning.Add(-slowDays), morning.Add(-1)
}

// Drops are the comparisons that found a significant drop, see [Report.SignificantDrop].
func (a Alert) Drops() []Report { return a.where(Report.SignificantDrop) }

// Blind are the comparisons that cannot find a drop, because they have too few answers. There are
// none without any smiley: that team asks other questions.
func (a Alert) Blind() []Report {
	if a.Slow.Score.N == 0 && a.Slow.Previous.Score.N == 0 {
		return nil
	}
	return a.where(func(r Report) bool { return !r.Comparable() })
}

func (a Alert) where(is func(Report) bool) []Report {
	var found []Report
	for _, r := range []Report{a.Sudden, a.Slow} {
		if is(r) {
			found = append(found, r)
		}
	}
	return found
}

// Comparable reports whether both sides have the answers that the alert needs.
func (r Report) Comparable() bool {
	return r.Score.N >= AlertAnswers && r.Previous.Score.N >= AlertAnswers
}

// SignificantDrop reports whether the score has dropped by more than chance explains: it is lower
// than before, with at least 30 answers on both sides and |z| > 2.58, see [Report.SignificanceOfMany].
func (r Report) SignificantDrop() bool {
	return r.Comparable() && r.Change().Sign() < 0 && r.SignificanceOfMany() == Significant
}
