package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/database"
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
func recountService(t *testing.T, rt *rapid.T, s *store.Store, first, last office.Day, by score.Scope) score.ServiceCount {
	t.Helper()
	tickets := make(map[[2]string][]score.TicketRating)
	require.NoError(rt, s.Export(t.Context(), 0, 100_000, func(f feedback.Feedback) error {
		key := [2]string{f.Sender, f.Ticket.ID}
		if f.Ticket.ID != "" && !f.Voided() {
			tickets[key] = append(tickets[key], score.TicketRating{Channel: f.Channel, Agent: f.Agent.Key(), Ticket: f.Ticket, SetAt: f.SetAt})
		}
		return nil
	}))
	var counted score.ServiceCount
	for _, ratings := range tickets {
		slices.Reverse(ratings)
		served, ok := score.Serve(storetest.Options(t).Policy.Hours, ratings)
		if !ok || served.Day < first || served.Day > last {
			continue
		}
		if slices.ContainsFunc(ratings, func(r score.TicketRating) bool {
			return (by.Channel == "" || by.Channel == r.Channel) && (by.Agent == "" || by.Agent == r.Agent)
		}) {
			counted.Add(served)
		}
	}
	return counted
}

// figures are all that a count says.
func figures(c score.ServiceCount) []any {
	all := []any{c.N, c.Within4h, c.SameDay, c.OneReply}
	for _, d := range []score.Durations{c.FirstReply, c.Resolution} {
		for percent := 1; percent <= 100 && d.N() > 0; percent++ {
			all = append(all, d.Percentiles(percent)[0])
		}
		all = append(all, d.N())
	}
	return all
}

// TestServiceIsTheCount: after any events in any order, taken or imported, the service is
// what counting all the feedback gives, for every stretch of days and every filter, to this
// process and to another; and a rebuild finds nothing wrong.
func TestServiceIsTheCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := storetest.Check(t, rt)
		path := filepath.Join(storetest.Folder(c), "smileybot.db")
		s := storetest.Open(c, path)
		second, err := database.OpenExisting(t.Context(), storetest.Address(t, path), storetest.Options(t))
		require.NoError(rt, err)
		defer second.Close()
		check := func() {
			first := office.DayOf(noon(), time.UTC).Add(rapid.IntRange(-60, 60).Draw(rt, "first"))
			last := first.Add(rapid.IntRange(0, 100).Draw(rt, "days"))
			by := score.Scope{
				Channel: rapid.SampledFrom([]feedback.Channel{"", feedback.ChannelChat}).Draw(rt, "by channel"),
				Agent:   rapid.SampledFrom([]string{"", "bart"}).Draw(rt, "by agent"),
			}
			got, err := s.Service(t.Context(), first, last, by)
			require.NoError(rt, err)
			want := recountService(t, rt, s, first, last, by)
			require.Equal(rt, figures(want), figures(got))
			other, err := second.Service(t.Context(), first, last, by)
			require.NoError(rt, err)
			require.Equal(rt, figures(want), figures(other), "second")
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
	switch rapid.IntRange(0, 4).Draw(rt, "turn") {
	case 0:
		past := storetest.Past(ticket(rt), ticket(rt), ticket(rt))
		past[1].VoidReason = rapid.SampledFrom([]string{"", "a test"}).Draw(rt, "void")
		_, err := s.Import(ctx, past, now)
		require.NoError(rt, err)
	default:
		_, err := s.Ingest(ctx, store.Delivery{Sender: "feedback", ReceivedAt: now}, ticket(rt))
		require.NoError(rt, err)
	}
}

// TestServiceFollowsTheRatings: a ticket that counts no longer leaves no row, whether its
// rating moves to another ticket or is voided, and counts again when the rating does.
func TestServiceFollowsTheRatings(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	opened := func(id, ticketID string) feedback.Event {
		e := red(id)
		e.Answer.Ticket = feedback.Ticket{ID: ticketID, OpenedAt: noon().Add(-time.Hour)}
		e.Mentions[feedback.FieldTicketID], e.Mentions[feedback.FieldTicketOpenedAt] = true, true
		return e
	}
	count := func() int64 {
		counted, err := d.Service(t.Context(), 0, 100_000, score.Scope{})
		require.NoError(t, err)
		return counted.N
	}
	rows := func() any { return d.one(t, `select count(*) from ticket_service`) }
	id := d.takeAt(t, after(1), opened("1", "t-1")).FeedbackID
	d.takeAt(t, after(1), opened("2", "t-1"))
	d.takeAt(t, after(1), opened("3", "t-2"))
	assert.EqualValues(t, 2, count(), "each ticket once")
	assert.EqualValues(t, 2, rows())

	moved := opened("3", "t-1")
	moved.OccurredAt = after(60)
	d.takeAt(t, after(61), moved)
	assert.EqualValues(t, 1, count())
	assert.EqualValues(t, 1, rows())

	none := opened("2", "")
	none.OccurredAt = after(60)
	d.takeAt(t, after(61), none)
	moved.OccurredAt, moved.Answer.Ticket.ID = after(70), ""
	d.takeAt(t, after(71), moved)
	assert.EqualValues(t, 1, count())
	_, err := d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: after(80)})
	require.NoError(t, err)
	assert.Zero(t, count())
	assert.EqualValues(t, 0, rows())
	_, err = d.Moderate(t.Context(), id, feedback.Moderation{Action: feedback.ModerationRestore, By: "U1", At: after(90)})
	require.NoError(t, err)
	assert.EqualValues(t, 1, count())
}

// TestServiceOfSeveralAgents: a ticket counts in the group of each agent and each channel
// that rated it, and once in all, also for an agent who goes by an id and a name alone.
func TestServiceOfSeveralAgents(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i, rated := range []struct {
		channel feedback.Channel
		id, who string
	}{
		{feedback.ChannelTicket, "a-1", "Bart"}, {feedback.ChannelChat, "", "bart"}, {feedback.ChannelChat, "a-2", "Eva"},
	} {
		e := about(red(strconv.Itoa(i)), rated.id, rated.who)
		e.Channel = rated.channel
		e.Answer.Ticket = feedback.Ticket{ID: "t-1", OpenedAt: noon()}
		e.Mentions[feedback.FieldTicketID], e.Mentions[feedback.FieldTicketOpenedAt] = true, true
		d.takeAt(t, after(1), e)
	}
	day := office.DayOf(noon(), time.UTC)
	groups := func(f score.Filter, per score.GroupBy) (int64, map[string]int64) {
		t.Helper()
		r, err := d.ServiceReport(t.Context(), score.Query{Filter: f, GroupBy: per, Period: score.Period{From: day, To: day, Unit: score.UnitRange}})
		require.NoError(t, err)
		counted := make(map[string]int64)
		for _, g := range r.Groups {
			counted[g.Name] = g.Count.N
		}
		return r.Count.N, counted
	}
	for _, c := range []struct {
		name   string
		filter score.Filter
		per    score.GroupBy
		all    int64
		groups map[string]int64
	}{
		{"by channel", score.Filter{}, score.ByChannel, 1, map[string]int64{"ticket": 1, "chat": 1}},
		{"by agent", score.Filter{}, score.ByAgent, 1, map[string]int64{"Bart (a-1)": 1, "bart": 1, "Eva": 1}},
		{"an agent by id and name", score.Filter{Agent: "Bart"}, score.ByNothing, 1, map[string]int64{}},
		{"an agent by channel", score.Filter{Agent: "Eva"}, score.ByChannel, 1, map[string]int64{"chat": 1}},
		{"a channel by agent", score.Filter{Channel: feedback.ChannelTicket}, score.ByAgent, 1, map[string]int64{"Bart (a-1)": 1}},
		{"an agent through another channel", score.Filter{Agent: "Eva", Channel: feedback.ChannelTicket}, score.ByNothing, 0, map[string]int64{}},
	} {
		all, counted := groups(c.filter, c.per)
		assert.Equal(t, c.all, all, c.name)
		assert.Equal(t, c.groups, counted, c.name)
	}
}

// TestOtherOfficeHours: a command with other office hours reports that instead of wrong
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
		counted, err := s.Service(t.Context(), 0, 100_000, score.Scope{})
		require.NoError(t, err)
		require.Equal(t, 1, counted.FirstReply.N())
		return counted.FirstReply.Percentiles(50)[0]
	}
	before := reply(d.Store)
	assert.Less(t, before, 480)
	require.NoError(t, d.Close())
	options := storetest.Options(t)
	hours, err := office.ParseHours("Mon-Sun 00:00-24:00", options.Location, office.Holidays{})
	require.NoError(t, err)
	options.Policy.Hours = hours
	second, err := database.OpenExisting(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err, "scores need no office hours")
	require.ErrorContains(t, second.SameHours(t.Context()), "its tickets are not counted by these office hours")
	require.NoError(t, second.Close())
	always, err := database.Open(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err)
	counted, err := always.Counted(t.Context())
	require.NoError(t, err)
	require.False(t, counted)
	rebuilt, err := always.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Zero(t, rebuilt.Different)
	assert.EqualValues(t, 1, rebuilt.Service, "the ticket")
	assert.Equal(t, 480, reply(always))
	require.NoError(t, always.Close())
}

// TestRebuildRepairsService whatever is wrong with it, also in the copies that this process
// has, and returns how many tickets it was.
func TestRebuildRepairsService(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := newFixture(storetest.Check(t, rt))
		for range rapid.IntRange(1, 20).Draw(rt, "turns") {
			serviceTurn(t.Context(), rt, d.Store)
		}
		_, err := d.Service(t.Context(), 0, 100_000, score.Scope{}) // which caches them all
		require.NoError(rt, err)
		for _, wrong := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{
			`delete from ticket_service where ticket_id = '1'`,
			`update ticket_service set first_reply = 7, within_4h = null where ticket_id = '2'`,
			`update ticket_service set day = day + 1, scopes = '[["review","nobody"]]' where sender = 'feedback'`,
			`insert into ticket_service (day, sender, ticket_id, scopes) values (20777, 'feedback', 'no such ticket', '[["review","nobody"]]')`,
		}), func(s string) string { return s }).Draw(rt, "wrong") {
			_, err := d.raw.ExecContext(t.Context(), wrong)
			require.NoError(rt, err)
		}
		damaged := d.rows(t, `select * from ticket_service order by sender, ticket_id`)
		rebuilt, err := d.Rebuild(t.Context(), unwatched)
		require.NoError(rt, err)
		repaired := d.rows(t, `select * from ticket_service order by sender, ticket_id`)
		require.Equal(rt, differing(damaged, repaired), rebuilt.Service)
		for _, by := range []score.Scope{{}, {Channel: feedback.ChannelChat}, {Agent: "bart"}, {Channel: feedback.ChannelTicket, Agent: "eva"}, {Channel: feedback.ChannelReview}} {
			first := office.DayOf(noon(), time.UTC)
			for _, span := range [][2]office.Day{{0, 100_000}, {first.Add(-rapid.IntRange(0, 60).Draw(rt, "from")), first.Add(rapid.IntRange(0, 60).Draw(rt, "to"))}} {
				got, err := d.Service(t.Context(), span[0], span[1], by)
				require.NoError(rt, err)
				want := recountService(t, rt, d.Store, span[0], span[1], by)
				require.Equal(rt, figures(want), figures(got), "%v", by)
			}
		}
		again, err := d.Rebuild(t.Context(), unwatched)
		require.NoError(rt, err)
		require.Zero(rt, again.Service)
	})
}

// TestServiceCacheIsBounded: days that do not fit are dropped, and an earlier version of a
// day never replaces a later one.
func TestServiceCacheIsBounded(t *testing.T) {
	t.Parallel()
	var cache store.ServiceCache
	for day := range office.Day(1000) {
		cache.Keep(day, 2, 100_000, "[]")
		require.LessOrEqual(t, cache.Size(), store.MaxCache)
	}
	assert.Greater(t, cache.Size(), store.MaxCache/2)
	cache = store.ServiceCache{}
	cache.Keep(1, 2, 10, "[]")
	size := cache.Size()
	cache.Keep(1, 1, 1000, "[]")
	assert.Equal(t, size, cache.Size())
	cache.Keep(1, 3, 1000, "[]")
	assert.Greater(t, cache.Size(), size)
	size = cache.Size()
	cache.Keep(2, 1, 1, strings.Repeat("a", 10_000)) // a ticket that many agents were rated for
	assert.Greater(t, cache.Size(), size+10_000)
}

// differing counts the tickets that two lists of rows have differently.
func differing(damaged, repaired [][]any) (n int64) {
	key := func(row []any) string { return fmt.Sprint(row[:2]) }
	was := make(map[string]string)
	for _, row := range damaged {
		was[key(row)] = fmt.Sprint(row)
	}
	for _, row := range repaired {
		if was[key(row)] != fmt.Sprint(row) {
			n++
		}
		delete(was, key(row))
	}
	return n + int64(len(was))
}
