package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

// everything is how many answers count.
const everything = `select sum(v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10) from tally where unit = 'day' and channel = '' and agent = 0`

// tallied are the tallies, without the zero ones.
func (d *fixture) tallied(tb testing.TB) [][]any {
	tb.Helper()
	return d.rows(tb, `
select kind, unit, t.channel, coalesce(a.external_id, ''), coalesce(a.name, ''), period_start, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10
from tally t left join agent a on a.id = t.agent
where voided <> 0 or v0 <> 0 or v1 <> 0 or v2 <> 0 or v3 <> 0 or v4 <> 0 or v5 <> 0 or v6 <> 0 or v7 <> 0 or v8 <> 0 or v9 <> 0 or v10 <> 0
order by 1, 2, 3, 4, 5, 6`)
}

// recounted are the tallies as counting the feedback gives them, by the days that
// its moments have in Amsterdam.
func (d *fixture) recounted(tb testing.TB) [][]any {
	tb.Helper()
	var each []string
	for _, unit := range []string{"'day', %s, day", "'month', %s, " + d.month()} {
		for _, who := range []string{"'', '', ''", "channel, '', ''", "'', agent_id, agent_name", "channel, agent_id, agent_name"} {
			columns := []string{"case when voided_ms is null then 0 else 1 end"}
			for value := range 11 {
				columns = append(columns, fmt.Sprintf("case when voided_ms is null and rating = %d then 1 else 0 end", value))
			}
			one := "select kind, " + strings.Replace(unit, "%s", who, 1) + ", " + strings.Join(columns, ", ") + " from feedback"
			if strings.Contains(who, "agent") {
				one += " where agent_id <> '' or agent_name <> ''"
			}
			each = append(each, one)
		}
	}
	names := "kind, unit, channel, id, name, first, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10"
	sums := regexp.MustCompile(`(voided|v\d+)`).ReplaceAllString("voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10", "sum($1)")
	return d.rows(tb, "with f ("+names+") as ("+strings.Join(each, " union all ")+") select kind, unit, channel, id, name, first, "+sums+" from f group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6")
}

// month is the number of the month of a day, as a query says it.
func (d *fixture) month() string {
	if storetest.OnServer() {
		const at = "from to_timestamp(day * 86400) at time zone 'UTC'"
		return "(extract(year " + at + ") * 12 + extract(month " + at + ") - 1)::bigint"
	}
	return "cast(strftime('%Y', day * 86400, 'unixepoch') as integer) * 12 + strftime('%m', day * 86400, 'unixepoch') - 1"
}

func TestTallyMoves(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	day := office.DayOf(noon(), storetest.Options(t).Location)
	counted := func(from, to int) score.Tally {
		t.Helper()
		tally, err := d.Tally(t.Context(), feedback.KindSmiley, day.Add(from), day.Add(to))
		require.NoError(t, err)
		return tally
	}
	assert.Equal(t, score.Tally{}, counted(-10, 10))
	d.take(t, red("1"))
	d.take(t, red("2"))
	d.take(t, storetest.Score("1", feedback.KindNPS, 1, noon()))
	assert.Equal(t, score.Tally{1: 2}, counted(0, 0))
	d.take(t, red("1"))
	assert.Equal(t, score.Tally{1: 2}, counted(0, 0), "unchanged")
	d.take(t, storetest.Smiley("1", feedback.Green, after(3600)))
	assert.Equal(t, score.Tally{1: 1, 3: 1}, counted(0, 0), "another value")
	d.take(t, storetest.Smiley("1", feedback.Green, after(48*3600)))
	assert.Equal(t, score.Tally{1: 1, 3: 1}, counted(0, 0), "it counts where it began")
	d.takeAt(t, after(48*3600), storetest.Smiley("1", feedback.Red, after(-24*3600)))
	assert.Equal(t, score.Tally{1: 1}, counted(0, 0), "a stale one moves it to an earlier day")
	assert.Equal(t, score.Tally{3: 1}, counted(-1, -1), "with the present value")
	assert.Equal(t, score.Tally{1: 1, 3: 1}, counted(-1, 0))
	assert.Equal(t, score.Tally{}, counted(1, 5))
	chat := green("3")
	chat.Channel = feedback.ChannelChat
	d.take(t, chat)
	assert.Equal(t, score.Tally{1: 1, 3: 1}, counted(0, 0), "all channels")
}

// TestLocalDay: half past midnight in Amsterdam is yesterday in UTC.
func TestLocalDay(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, storetest.Smiley("1", feedback.Red, time.Date(2026, time.July, 31, 22, 30, 0, 0, time.UTC)))
	tally, err := d.Tally(t.Context(), feedback.KindSmiley, office.Date(2026, time.August, 1), office.Date(2026, time.August, 1))
	require.NoError(t, err)
	assert.Equal(t, score.Tally{1: 1}, tally)
}

// TestOtherTimezone: after the time zone was changed, what counted on another
// day is counted off there.
func TestOtherTimezone(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	late := time.Date(2026, time.November, 20, 23, 30, 0, 0, time.UTC) // the 21st in Amsterdam
	d.take(t, storetest.Smiley("1", feedback.Red, late))
	d.take(t, storetest.Smiley("2", feedback.Red, late))
	require.NoError(t, d.Close())
	options := storetest.Options(t)
	options.Location = time.UTC
	moved, err := database.Open(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err)
	defer moved.Close()
	for _, e := range []feedback.Event{
		storetest.Smiley("1", feedback.Green, late.Add(time.Minute)),
		storetest.Comment(red("2"), "why", late.Add(time.Minute)),
	} {
		_, err := moved.Ingest(t.Context(), store.Delivery{Sender: "feedback", ReceivedAt: late}, e)
		require.NoError(t, err)
	}
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// TestTalliesAreTheCount: whatever arrives in whatever order, the tallies are
// what counting all the feedback gives, and every row is lawful.
func TestTalliesAreTheCount(t *testing.T) {
	t.Parallel()
	options := storetest.Options(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := storetest.Check(t, rt)
		path := filepath.Join(storetest.Folder(c), "smileybot.db")
		storetest.Create(c, path)
		s, err := database.Open(t.Context(), storetest.Address(t, path), options)
		require.NoError(rt, err)
		defer s.Close()
		for range rapid.IntRange(1, 25).Draw(rt, "turns") {
			turn(t.Context(), rt, s)
		}
		require.NoError(rt, s.Close())
		again, err := database.Open(t.Context(), storetest.Address(t, path), options)
		require.NoError(rt, err)
		defer again.Close()
		d := &fixture{again, path, storetest.Raw(c, path)}
		assert.Equal(rt, d.recounted(t), d.tallied(t))
		rebuilt, err := d.Rebuild(t.Context(), func(done, total int64) {})
		require.NoError(rt, err)
		assert.Zero(rt, rebuilt.Moved)
		assert.Zero(rt, rebuilt.Different, rebuilt)
		lawful(t, rt, d)
	})
}

// turn draws one thing that happens to a store.
func turn(ctx context.Context, rt *rapid.T, s *store.Store) {
	kind := rapid.SampledFrom([]feedback.Kind{feedback.KindSmiley, feedback.KindNPS, feedback.KindReview}).Draw(rt, "kind")
	low, high := kind.Scale()
	hours := rapid.IntRange(-100, 100).Draw(rt, "hours")
	at := noon().Add(time.Duration(hours) * time.Hour).Add(time.Duration(rapid.IntRange(0, 15).Draw(rt, "seconds")) * time.Second)
	e := storetest.Score(strconv.Itoa(rapid.IntRange(1, 3).Draw(rt, "id")), kind, rapid.IntRange(low, high).Draw(rt, "rating"), at)
	if rapid.Bool().Draw(rt, "comments") {
		e = storetest.With(e, rapid.SampledFrom([]string{"", "why"}).Draw(rt, "comment"))
	}
	e.Channel = rapid.SampledFrom([]feedback.Channel{feedback.ChannelPanel, feedback.ChannelChat}).Draw(rt, "channel")
	if rapid.Bool().Draw(rt, "names an agent") {
		e.Answer.Agent.ID = rapid.SampledFrom([]string{"", "a-1", "a-2"}).Draw(rt, "agent id")
		e.Answer.Agent.Name = rapid.SampledFrom([]string{"", "Bart", "Lise"}).Draw(rt, "agent name")
		e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName] = true, true
	}
	if rapid.Bool().Draw(rt, "comment only") {
		delete(e.Mentions, feedback.FieldRating)
	}
	now := noon().Add(200 * time.Hour)
	if rapid.IntRange(0, 4).Draw(rt, "imports") == 0 {
		past := storetest.Past(e)
		past[0].VoidReason = rapid.SampledFrom([]string{"", "a mail scanner"}).Draw(rt, "void reason")
		_, err := s.Import(ctx, past, now)
		require.NoError(rt, err)
		return
	}
	taken, err := s.Ingest(ctx, store.Delivery{Sender: "feedback", ID: strconv.Itoa(rapid.IntRange(0, 30).Draw(rt, "delivery")), ReceivedAt: now}, e)
	if err != nil {
		require.ErrorIs(rt, err, feedback.ErrRatingMissing)
		return
	}
	if taken[0].FeedbackID == "" { // it is kept for its rating
		return
	}
	closing(ctx, rt, s, taken[0].FeedbackID, now)
	step := followup.Transition{
		Action: rapid.SampledFrom(followup.Actions()).Draw(rt, "action"),
		By:     "U1", Outcome: followup.OutcomeOther, Note: "n", To: "U2", At: now,
		Until: now.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "minutes")) * time.Minute),
	}
	if _, err := s.ApplyTransition(ctx, taken[0].FeedbackID, step); err != nil {
		var refused *followup.InvalidTransitionError
		require.ErrorAs(rt, err, &refused)
	}
	deliver(ctx, rt, s, now)
}

// closing draws something of what closes the loop.
func closing(ctx context.Context, rt *rapid.T, s *store.Store, id string, now time.Time) {
	switch rapid.IntRange(0, 9).Draw(rt, "closing") {
	case 0, 1, 2:
		act := rapid.SampledFrom(feedback.ModerationActions()).Draw(rt, "act")
		by := "U3"
		if act == feedback.ModerationRestore {
			by = "restorer"
		}
		if _, err := s.Moderate(ctx, id, feedback.Moderation{Action: act, By: by, Reason: "r", At: now}); err != nil {
			var refused *feedback.ModerationRefusedError
			require.ErrorAs(rt, err, &refused)
		}
	case 3, 4:
		_, err := s.Remind(ctx, now.Add(time.Duration(rapid.IntRange(0, 6).Draw(rt, "later"))*time.Hour))
		require.NoError(rt, err)
	case 5:
		_, err := s.Escalate(ctx, store.JobProgress{Name: "escalation"}, "escalation:"+rapid.StringMatching(`[a-z]{3}`).Draw(rt, "morning"), now.Add(5*time.Hour))
		require.NoError(rt, err)
	case 6:
		_, err := s.EraseBefore(ctx, office.DayOf(noon().Add(-90*time.Hour), time.UTC), now)
		require.NoError(rt, err)
	}
}

// deliver draws what becomes of what waits for Slack.
func deliver(ctx context.Context, rt *rapid.T, s *store.Store, now time.Time) {
	posts, err := s.NextPosts(ctx, now)
	require.NoError(rt, err)
	notices, err := s.NextNotices(ctx, now)
	require.NoError(rt, err)
	for _, i := range append(posts, notices...) {
		require.NoError(rt, s.Attempt(ctx, i.Key, "C1", now))
		switch rapid.IntRange(0, 3).Draw(rt, "fate") {
		case 0:
			require.NoError(rt, s.Abandon(ctx, i.Key, now))
		case 1:
			require.NoError(rt, s.Doubt(ctx, i.Key, now))
			require.NoError(rt, s.ResolveDoubts(ctx, "C1", nil, []string{i.Key}, time.Now()))
		default:
			require.NoError(rt, s.Posted(ctx, i.Key, "C1", store.FoundMessage{TS: rapid.StringMatching(`[0-9]{4}\.[0-9]{6}`).Draw(rt, "ts"), Revision: i.Revision}, now))
		}
	}
	edits, err := s.NextEdits(ctx, now)
	require.NoError(rt, err)
	for _, i := range edits {
		if rapid.IntRange(0, 3).Draw(rt, "edit") == 0 {
			require.NoError(rt, s.Unlink(ctx, i.Key, now))
		} else {
			require.NoError(rt, s.Edited(ctx, i.Key, i.Revision))
		}
	}
}

// lawful checks what the rows of a store must be to each other.
func lawful(tb testing.TB, rt *rapid.T, d *fixture) {
	tb.Helper()
	for _, c := range []struct {
		name  string
		query string
	}{
		{"a living message's key is its feedback", `select key from outbox where notice is null and key <> feedback_id`},
		{"a message shows no more than is wanted", `select key from outbox where shown > revision or (ts is null) <> (shown = 0)`},
		{"a claimed follow-up has a claimer", `select id from followup where (state = 'claimed' and claimer = '') or (claimer <> '' and state not in ('claimed', 'snoozed'))`},
		{"the last transition has the claimer", `select u.id from followup u where u.claimer <> (select claimer from transition where followup_id = u.id order by id desc limit 1)`},
		{"nothing snoozed is due before it is back", `select id from followup where due_ms < snoozed_ms and state = 'snoozed'`},
		{"a done one has an outcome", `select id from followup where (state = 'done') <> (outcome <> '')`},
		{"a notice has a follow-up that had a claimer", `select key from outbox where notice in ('explained', 'assigned') and mention = ''`},
		{"what is void was voided last", `select f.id from feedback f where (f.voided_ms is not null) <> coalesce((select action = 'void' from moderation where feedback_id = f.id and action <> 'confirm' order by id desc limit 1), false)`},
		{"of the forgotten nothing is left", `select id from feedback where forgotten_ms is not null and (comment || customer_id || customer_name || customer_email <> '' or void_reason not in ('', '–') or exists (select 1 from payload where feedback_id = feedback.id))`},

		{"transitions go on from one another", `select a.id from transition a join transition b on b.followup_id = a.followup_id and b.id = (select min(id) from transition where followup_id = a.followup_id and id > a.id) where b.from_state <> a.to_state`},
		{"the last transition is where the follow-up is", `select u.id from followup u where u.state <> (select to_state from transition where followup_id = u.id order by id desc limit 1)`},
		{"openings are counted", `select u.id from followup u where u.openings <> (select count(*) from transition where followup_id = u.id and to_state = 'open' and from_state not in ('claimed', 'snoozed') and not (from_state = 'withdrawn' and made_by = 'restorer'))`},
		{"a feedback's day is that of its earliest event", `select f.id from feedback f where f.occurred_ms > (select min(occurred_ms) from history where feedback_id = f.id)`},
		{"the rating is the last applied one", `select f.id from feedback f where f.kind <> 'smiley' and cast(f.rating as text) <> (select new from history where feedback_id = f.id and field = 'rating' and applied = 1 order by id desc limit 1)`},
		{"the comment is the last applied one", `select f.id from feedback f where f.forgotten_ms is null and f.comment <> coalesce((select new from history where feedback_id = f.id and field = 'comment' and applied = 1 order by id desc limit 1), '')`},
	} {
		assert.Empty(rt, d.rows(tb, c.query), c.name)
	}
	if storetest.OnServer() {
		return
	}
	assert.Equal(rt, "ok", d.one(tb, `pragma integrity_check`))
	assert.Empty(rt, d.rows(tb, `pragma foreign_key_check`))
}
