package score_test

import (
	"maps"
	"math/rand/v2"
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
func aTicket(t *testing.T, opened, replied, resolved string, replies int) score.Rated {
	t.Helper()
	r := score.Rated{Channel: feedback.ChannelTicket, Agent: "Bart", SetAt: make(map[feedback.Field]time.Time)}
	said := feedbacktest.Moment(t, "2026-11-27 12:00", time.UTC)
	for field, c := range map[feedback.Field]struct {
		place *time.Time
		text  string
	}{
		feedback.FieldTicketOpenedAt:     {&r.Ticket.OpenedAt, opened},
		feedback.FieldTicketFirstReplyAt: {&r.Ticket.FirstReplyAt, replied},
		feedback.FieldTicketResolvedAt:   {&r.Ticket.ResolvedAt, resolved},
	} {
		if c.text != "" {
			*c.place, r.SetAt[field] = feedbacktest.Moment(t, c.text, feedbacktest.Location(t, "Europe/Amsterdam")), said
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
	for name, c := range map[string]struct {
		rated score.Rated
		want  score.Served
	}{
		"quick": {
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:30:29", "2026-11-20 12:59", 1),
			score.Served{FirstReply: 30, Resolution: 150, Within4h: score.Yes, SameDay: score.Yes, OneReply: score.Yes},
		},
		"half a minute rounds up": {
			aTicket(t, "2026-11-20 10:00", "2026-11-20 10:30:30", "", 1),
			score.Served{FirstReply: 31, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		"four hours to the second": {
			aTicket(t, "2026-11-20 10:00", "2026-11-20 14:30", "", -1),
			score.Served{FirstReply: 240, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		"a second more": {
			aTicket(t, "2026-11-20 10:00", "2026-11-20 14:30:01", "2026-11-20 14:30:01", -1),
			score.Served{FirstReply: 240, Resolution: 240, Within4h: score.No, SameDay: score.Yes},
		},
		"over the weekend": {
			aTicket(t, "2026-11-20 16:30", "2026-11-23 09:15", "2026-11-23 17:00", 2),
			score.Served{FirstReply: 45, Resolution: 480, Within4h: score.Yes, SameDay: score.No, OneReply: score.No},
		},
		"before the office opens": {
			aTicket(t, "2026-11-20 08:00", "2026-11-20 08:30", "", -1),
			score.Served{FirstReply: 0, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
		"at closing time": {
			aTicket(t, "2026-11-20 17:00", "2026-11-20 17:05", "", -1),
			score.Served{FirstReply: 0, Resolution: -1, Within4h: score.Yes},
		},
		"on a day off": {
			aTicket(t, "2026-11-25 10:00", "2026-11-25 11:00", "", -1),
			score.Served{FirstReply: 0, Resolution: -1, Within4h: score.Yes},
		},
		"nothing said": {
			aTicket(t, "2026-11-20 10:00", "", "", 1), score.Served{FirstReply: -1, Resolution: -1},
		},
		"centuries later": {
			aTicket(t, "2026-11-20 10:00", "2926-11-20 10:00", "9999-11-20 10:00", 1), score.Served{FirstReply: -1, Resolution: -1},
		},
		"replied before it was opened": {
			aTicket(t, "2026-11-20 10:00", "2026-11-20 09:00", "", -1),
			score.Served{FirstReply: 0, Resolution: -1, Within4h: score.Yes, SameDay: score.Yes},
		},
	} {
		got, ok := score.Serve(opening, []score.Rated{c.rated})
		require.True(t, ok, name)
		c.want.Day = office.DayOf(c.rated.Ticket.OpenedAt, opening.Location())
		c.want.Raters = []score.Rater{{Channel: feedback.ChannelTicket, Agent: "Bart"}}
		assert.Equal(t, c.want, got, name)
	}
	_, ok := score.Serve(opening, []score.Rated{aTicket(t, "", "2026-11-20 09:00", "2026-11-20 09:00", 1)})
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
		got, ok := score.Serve(opening, []score.Rated{first, second})
		require.True(t, ok)
		assert.Equal(t, 90, got.FirstReply)
		assert.Equal(t, 180, got.Resolution)
		assert.Equal(t, score.No, got.OneReply)
		assert.Len(t, got.Raters, 2)
		first, second = second, first
	}
}

// TestServiceCount: quantiles by nearest rank are those of the sorted list, and a
// count survives being written and added up in parts.
func TestServiceCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 600_000)), 1, 80).Draw(t, "minutes")
		var parts [3]score.ServiceCount
		var changes []score.ServedChange
		for _, m := range all {
			s := score.Served{
				Day: office.Day(m), FirstReply: m, Resolution: -1, Within4h: score.Known(m % 3),
				Raters: []score.Rater{{Channel: "chat", Agent: "Bärt"}, {}},
			}
			parts[rand.IntN(3)].Add(s, 1)
			changes = append(changes, score.ServedChange{Served: s, N: 1})
		}
		var whole score.ServiceCount
		for i := range parts {
			require.NoError(t, whole.Decode(parts[i].Encode()))
		}
		sorted := slices.Sorted(slices.Values(all))
		for _, percent := range []int64{50, 90} {
			rank := (int64(len(all))*percent + 99) / 100
			require.Equal(t, sorted[rank-1], whole.FirstReply.Rank(percent))
		}
		require.EqualValues(t, len(all), whole.N)
		require.Zero(t, whole.Resolution.N())
		again, err := score.DecodeServed(score.EncodeServed(changes))
		require.NoError(t, err)
		require.Equal(t, changes, again)
		for _, c := range again {
			whole.Add(c.Served, -c.N)
		}
		var none score.ServiceCount
		require.Equal(t, none.Encode(), whole.Encode())
	})
}

// FuzzServiceCount: whatever bytes a broken disk brings, reading ends, with an error
// unless they are a count.
func FuzzServiceCount(f *testing.F) {
	var c score.ServiceCount
	c.Add(score.Served{FirstReply: 3, Resolution: 70_000, SameDay: score.Yes}, 1)
	f.Add(c.Encode())
	f.Add(score.EncodeServed([]score.ServedChange{{N: -1, Served: score.Served{Raters: []score.Rater{{Channel: "chat"}}}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c score.ServiceCount
		_ = c.Decode(data)
		if changes, err := score.DecodeServed(data); err == nil {
			again, err := score.DecodeServed(score.EncodeServed(changes))
			require.NoError(t, err)
			require.Equal(t, changes, again)
		}
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
