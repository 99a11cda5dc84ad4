package score_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/feedbacktest"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// aTicket is one rating of a ticket by local times of Amsterdam; "" is not said.
func aTicket(t *testing.T, opened, replied, resolved string, replies int) score.TicketRating {
	t.Helper()
	r := score.TicketRating{Channel: feedback.ChannelTicket, Agent: "Bart", SetAt: make(map[feedback.Field]time.Time)}
	said := feedbacktest.Moment(t, "2026-11-27 12:00", time.UTC)
	for _, c := range []struct {
		field feedback.Field
		place *time.Time
		text  string
	}{
		{feedback.FieldTicketOpenedAt, &r.Ticket.OpenedAt, opened},
		{feedback.FieldTicketFirstReplyAt, &r.Ticket.FirstReplyAt, replied},
		{feedback.FieldTicketResolvedAt, &r.Ticket.ResolvedAt, resolved},
	} {
		if c.text != "" {
			*c.place, r.SetAt[c.field] = feedbacktest.Moment(t, c.text, feedbacktest.Location(t, "Europe/Amsterdam")), said
		}
	}
	if replies >= 0 {
		r.Ticket.Replies, r.SetAt[feedback.FieldTicketReplies] = replies, said
	}
	return r
}

func TestServe(t *testing.T) {
	t.Parallel()
	opening := feedbacktest.Hours(t, "Mon-Fri 09:00-12:30; Mon-Fri 13:00-17:00", "Europe/Amsterdam", "+2026-11-25")
	for _, c := range []struct {
		name  string
		rated score.TicketRating
		want  score.TicketService
	}{
		{
			"quick",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:30:29", "2026-11-20 12:59", 1),
			score.TicketService{FirstReply: 30, Resolution: 150, Within4h: score.Yes, SameDay: score.Yes, OneReply: score.Yes},
		},
		{
			"half a minute rounds up",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:30:30", "", 1),
			score.TicketService{FirstReply: 31, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		{
			"four hours to the second",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 14:30", "", -1),
			score.TicketService{FirstReply: 240, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		{
			"a second more",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 14:30:01", "2026-11-20 14:30:01", -1),
			score.TicketService{FirstReply: 240, Resolution: 240, Within4h: score.No, SameDay: score.Yes},
		},
		{
			"over the weekend",
			aTicket(t, "2026-11-20 16:30", "2026-11-23 09:15", "2026-11-23 17:00", 2),
			score.TicketService{FirstReply: 45, Resolution: 480, Within4h: score.Yes, SameDay: score.No, OneReply: score.No},
		},
		{
			"before the office opens",
			aTicket(t, "2026-11-20 08:00", "2026-11-20 08:30", "", -1),
			score.TicketService{FirstReply: 0, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		{
			"at closing time",
			aTicket(t, "2026-11-20 17:00", "2026-11-20 17:05", "", -1),
			score.TicketService{FirstReply: 0, Resolution: -1, Within4h: score.Yes},
		},
		{
			"on a day off",
			aTicket(t, "2026-11-25 10:00", "2026-11-25 11:00", "", -1),
			score.TicketService{FirstReply: 0, Resolution: -1, Within4h: score.Yes},
		},
		{
			"nothing said",
			aTicket(t, "2026-11-20 10:00", "", "", 1),
			score.TicketService{FirstReply: -1, Resolution: -1},
		},
		{
			"centuries later",
			aTicket(t, "2026-11-20 10:00", "2926-11-20 10:00", "9999-11-20 10:00", 1),
			score.TicketService{FirstReply: -1, Resolution: -1, Mistaken: true},
		},
		{
			"replied before it was opened",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 09:59:59", "2026-11-20 11:00", 1),
			score.TicketService{FirstReply: -1, Resolution: 60, OneReply: score.Yes, Mistaken: true},
		},
		{
			"solved before it was opened",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:05", "2026-10-20 09:00", 1),
			score.TicketService{FirstReply: 5, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes, Mistaken: true},
		},
		{
			"replied at the opening",
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:00", "", -1),
			score.TicketService{FirstReply: 0, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
	} {
		got, ok := score.Serve(opening, []score.TicketRating{c.rated})
		require.True(t, ok, c.name)
		c.want.OpenedAt = c.rated.Ticket.OpenedAt.UTC()
		c.want.Day = office.DayOf(c.want.OpenedAt, opening.Location())
		assert.Equal(t, c.want, got, c.name)
	}
	_, ok := score.Serve(opening, []score.TicketRating{aTicket(t, "", "2026-11-20 09:00", "2026-11-20 09:00", 1)})
	assert.False(t, ok)
	_, ok = score.Serve(opening, nil)
	assert.False(t, ok)
}

// TestServeSeveralRatings: a ticket counts once, with what was said of it last.
func TestServeSeveralRatings(t *testing.T) {
	t.Parallel()
	opening := feedbacktest.Hours(t, "Mon-Fri 09:00-17:00", "Europe/Amsterdam", "")
	first, second := aTicket(t, "2026-11-20 10:00", "2026-11-20 10:30", "", 1), aTicket(t, "2026-11-20 10:00", "", "2026-11-20 12:00", 3)
	second.Channel = feedback.ChannelChat
	later := second.SetAt[feedback.FieldTicketOpenedAt].Add(time.Hour)
	second.Ticket.OpenedAt, second.SetAt[feedback.FieldTicketOpenedAt] = second.Ticket.OpenedAt.Add(-time.Hour), later
	second.SetAt[feedback.FieldTicketReplies] = later
	for range 2 {
		got, ok := score.Serve(opening, []score.TicketRating{first, second})
		require.True(t, ok)
		assert.Equal(t, 90, got.FirstReply)
		assert.Equal(t, 180, got.Resolution)
		assert.Equal(t, score.No, got.OneReply)
		assert.Equal(t, []score.Scope{{Channel: feedback.ChannelChat, Agent: "Bart"}, {Channel: feedback.ChannelTicket, Agent: "Bart"}},
			score.Scopes([]score.TicketRating{first, second, first}))
		first, second = second, first
	}
}

// TestServiceCount: percentiles by nearest rank are those of the sorted list, however
// the tickets are added up.
func TestServiceCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(9_990, 10_010), rapid.IntRange(0, 600_000)), 1, 80).Draw(t, "minutes")
		var count, part score.ServiceCount
		var known, yes int64
		for _, m := range all {
			s := score.TicketService{FirstReply: m, Resolution: -1, Within4h: score.Tristate(m % 3)}
			part.Add(s)
			if m%2 == 0 {
				count.Merge(&part)
				part = score.ServiceCount{}
			}
			if s.Within4h != score.Unknown {
				known++
			}
			if s.Within4h == score.Yes {
				yes++
			}
		}
		count.Merge(&part)
		sorted := slices.Sorted(slices.Values(all))
		for percent := 1; percent <= 100; percent++ {
			rank := (len(all)*percent + 99) / 100
			require.Equal(t, []int{sorted[rank-1]}, count.FirstReply.Percentiles(percent))
		}
		require.EqualValues(t, len(all), count.N)
		require.Equal(t, len(all), count.FirstReply.N())
		require.Zero(t, count.Resolution.N())
		require.Equal(t, score.Ratio{Yes: yes, All: known}, count.Within4h)
	})
}

// TestDivideIntoMonths: every day of a stretch is in exactly one part of it.
func TestDivideIntoMonths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := office.Day(rapid.IntRange(-1000, 60_000).Draw(t, "first"))
		last := first.Add(rapid.IntRange(0, 900).Draw(t, "days"))
		head, months, tail := first.Months(last)
		covered := make(map[office.Day]int)
		for _, part := range [][2]office.Day{head, tail} {
			for d := part[0]; d <= part[1]; d++ {
				covered[d]++
			}
		}
		for d := first - 40; d <= last+40; d++ {
			if m := d.Month(); months[0] <= m && m <= months[1] {
				covered[d]++
			}
		}
		require.Len(t, covered, int(last-first)+1)
		for _, n := range covered {
			require.Equal(t, 1, n)
		}
		days := slices.Sorted(maps.Keys(covered))
		require.Equal(t, []office.Day{first, last}, []office.Day{days[0], days[len(days)-1]})
	})
}

// TestServeEndsWhateverTheMoments computes tickets with any moments of the years 1 to 9999, and with the
// zero time: it ends, and what is known is plausible.
func TestServeEndsWhateverTheMoments(t *testing.T) {
	t.Parallel()
	hours := feedbacktest.Hours(t, "Mon-Sun 00:00-24:00", "Europe/Amsterdam", "nl")
	first, last := time.Time{}, time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		moment := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, name), 0).UTC()
		}
		at := []time.Time{first, last, time.Date(2040, time.December, 31, 12, 0, 0, 0, time.UTC), moment("a"), moment("b")}
		one := func(name string) time.Time { return rapid.SampledFrom(at).Draw(t, name) }
		r := score.TicketRating{
			Ticket: feedback.Ticket{OpenedAt: one("opened"), FirstReplyAt: one("replied"), ResolvedAt: one("resolved")},
			SetAt:  map[feedback.Field]time.Time{feedback.FieldTicketOpenedAt: one("set"), feedback.FieldTicketFirstReplyAt: one("set"), feedback.FieldTicketResolvedAt: one("set")},
		}
		begin := time.Now()
		s, counts := score.Serve(hours, []score.TicketRating{r, r})
		require.Less(t, time.Since(begin), 5*time.Second)
		require.Equal(t, !r.Ticket.OpenedAt.IsZero(), counts)
		const fiveYears = 5 * 366 * 24 * 60
		require.True(t, s.FirstReply >= -1 && s.FirstReply <= fiveYears && s.Resolution >= -1 && s.Resolution <= fiveYears)
	})
}
