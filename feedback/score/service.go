package score

import (
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
)

// The service a ticket got, as its customers' ratings carry it.

// withinOffice is the office time within which a first reply counts as quick.
const withinOffice = 4 * time.Hour

// Rated is one feedback of a ticket: through which channel, about whom, and what
// it says of the ticket.
type Rated struct {
	Channel feedback.Channel
	// Agent is how the agent is filtered by, see [feedback.Person.Key].
	Agent  string
	Ticket feedback.Ticket
	// SetAt is when each of the ticket's fields was said.
	SetAt map[feedback.Field]time.Time
}

// Rater is through which channel and about whom a ticket was rated.
type Rater struct {
	Channel feedback.Channel
	Agent   string
}

// Finds reports whether a filter by this rater finds another: an empty field finds all.
func (r Rater) Finds(other Rater) bool {
	return (r.Channel == "" || r.Channel == other.Channel) && (r.Agent == "" || r.Agent == other.Agent)
}

// Served is how one rated ticket was served: each ticket counts once, however many
// ratings it has. What nobody said is left out of the figure it would belong to,
// for it is not known to be bad.
type Served struct {
	// Day is the local day on which the ticket was opened, where it counts.
	Day office.Day
	// FirstReply and Resolution are whole office minutes since then, rounded half
	// up; -1 when not known.
	FirstReply, Resolution int
	// Within4h: the first reply came within four office hours. SameDay: it came on
	// the local day of the opening, which was an office day, before closing.
	// OneReply: it was solved with one reply.
	Within4h, SameDay, OneReply Known
	// Raters are distinct, in no particular order.
	Raters []Rater
}

// Equal reports whether two tickets count alike.
func (s Served) Equal(other Served) bool {
	same := s.Day == other.Day && s.FirstReply == other.FirstReply && s.Resolution == other.Resolution &&
		s.Within4h == other.Within4h && s.SameDay == other.SameDay && s.OneReply == other.OneReply && len(s.Raters) == len(other.Raters)
	for _, r := range s.Raters {
		same = same && slices.Contains(other.Raters, r)
	}
	return same
}

// Known is yes, no, or not known.
type Known int

// The answers; the zero Known is not known.
const (
	Unknown Known = iota
	No
	Yes
)

func known(yes bool) Known {
	if yes {
		return Yes
	}
	return No
}

// Serve tells how a ticket was served, by all its ratings; the order of them does
// not matter. Of two that say something else about the ticket the later one counts.
// served is false when nobody says when it was opened: then it counts nowhere.
func Serve(h office.Hours, ratings []Rated) (s Served, served bool) {
	opened := latest(ratings, feedback.FieldTicketOpenedAt, func(t feedback.Ticket) time.Time { return t.OpenedAt })
	if opened.IsZero() {
		return Served{}, false
	}
	replied := sane(opened, latest(ratings, feedback.FieldTicketFirstReplyAt, func(t feedback.Ticket) time.Time { return t.FirstReplyAt }))
	resolved := sane(opened, latest(ratings, feedback.FieldTicketResolvedAt, func(t feedback.Ticket) time.Time { return t.ResolvedAt }))
	s = Served{Day: office.DayOf(opened, h.Location()), FirstReply: -1, Resolution: -1}
	if !replied.IsZero() {
		took := h.Between(opened, replied)
		s.FirstReply = minutes(took)
		s.Within4h = known(took <= withinOffice)
		if closing, open := h.Closing(s.Day); open && opened.Before(closing) {
			s.SameDay = known(office.DayOf(replied, h.Location()) == s.Day)
		}
	}
	if !resolved.IsZero() {
		s.Resolution = minutes(h.Between(opened, resolved))
		s.OneReply = oneReply(ratings)
	}
	for _, r := range ratings {
		if by := (Rater{r.Channel, r.Agent}); !slices.Contains(s.Raters, by) {
			s.Raters = append(s.Raters, by)
		}
	}
	return s, true
}

// oneReply tells whether a solved ticket took one reply.
func oneReply(ratings []Rated) Known {
	told := Unknown
	var at time.Time
	most := 0
	for _, r := range ratings {
		said, ok := r.SetAt[feedback.FieldTicketReplies]
		if !ok || said.Before(at) || (said.Equal(at) && told != Unknown && r.Ticket.Replies < most) {
			continue
		}
		at, most = said, r.Ticket.Replies
		told = known(r.Ticket.Replies == 1)
	}
	return told
}

// longestTicket is how long a ticket may take: what is later is a mistake, and not
// known. It bounds the days whose office time is looked at.
const longestTicket = 5 * 366 * 24 * time.Hour

// sane is a moment of a ticket, the zero time when it is too late to be true.
func sane(opened, moment time.Time) time.Time {
	if moment.Sub(opened) > longestTicket {
		return time.Time{}
	}
	return moment
}

// latest is the moment that was said last, the zero time when none was; of two said
// at once it is the later one.
func latest(ratings []Rated, field feedback.Field, moment func(feedback.Ticket) time.Time) time.Time {
	var found, at time.Time
	for _, r := range ratings {
		m, said := moment(r.Ticket), r.SetAt[field]
		if m.IsZero() || said.Before(at) || (said.Equal(at) && m.Before(found)) {
			continue
		}
		found, at = m, said
	}
	return found
}

// minutes are whole minutes, rounded half up.
func minutes(d time.Duration) int { return int((d + time.Minute/2) / time.Minute) }
