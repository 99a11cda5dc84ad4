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

// Digest is the report for team leads about a week, a month, or both.
type Digest struct {
	Parts []DigestPart
	// Comments are the comments worth reading, see [WorthReading].
	Comments []followup.Snapshot
	// Alert is that of the day after the first period. Those of its comparisons that are [Alert.Blind] are
	// named.
	Alert Alert
}

// Empty reports whether there is nothing to report.
func (d Digest) Empty() bool {
	return !slices.ContainsFunc(d.Parts, func(p DigestPart) bool { return !p.Empty() })
}

// DigestPart is the report about one period.
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

// Dropped lists the scores that are significantly lower than before, Risen those that are higher.
// Several are read together, so [Report.SignificanceOfMany] decides.
func (p DigestPart) Dropped() []Report { return p.moved(-1) }

// Risen is explained at [DigestPart.Dropped].
func (p DigestPart) Risen() []Report { return p.moved(+1) }

func (p DigestPart) moved(sign int) []Report {
	var moved []Report
	for _, r := range p.Scores {
		if r.SignificanceOfMany() == Significant && r.Change().Sign() == sign {
			moved = append(moved, r)
		}
	}
	return moved
}

// Greens is how many of all smileys of the period are green.
func (p DigestPart) Greens() (green, all int64) {
	for _, r := range p.Scores {
		if r.Score.Metric == MetricSmileys {
			return r.Score.top, r.Score.N
		}
	}
	return 0, 0
}

// DigestPeriods are the periods of the digest on the morning of a day: the week that ended when day
// is the first office day of its ISO week, the month that ended when it is the first of its month,
// nothing on other days.
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

// NextDigest is the first moment after t at which a digest is due: the opening of an office day
// that is the first of its week or month. If there is none for two years, it is the next opening.
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

// Typed is how a person types a period of a calendar unit, see [ParsePeriod]: 2026-W47, 2026-10.
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

// tellingLength is the number of characters up to which a longer comment is more worth reading.
const tellingLength = 300

// WorthReading picks at most n comments that teach a team most: those of unhappy customers, red
// before yellow, and one of a happy customer when n is more than one, because praise says what to
// keep. A longer explanation goes before a shorter one, a later one before an earlier one. No
// customer and no ticket appears twice. Voided feedback and feedback without a comment is not
// picked.
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

// OnePerCustomer keeps the first of the feedbacks of each customer and about each ticket.
func OnePerCustomer(cases []followup.Snapshot) []followup.Snapshot {
	var kept []followup.Snapshot
	for _, c := range cases {
		if !slices.ContainsFunc(kept, func(other followup.Snapshot) bool { return sameSubject(c.Feedback, other.Feedback) }) {
			kept = append(kept, c)
		}
	}
	return kept
}

// compareTelling orders unhappier before happier, longer before shorter comments, later before
// earlier.
func compareTelling(a, b feedback.Feedback) int {
	length := func(f feedback.Feedback) int { return min(len([]rune(f.Comment)), tellingLength) }
	return cmp.Or(cmp.Compare(a.Colour().Value(), b.Colour().Value()), cmp.Compare(length(b), length(a)),
		b.OccurredAt.Compare(a.OccurredAt), cmp.Compare(a.ID, b.ID))
}

// sameSubject reports whether two feedbacks are of one customer or about one ticket.
func sameSubject(a, b feedback.Feedback) bool {
	same := func(x, y string) bool { return x != "" && x == y }
	return same(a.Customer.ID, b.Customer.ID) || same(a.Customer.Email, b.Customer.Email) ||
		a.Sender == b.Sender && same(a.Ticket.ID, b.Ticket.ID)
}

// FollowUpStats is the result of the follow-ups of a period.
type FollowUpStats struct {
	FollowUps FollowUpCount
	// Recovery counts the answers to a follow-up question: Yes of All were happy.
	Recovery Ratio
	// Outcomes are those of the finished follow-ups, the most frequent first.
	Outcomes []OutcomeCount
}

// Handled is the number of follow-ups that were finished with an outcome in the period, whenever
// they were opened.
func (w FollowUpStats) Handled() int64 {
	var n int64
	for _, o := range w.Outcomes {
		n += o.N
	}
	return n
}

// FollowUpCount counts the follow-ups that were opened in a period: each is Done, Explained, Withdrawn
// or still Open, and each is InTime, Overdue or Waiting.
type FollowUpCount struct {
	Opened int64
	// Done ended with an outcome, Explained with the customer's comment, Withdrawn because the customer
	// is happy or the feedback does not count. Open are the others, claimed and snoozed ones included.
	Done, Explained, Withdrawn, Open int64
	// InTime ended before they were due, with an outcome or by themselves. Overdue did not, whether
	// they have ended or not. Waiting are not due yet.
	InTime, Overdue, Waiting int64
}

// Add counts a follow-up by its state at that moment.
func (c *FollowUpCount) Add(f followup.FollowUp, now time.Time) {
	c.Opened++
	switch f.State {
	case followup.StateDone:
		c.Done++
	case followup.StateExplained:
		c.Explained++
	case followup.StateWithdrawn:
		c.Withdrawn++
	default:
		c.Open++
	}
	switch {
	case !f.State.Pending() && !f.ChangedAt.After(f.DueAt):
		c.InTime++
	case !f.State.Pending() || f.Overdue(now):
		c.Overdue++
	default:
		c.Waiting++
	}
}

// OutcomeCount is the number of follow-ups that ended with an outcome.
type OutcomeCount struct {
	Outcome followup.Outcome
	N       int64
}

// SortOutcomes puts the most frequent outcome first; equal ones keep the order in which a person is
// offered them.
func SortOutcomes(counts []OutcomeCount) {
	slices.SortStableFunc(counts, func(a, b OutcomeCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(slices.Index(followup.Outcomes(), a.Outcome), slices.Index(followup.Outcomes(), b.Outcome)))
	})
}
