package score

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
)

// Digest is what a team lead reads about a week, a month, or both, that ended.
type Digest struct {
	Parts []DigestPart
	// PeriodScore are the comments worth reading, see [WorthReading].
	Comments []followup.Snapshot
}

// Empty reports whether nothing happened that could be told.
func (d Digest) Empty() bool {
	return !slices.ContainsFunc(d.Parts, func(p DigestPart) bool { return !p.Empty() })
}

// DigestPart is what a digest tells of one period.
type DigestPart struct {
	Period Period
	// Scores are those with an answer in the period or in the one before.
	Scores []Report
	FollowUpStats
}

// Empty reports whether nothing happened.
func (p DigestPart) Empty() bool {
	answers := slices.ContainsFunc(p.Scores, func(r Report) bool { return r.Score.N > 0 || r.Voided > 0 })
	return !answers && p.FollowUps.Opened == 0 && p.Recovery.All == 0 && len(p.Outcomes) == 0
}

// Dropped lists the scores that are lower than before, and really so.
func (p DigestPart) Dropped() []Report {
	var dropped []Report
	for _, r := range p.Scores {
		if r.Significance() == Significant && r.Change().Sign() < 0 {
			dropped = append(dropped, r)
		}
	}
	return dropped
}

// DigestPeriods are what a digest on the morning of a day is about: the week that ended
// when it is the first office day of its ISO week, the month that ended when it is the
// first of its month; none on any other day.
func DigestPeriods(h office.Hours, day office.Day) []Period {
	var periods []Period
	for _, unit := range []Unit{UnitWeek, UnitMonth} {
		if !h.FirstOfficeDay(day, unitOf(unit, day).From) {
			continue
		}
		ended := unitOf(unit, unitOf(unit, day).From-1)
		periods = append(periods, ended)
	}
	return periods
}

// NextDigest is the first moment after t at which a digest is due: the opening of an
// office day that is the first of its week or month. Should there be none for two
// years, it is the next local midnight.
func NextDigest(h office.Hours, after time.Time) time.Time {
	at := after
	for range 2 * 366 { // offices do not stay closed for so long
		at = h.NextOpening(at)
		if day := office.DayOf(at, h.Location()); len(DigestPeriods(h, day)) > 0 {
			return at
		}
	}
	return h.NextOpening(after)
}

// Typed are how a period of a calendar unit is typed, see [ParsePeriod]: 2026-W47,
// 2026-10.
func (p Period) Typed() string {
	year, month, _ := p.From.Date()
	switch p.Unit {
	case UnitWeek:
		year, week := p.From.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case UnitMonth:
		return fmt.Sprintf("%04d-%02d", year, month)
	default:
		return p.From.String() + ".." + p.To.String()
	}
}

// tellingLength is how many characters of a comment make it more worth reading; beyond them
// it is only longer.
const tellingLength = 300

// WorthReading picks at most n comments that teach a team most, the most telling first:
// of customers who were unhappy, red before yellow, and, when there is room for more
// than one, one of somebody who was happy, because praise is read gladly and says what
// to keep. A longer explanation tells more than a shorter one, a later one is closer
// to what can still be mended. No customer and no ticket is there twice. What is void
// or has no comment is not picked.
func WorthReading(cases []followup.Snapshot, n int) []followup.Snapshot {
	sorted := slices.DeleteFunc(slices.Clone(cases), func(c followup.Snapshot) bool { return c.Feedback.Voided() || !c.Feedback.Explained() })
	slices.SortStableFunc(sorted, func(a, b followup.Snapshot) int { return compareTelling(a.Feedback, b.Feedback) })
	var happy, picked []followup.Snapshot
	for _, c := range sorted {
		switch {
		case slices.ContainsFunc(append(picked, happy...), func(other followup.Snapshot) bool { return sameSubject(c.Feedback, other.Feedback) }):
		case c.Feedback.Colour() == feedback.Green:
			happy = append(happy, c)
		default:
			picked = append(picked, c)
		}
	}
	praise := max(min(len(happy), n-len(picked)), 0)
	if praise == 0 && len(happy) > 0 && n > 1 {
		praise = 1
	}
	return append(picked[:min(len(picked), n-praise)], happy[:praise]...)
}

// compareTelling puts unhappier before happier, longer before shorter comments, later
// before earlier.
func compareTelling(a, b feedback.Feedback) int {
	length := func(f feedback.Feedback) int { return min(len([]rune(f.Comment)), tellingLength) }
	return cmp.Or(cmp.Compare(a.Colour().Value(), b.Colour().Value()), cmp.Compare(length(b), length(a)),
		b.OccurredAt.Compare(a.OccurredAt), cmp.Compare(a.ID, b.ID))
}

// sameSubject tells whether two feedbacks are of one customer or about one ticket.
func sameSubject(a, b feedback.Feedback) bool {
	same := func(x, y string) bool { return x != "" && x == y }
	return same(a.Customer.ID, b.Customer.ID) || same(a.Customer.Email, b.Customer.Email) ||
		a.Sender == b.Sender && same(a.Ticket.ID, b.Ticket.ID)
}
