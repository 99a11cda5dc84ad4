package score

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// quickReply is the office time within which a first reply counts as quick.
const quickReply = 4 * time.Hour

// TicketRating is what one feedback says about a ticket, and through which channel and
// about which agent it was given.
type TicketRating struct {
	Channel feedback.Channel
	// Agent identifies the agent, see [feedback.Person.Key].
	Agent  string
	Ticket feedback.Ticket
	// SetAt is when each of the ticket's fields was set.
	SetAt map[feedback.Field]time.Time
}

// Scope is the channel through which a ticket was rated and the agent of the rating.
type Scope struct {
	Channel feedback.Channel
	Agent   string
}

// TicketService is how one rated ticket was served. A ticket counts once, however many
// ratings it has. A figure leaves out the tickets for which it is unknown.
type TicketService struct {
	// Day is the local day on which the ticket was opened. The ticket counts on it.
	Day office.Day
	// OpenedAt is the moment of that, in whole milliseconds in UTC.
	OpenedAt time.Time
	// Mistaken: the first reply or the solution cannot be right and is left out.
	Mistaken bool
	// FirstReply and Resolution are whole office minutes after the opening, rounded half
	// up; -1 when unknown.
	FirstReply, Resolution int
	// Within4h: the first reply came within four office hours.
	Within4h Tristate
	// SameDay: the first reply came on the local day of the opening. It is unknown for a
	// ticket that was opened on a day off or after closing.
	SameDay Tristate
	// OneReply: the ticket was solved with one reply.
	OneReply Tristate
}

// Tristate is yes, no or unknown.
type Tristate int8

// The values of a Tristate. The zero value is unknown.
const (
	Unknown Tristate = iota
	No
	Yes
)

func tristate(yes bool) Tristate {
	if yes {
		return Yes
	}
	return No
}

// Serve computes how a ticket was served from all its ratings, in any order. When two
// ratings contradict each other about the ticket, the later one counts. It returns false
// when no rating has the time of the opening: the ticket then counts nowhere.
func Serve(h office.Hours, ratings []TicketRating) (TicketService, bool) {
	opened := latest(ratings, feedback.FieldTicketOpenedAt, func(t feedback.Ticket) time.Time { return t.OpenedAt })
	if opened.IsZero() {
		return TicketService{}, false
	}
	replied := latest(ratings, feedback.FieldTicketFirstReplyAt, func(t feedback.Ticket) time.Time { return t.FirstReplyAt })
	resolved := latest(ratings, feedback.FieldTicketResolvedAt, func(t feedback.Ticket) time.Time { return t.ResolvedAt })
	s := TicketService{Day: office.DayOf(opened, h.Location()), OpenedAt: opened.Truncate(time.Millisecond).UTC(), FirstReply: -1, Resolution: -1}
	for _, moment := range []*time.Time{&replied, &resolved} {
		if !moment.IsZero() && !plausible(opened, *moment) {
			s.Mistaken, *moment = true, time.Time{}
		}
	}
	if !replied.IsZero() {
		took := h.Between(opened, replied)
		s.FirstReply = minutes(took)
		s.Within4h = tristate(took <= quickReply)
		if closing, open := h.Closing(s.Day); open && opened.Before(closing) {
			s.SameDay = tristate(office.DayOf(replied, h.Location()) == s.Day)
		}
	}
	if !resolved.IsZero() {
		s.Resolution = minutes(h.Between(opened, resolved))
		s.OneReply = oneReply(ratings)
	}
	return s, true
}

// Scopes returns the distinct scopes of ratings, sorted.
func Scopes(ratings []TicketRating) []Scope {
	scopes := make([]Scope, len(ratings))
	for i, r := range ratings {
		scopes[i] = Scope{r.Channel, r.Agent}
	}
	slices.SortFunc(scopes, func(a, b Scope) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Agent, b.Agent))
	})
	return slices.Compact(scopes)
}

// oneReply reports whether a solved ticket took one reply, by the latest number of
// replies; of two numbers set at once, by the higher one.
func oneReply(ratings []TicketRating) Tristate {
	found := Unknown
	var at time.Time
	replies := 0
	for _, r := range ratings {
		setAt, ok := r.SetAt[feedback.FieldTicketReplies]
		if !ok || setAt.Before(at) || (setAt.Equal(at) && found != Unknown && r.Ticket.Replies < replies) {
			continue
		}
		at, replies = setAt, r.Ticket.Replies
		found = tristate(replies == 1)
	}
	return found
}

// longestTicket is the longest plausible time from a ticket's opening to its solution. It
// bounds the days whose office time is computed.
const longestTicket = 5 * 366 * 24 * time.Hour

// plausible reports whether a reply or a solution can be right: it is not before the opening, and
// not too long after it.
func plausible(opened, moment time.Time) bool {
	return !moment.Before(opened) && moment.Sub(opened) <= longestTicket
}

// latest returns the moment that was set last, or the zero time when no rating has it; of
// two moments set at once, the later one.
func latest(ratings []TicketRating, field feedback.Field, moment func(feedback.Ticket) time.Time) time.Time {
	var found, at time.Time
	for _, r := range ratings {
		m, setAt := moment(r.Ticket), r.SetAt[field]
		if m.IsZero() || setAt.Before(at) || (setAt.Equal(at) && m.Before(found)) {
			continue
		}
		found, at = m, setAt
	}
	return found
}

// minutes rounds to whole minutes, half up.
func minutes(d time.Duration) int { return int((d + time.Minute/2) / time.Minute) }

// ServiceCount counts rated tickets by how they were served.
type ServiceCount struct {
	// N is the number of tickets, Mistaken of those with a reply or a solution that was left out as a
	// mistake.
	N, Mistaken                 int64
	FirstReply, Resolution      Durations
	Within4h, SameDay, OneReply Ratio
}

// Add counts a ticket.
func (c *ServiceCount) Add(s TicketService) {
	c.N++
	if s.Mistaken {
		c.Mistaken++
	}
	c.FirstReply.add(s.FirstReply)
	c.Resolution.add(s.Resolution)
	c.Within4h.add(s.Within4h)
	c.SameDay.add(s.SameDay)
	c.OneReply.add(s.OneReply)
}

// Merge counts the tickets of another count.
func (c *ServiceCount) Merge(other *ServiceCount) {
	c.N += other.N
	c.Mistaken += other.Mistaken
	c.FirstReply.merge(other.FirstReply)
	c.Resolution.merge(other.Resolution)
	c.Within4h = c.Within4h.plus(other.Within4h)
	c.SameDay = c.SameDay.plus(other.SameDay)
	c.OneReply = c.OneReply.plus(other.OneReply)
}

// Ratio counts how many of All, whose answer is known, are Yes.
type Ratio struct {
	Yes, All int64
}

func (r *Ratio) add(t Tristate) {
	if t == Unknown {
		return
	}
	r.All++
	if t == Yes {
		r.Yes++
	}
}

func (r Ratio) plus(other Ratio) Ratio { return Ratio{r.Yes + other.Yes, r.All + other.All} }

// Durations are the known whole minutes of tickets, in no order.
type Durations struct {
	n int
	// parts are shared by the counts that were merged: a million tickets are not copied.
	parts [][]int32
}

// N is the number of tickets.
func (d Durations) N() int { return d.n }

// add adds the minutes of a ticket; -1 means unknown.
func (d *Durations) add(minutes int) {
	if minutes < 0 {
		return
	}
	if len(d.parts) == 0 {
		d.parts = make([][]int32, 1)
	}
	last := &d.parts[len(d.parts)-1]
	*last = append(*last, int32(min(minutes, math.MaxInt32)))
	d.n++
}

func (d *Durations) merge(other Durations) {
	for _, part := range other.parts {
		d.parts = append(d.parts, slices.Clip(part))
	}
	d.n += other.n
}

// countedMinutes is below how many minutes [Durations.Percentiles] counts; it sorts what is
// longer. Four weeks of 40 hours are just below it.
const countedMinutes = 10_000

// Percentiles returns percentiles by nearest rank: for each, the smallest number of minutes
// that at least so many percent of the tickets do not exceed
// (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method). There must be tickets.
func (d Durations) Percentiles(percents ...int) []int {
	var counts [countedMinutes]int32
	var longer []int32
	for _, part := range d.parts {
		for _, minutes := range part {
			if minutes < countedMinutes {
				counts[minutes]++
			} else {
				longer = append(longer, minutes)
			}
		}
	}
	slices.Sort(longer)
	found := make([]int, len(percents))
	for i, percent := range percents {
		rank := max(1, (d.n*percent+99)/100)
		minutes := 0
		for minutes < countedMinutes && rank > int(counts[minutes]) {
			rank -= int(counts[minutes])
			minutes++
		}
		if minutes == countedMinutes {
			minutes = int(longer[rank-1])
		}
		found[i] = minutes
	}
	return found
}

// PeriodService counts the rated tickets that were opened in a period.
type PeriodService struct {
	Period Period
	Count  ServiceCount
}

// ServiceReport is how the tickets of a period were served, with the period before.
type ServiceReport struct {
	PeriodService
	Previous PeriodService
	// Filter selects the tickets; its agent is as in [Report].
	Filter Filter
	// GroupBy is how Groups divide the tickets. The groups are in alphabetical order, without
	// those that have no ticket in the period. A ticket that was rated in several groups
	// counts in each.
	GroupBy GroupBy
	Groups  []ServiceGroup
}

// ServiceGroup is the report of one channel or agent.
type ServiceGroup struct {
	// Name is like that of a [Group].
	Name string
	ServiceReport
}

// CompareService makes a report of two periods.
func CompareService(now, before PeriodService) ServiceReport {
	return ServiceReport{PeriodService: now, Previous: before}
}

// Quick compares the share of tickets that were answered within 4 office hours with that of the period
// before, as a score.
func (r ServiceReport) Quick() Report {
	of := func(p PeriodService) PeriodScore {
		within := p.Count.Within4h
		return PeriodScore{Period: p.Period, Score: Measure(MetricCSAT, Tally{1: within.All - within.Yes, 3: within.Yes})}
	}
	return Compare(of(r.PeriodService), of(r.Previous))
}

// Quantiles returns the median and the 90th percentile in whole office minutes; ok is
// false with fewer than [FewAnswers] tickets.
func (d Durations) Quantiles() (median, p90 int, ok bool) {
	if d.n < FewAnswers {
		return 0, 0, false
	}
	found := d.Percentiles(50, 90)
	return found[0], found[1], true
}

// Percent is the exact share of yes in percent; nil when All is below [FewAnswers].
func (r Ratio) Percent() *big.Rat {
	if r.All < FewAnswers {
		return nil
	}
	return percent(big.NewRat(r.Yes, r.All))
}
