package store_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

// ticket draws an event that says something of one of a few tickets.
func ticket(rt *rapid.T) feedback.Event {
	at := noon().Add(time.Duration(rapid.IntRange(-50, 50).Draw(rt, "at")) * 24 * time.Hour)
	e := storetest.Smiley(strconv.Itoa(rapid.IntRange(1, 6).Draw(rt, "id")), rapid.SampledFrom(feedback.Smileys()).Draw(rt, "smiley"), at)
	e.Channel = rapid.SampledFrom([]feedback.Channel{feedback.ChannelTicket, feedback.ChannelChat}).Draw(rt, "channel")
	e.Sender = rapid.SampledFrom([]string{"feedback", "helpscout"}).Draw(rt, "sender")
	some := func(field feedback.Field, set func()) {
		if rapid.IntRange(0, 2).Draw(rt, string(field)) > 0 {
			set()
			e.Mentions[field] = true
		}
	}
	opened := at.Add(-time.Duration(rapid.IntRange(0, 6000).Draw(rt, "opened")) * time.Minute)
	t := &e.Answer.Ticket
	some(feedback.FieldTicketID, func() { t.ID = rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(rt, "ticket") })
	some(feedback.FieldTicketOpenedAt, func() { t.OpenedAt = opened })
	some(feedback.FieldTicketFirstReplyAt, func() {
		t.FirstReplyAt = opened.Add(time.Duration(rapid.IntRange(-10, 900).Draw(rt, "replied")) * time.Second * 30)
	})
	some(feedback.FieldTicketResolvedAt, func() {
		t.ResolvedAt = opened.Add(time.Duration(rapid.IntRange(0, 9000).Draw(rt, "resolved")) * time.Minute)
	})
	some(feedback.FieldTicketReplies, func() { t.Replies = rapid.IntRange(0, 3).Draw(rt, "replies") })
	some(feedback.FieldAgentName, func() { e.Answer.Agent.Name = rapid.SampledFrom([]string{"Bart", "Eva"}).Draw(rt, "agent") })
	return e
}

// recountService counts the tickets from the feedback itself, slowly.
func recountService(t *testing.T, rt *rapid.T, s *store.Store, first, last feedback.Day, by feedback.Rater) feedback.ServiceCount {
	t.Helper()
	tickets := make(map[[2]string][]feedback.Rated)
	require.NoError(rt, s.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
		key := [2]string{f.Sender, f.Ticket.ID}
		if f.Ticket.ID != "" && !f.Voided() {
			tickets[key] = append(tickets[key], feedback.Rated{Channel: f.Channel, Agent: f.Agent.Key(), Ticket: f.Ticket, SetAt: f.SetAt})
		}
		return nil
	}))
	var counted feedback.ServiceCount
	for _, ratings := range tickets {
		slices.Reverse(ratings)
		served, ok := storetest.Options(t).Policy.Hours.Serve(ratings)
		if !ok || served.Day < first || served.Day > last {
			continue
		}
		if slices.ContainsFunc(served.Raters, func(r feedback.Rater) bool {
			return (by.Channel == "" || by.Channel == r.Channel) && (by.Agent == "" || by.Agent == r.Agent)
		}) {
			counted.Add(served, 1)
		}
	}
	return counted
}

// TestServiceIsTheCount: whatever arrives in whatever order, by whichever way, and
// whenever it is counted together, the service is what counting all the feedback
// gives, for every stretch of days and every filter; and so does a rebuild.
func TestServiceIsTheCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "smileybot.db"), storetest.Options(t))
		require.NoError(rt, err)
		defer s.Close()
		check := func() {
			first := feedback.DayOf(noon(), time.UTC).Add(rapid.IntRange(-60, 60).Draw(rt, "first"))
			last := first.Add(rapid.IntRange(0, 100).Draw(rt, "days"))
			by := feedback.Rater{
				Channel: rapid.SampledFrom([]feedback.Channel{"", feedback.ChannelChat}).Draw(rt, "by channel"),
				Agent:   rapid.SampledFrom([]string{"", "bart"}).Draw(rt, "by agent"),
			}
			got, err := s.Service(t.Context(), first, last, by)
			require.NoError(rt, err)
			want := recountService(t, rt, s, first, last, by)
			require.Equal(rt, want.Encode(), got.Encode())
		}
		for range rapid.IntRange(1, 25).Draw(rt, "turns") {
			serviceTurn(t.Context(), rt, s)
			check()
		}
		rebuilt, err := s.Rebuild(t.Context(), unwatched)
		require.NoError(rt, err)
		require.Zero(rt, rebuilt.Service)
		check()
	})
}

// serviceTurn draws one thing that happens to tickets.
func serviceTurn(ctx context.Context, rt *rapid.T, s *store.Store) {
	now := noon().Add(60 * 24 * time.Hour)
	switch rapid.IntRange(0, 5).Draw(rt, "turn") {
	case 0:
		require.NoError(rt, s.Write(ctx, store.CountAll))
	case 1:
		past := storetest.Past(ticket(rt), ticket(rt), ticket(rt))
		past[1].VoidReason = rapid.SampledFrom([]string{"", "a test"}).Draw(rt, "void")
		_, err := s.Import(ctx, past, now)
		require.NoError(rt, err)
	default:
		_, err := s.Ingest(ctx, store.Delivery{Sender: "feedback", ReceivedAt: now}, ticket(rt))
		require.NoError(rt, err)
	}
}

// TestServiceIsCountedTogether: what waits never grows beyond some hundreds, and a
// ticket that counts no longer leaves nothing.
func TestServiceIsCountedTogether(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var events []feedback.Event
	for i := range 700 {
		e := red(strconv.Itoa(i))
		e.Answer.Ticket = feedback.Ticket{ID: strconv.Itoa(i), OpenedAt: noon().Add(-time.Hour)}
		e.Mentions[feedback.FieldTicketID], e.Mentions[feedback.FieldTicketOpenedAt] = true, true
		events = append(events, e)
		d.takeAt(t, after(1), e)
	}
	assert.Less(t, d.one(t, `select sum(n) from service_change`), int64(256))
	count := func() int64 {
		counted, err := d.Service(t.Context(), 0, 100_000, feedback.Rater{})
		require.NoError(t, err)
		return counted.N
	}
	assert.EqualValues(t, 700, count())
	for _, e := range events {
		e.OccurredAt, e.Answer.Ticket.ID = after(60), ""
		d.takeAt(t, after(61), e)
	}
	assert.Zero(t, count())
	require.NoError(t, d.Write(t.Context(), store.CountAll))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from service`))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from service_change`))

	storetest.Import(t, d.Store, after(100), events[:300]...) // stale
	assert.Zero(t, count())
	for i := range events[:300] {
		events[i].OccurredAt = after(200)
	}
	storetest.Import(t, d.Store, after(300), events[:300]...)
	assert.EqualValues(t, 300, d.one(t, `select sum(n) from service_change`), "history is counted later")
	require.NoError(t, d.Sweep(t.Context(), after(400)))
	assert.EqualValues(t, 0, d.one(t, `select count(*) from service_change`))
	assert.EqualValues(t, 300, count())
}

// TestOtherOfficeHours: a store with other office hours returns an error instead of wrong
// figures, and a rebuild counts the tickets by them.
func TestOtherOfficeHours(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	e := red("1")
	e.Answer.Ticket = feedback.Ticket{ID: "1", OpenedAt: noon(), FirstReplyAt: noon().Add(8 * time.Hour)}
	for _, f := range []feedback.Field{feedback.FieldTicketID, feedback.FieldTicketOpenedAt, feedback.FieldTicketFirstReplyAt} {
		e.Mentions[f] = true
	}
	d.takeAt(t, noon().Add(9*time.Hour), e)
	reply := func(s *store.Store) int {
		t.Helper()
		require.NoError(t, s.SameHours(t.Context()))
		counted, err := s.Service(t.Context(), 0, 100_000, feedback.Rater{})
		require.NoError(t, err)
		require.EqualValues(t, 1, counted.FirstReply.N())
		return counted.FirstReply.Rank(50)
	}
	before := reply(d.Store)
	assert.Less(t, before, 480)
	require.NoError(t, d.Close())
	options := storetest.Options(t)
	hours, err := feedback.ParseHours("Mon-Sun 00:00-24:00", options.Location, feedback.Holidays{})
	require.NoError(t, err)
	options.Policy.Hours = hours
	beside, err := sqlite.OpenExisting(t.Context(), d.path, options)
	require.NoError(t, err, "scores need no office hours")
	require.ErrorContains(t, beside.SameHours(t.Context()), "its tickets are not counted by these office hours")
	require.NoError(t, beside.Close())
	always, err := sqlite.Open(t.Context(), d.path, options)
	require.NoError(t, err)
	counted, err := always.Counted(t.Context())
	require.NoError(t, err)
	require.False(t, counted)
	rebuilt, err := always.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Zero(t, rebuilt.Different)
	assert.EqualValues(t, 4, rebuilt.Service, "the day and the month, of all and of the channel")
	assert.Equal(t, 480, reply(always))
	require.NoError(t, always.Close())
}

// TestRebuildMendsService whatever is wrong with it, also while others write, and says
// how much it was.
func TestRebuildMendsService(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := newFixture(t)
		for range rapid.IntRange(1, 20).Draw(rt, "turns") {
			serviceTurn(t.Context(), rt, d.Store)
		}
		if rapid.Bool().Draw(rt, "counted") {
			require.NoError(rt, d.Write(t.Context(), store.CountAll))
		}
		for _, wrong := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{
			`delete from service where unit = 'month' and channel = ''`,
			`delete from service where unit = 'day' and agent <> ''`,
			`delete from service_change`,
			`insert into service (channel, agent, unit, first, counts) select 'review', 'Nobody', unit, first, counts from service where channel = '' and agent = ''`,
			`update service set counts = (select counts from service order by id limit 1)`,
		}), func(s string) string { return s }).Draw(rt, "wrong") {
			_, err := d.raw.ExecContext(t.Context(), wrong)
			require.NoError(rt, err)
		}
		_, err := d.Rebuild(t.Context(), func(int64, int64) {})
		require.NoError(rt, err)
		for _, by := range []feedback.Rater{{}, {Channel: feedback.ChannelChat}, {Agent: "bart"}, {Channel: feedback.ChannelTicket, Agent: "eva"}, {Channel: feedback.ChannelReview}} {
			first := feedback.DayOf(noon(), time.UTC)
			for _, span := range [][2]feedback.Day{{0, 100_000}, {first.Add(-rapid.IntRange(0, 60).Draw(rt, "from")), first.Add(rapid.IntRange(0, 60).Draw(rt, "to"))}} {
				got, err := d.Service(t.Context(), span[0], span[1], by)
				require.NoError(rt, err)
				want := recountService(t, rt, d.Store, span[0], span[1], by)
				require.Equal(rt, want.Encode(), got.Encode(), "%v", by)
			}
		}
		again, err := d.Rebuild(t.Context(), unwatched)
		require.NoError(rt, err)
		require.Zero(rt, again.Service)
	})
}
