package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// item is the outbox row of a key, as some list of items shows it.
func item(items []store.Item, err error) func(testing.TB, string) *store.Item {
	return func(tb testing.TB, key string) *store.Item {
		tb.Helper()
		require.NoError(tb, err)
		for _, i := range items {
			if i.Key == key {
				return &i
			}
		}
		return nil
	}
}

// places are the deliverer's lists that have a key at a moment.
func (d *fixture) places(tb testing.TB, key string, now time.Time) []string {
	tb.Helper()
	var found []string
	ctx := tb.Context()
	for _, c := range []struct {
		name string
		list func(testing.TB, string) *store.Item
	}{
		{"posts", item(d.NextPosts(ctx, now))},
		{"edits", item(d.NextEdits(ctx, now))},
		{"notices", item(d.NextNotices(ctx, now))},
		{"doubts", item(d.Doubts(ctx))},
		{"rechecks", item(d.Rechecks(ctx, now))},
		{"formers", item(d.Predecessors(ctx, now))},
	} {
		if c.list(tb, key) != nil {
			found = append(found, c.name)
		}
	}
	slices.Sort(found)
	return found
}

// post records that a message is in Slack.
func (d *fixture) post(tb testing.TB, key, channel, ts string, revision int64, now time.Time) {
	tb.Helper()
	require.NoError(tb, d.Attempt(tb.Context(), key, channel, now))
	require.NoError(tb, d.Posted(tb.Context(), key, channel, store.FoundMessage{TS: ts, Revision: revision}, now))
}

// TestMessageLifecycle follows one message through all that can happen to it.
func TestMessageLifecycle(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	id := d.take(t, red("1")).FeedbackID
	at := func(now time.Time) []string { return d.places(t, id, now) }
	assert.Equal(t, []string{"posts"}, at(after(1)))
	want := store.Item{
		Key: id, FeedbackID: id, Channel: feedback.ChannelTicket, QueuedAt: after(1), Revision: 1,
	}
	assert.Equal(t, &want, item(d.NextPosts(ctx, after(1)))(t, id))
	assert.True(t, want.OfFeedback())

	require.NoError(t, d.Attempt(ctx, id, "C1", after(2)))
	require.Error(t, d.Attempt(ctx, id, "C1", after(2)), "never two at once")
	assert.Equal(t, []string{"doubts"}, at(after(2)), "a restart would find it")
	want.SlackChannel, want.AttemptAt = "C1", after(2)
	assert.Equal(t, &want, item(d.Doubts(ctx))(t, id))

	require.NoError(t, d.Abandon(ctx, id, after(60)))
	assert.Empty(t, at(after(59.999)), "Slack refused; it waits")
	next, err := d.NextTime(ctx, after(3))
	require.NoError(t, err)
	assert.Equal(t, after(60), next)
	assert.Equal(t, []string{"posts"}, at(after(60)))

	require.NoError(t, d.Attempt(ctx, id, "C1", after(60)))
	require.NoError(t, d.Doubt(ctx, id, after(68)))
	want.AttemptAt, want.DoubtAt = after(60), after(68)
	assert.Equal(t, &want, item(d.Doubts(ctx))(t, id))
	require.NoError(t, d.ResolveDoubts(ctx, "C1", nil, []string{id}, time.Now()))
	require.Error(t, d.ResolveDoubts(ctx, "C1", nil, []string{id}, time.Now()))
	assert.Equal(t, []string{"posts"}, at(after(100)))
	require.NoError(t, d.Attempt(ctx, id, "C1", after(100)))
	require.NoError(t, d.Doubt(ctx, id, after(108)))
	require.NoError(t, d.ResolveDoubts(ctx, "C1", nil, []string{id}, time.Now()))
	require.NoError(t, d.Attempt(ctx, id, "C1", after(140)))
	require.NoError(t, d.Posted(ctx, id, "C1", store.FoundMessage{TS: "1.000001", Revision: 1}, after(141)))
	require.Error(t, d.Posted(ctx, id, "C1", store.FoundMessage{TS: "2.000002", Revision: 1}, after(141)), "it is linked once")
	assert.Empty(t, at(after(141)))

	second := after(141).Add(time.Minute)
	next, err = d.NextTime(ctx, after(141))
	require.NoError(t, err)
	assert.Equal(t, second, next)
	assert.Equal(t, []string{"rechecks"}, at(second))
	found := item(d.Rechecks(ctx, second))(t, id)
	assert.Equal(t, after(60), found.RecheckFrom, "from the oldest attempt that may still arrive")
	assert.Equal(t, "1.000001", found.TS)
	require.NoError(t, d.Rechecked(ctx, id))
	assert.Empty(t, at(second))

	d.takeAt(t, after(300), storetest.Comment(red("1"), "why", after(300)))
	d.takeAt(t, after(310), storetest.Comment(red("1"), "because", after(310)))
	assert.Equal(t, []string{"edits"}, at(after(310)))
	edit := item(d.NextEdits(ctx, after(310)))(t, id)
	assert.Equal(t, []any{int64(3), int64(1), after(300), "C1", "1.000001"}, []any{edit.Revision, edit.Shown, edit.QueuedAt, edit.SlackChannel, edit.TS})
	require.NoError(t, d.Edited(ctx, id, 2))
	assert.Equal(t, []string{"edits"}, at(after(310)), "it changed meanwhile")
	require.NoError(t, d.Postpone(ctx, id, after(400)))
	assert.Empty(t, at(after(399)))
	next, err = d.NextTime(ctx, after(310))
	require.NoError(t, err)
	assert.Equal(t, after(400), next)
	require.NoError(t, d.Edited(ctx, id, 3))
	require.NoError(t, d.Edited(ctx, id, 2), "a late answer to an older edit")
	assert.Empty(t, at(after(400)))
	require.Error(t, d.Edited(ctx, id, 4), "that revision is not wanted")

	_, err = d.Refresh(ctx, id, after(500))
	require.NoError(t, err)
	require.NoError(t, d.Unlink(ctx, id, after(501)))
	require.Error(t, d.Unlink(ctx, id, after(501)))
	assert.Equal(t, []string{"posts"}, at(after(501)))
	again := item(d.NextPosts(ctx, after(501)))(t, id)
	assert.Equal(t, []any{[]store.Place{{SlackChannel: "C1", TS: "1.000001"}}, "", "C1", after(501), int64(4)}, []any{again.Predecessors, again.TS, again.SlackChannel, again.QueuedAt, again.Revision})
	d.post(t, id, "C1", "3.000003", 4, after(502))
	assert.Equal(t, []string{"formers"}, at(after(502)))
	require.NoError(t, d.PredecessorsDeleted(ctx, id))
	assert.Empty(t, at(after(502)))
	next, err = d.NextTime(ctx, after(502))
	require.NoError(t, err)
	assert.True(t, next.IsZero())
}

// TestFoundMessageIsAdopted: a doubtful post that was found is linked, and shows what it said.
func TestMessageChannelIsWhereTheMessageIs(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	id := d.take(t, red("1")).FeedbackID
	channelOf := func(id string) string {
		channel, err := d.MessageChannel(ctx, id)
		require.NoError(t, err)
		return channel
	}
	assert.Empty(t, channelOf(id), "it is not posted yet")
	require.NoError(t, d.Attempt(ctx, id, "C1", after(2)))
	assert.Equal(t, "C1", channelOf(id), "it may be there")
	require.NoError(t, d.Posted(ctx, id, "C1", store.FoundMessage{TS: "1.000001", Revision: 1}, after(3)))
	assert.Equal(t, "C1", channelOf(id))
	assert.Empty(t, channelOf("unknown"))
	assert.Empty(t, channelOf(""))
}

func TestFoundMessageIsAdopted(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	id := d.take(t, red("1")).FeedbackID
	require.NoError(t, d.Attempt(t.Context(), id, "C1", after(2)))
	require.NoError(t, d.Doubt(t.Context(), id, after(10)))
	d.take(t, storetest.Comment(red("1"), "why", after(11)))
	require.NoError(t, d.Posted(t.Context(), id, "C1", store.FoundMessage{TS: "1.000001", Revision: 1}, after(40)))
	assert.Equal(t, []string{"edits"}, d.places(t, id, after(40)))
	require.Error(t, d.Doubt(t.Context(), id, after(41)), "it is resolved")
	require.Error(t, d.Abandon(t.Context(), id, after(41)))

	other := d.take(t, red("2")).FeedbackID
	require.NoError(t, d.Attempt(t.Context(), other, "C1", after(2)))
	require.NoError(t, d.Posted(t.Context(), other, "C1", store.FoundMessage{TS: "1.000002", Revision: 0}, after(3)), "metadata may lack the revision")
	assert.Empty(t, d.places(t, other, after(3)))
	third := d.take(t, red("3")).FeedbackID
	require.NoError(t, d.Attempt(t.Context(), third, "C1", after(2)))
	require.NoError(t, d.Posted(t.Context(), third, "C1", store.FoundMessage{TS: "1.000003", Revision: 9}, after(3)), "nor does it decide what is wanted")
	assert.Empty(t, d.places(t, third, after(3)))
	assert.Equal(t, int64(1), d.standing(t, third).Feedback.Revision)
	for _, key := range []string{"nobody", ""} {
		require.Error(t, d.Attempt(t.Context(), key, "C1", after(2)))
		require.Error(t, d.Postpone(t.Context(), key, after(2)))
		require.Error(t, d.PredecessorsDeleted(t.Context(), key))
		require.Error(t, d.Rechecked(t.Context(), key))
	}
}

// TestPostOrder: red before yellow before green, older first, for each channel
// of feedback the first.
func TestPostOrder(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	names := make(map[string]string)
	add := func(name string, s feedback.Smiley, channel feedback.Channel, seconds float64) {
		e := storetest.Smiley(name, s, noon())
		e.Channel = channel
		names[d.takeAt(t, after(seconds), e).FeedbackID] = name
	}
	add("green", feedback.Green, feedback.ChannelTicket, 1)
	add("yellow", feedback.Yellow, feedback.ChannelTicket, 2)
	add("red, later", feedback.Red, feedback.ChannelTicket, 4)
	add("red", feedback.Red, feedback.ChannelTicket, 3)
	add("chat", feedback.Green, feedback.ChannelChat, 5)
	var posted []string
	for seconds := 10.0; ; seconds++ {
		items, err := d.NextPosts(t.Context(), after(seconds))
		require.NoError(t, err)
		if len(items) == 0 {
			break
		}
		for _, i := range items {
			posted = append(posted, names[i.Key])
			d.post(t, i.Key, "C1", fmt.Sprintf("%.0f.%06d", seconds, len(posted)), i.Revision, after(seconds))
		}
	}
	assert.Equal(t, []string{"red", "chat", "red, later", "yellow", "green"}, posted)

	since := map[string]float64{"chat": 30, "yellow": 31, "green": 32, "red, later": 33, "red": 34}
	for key, name := range names { // and edits likewise, for each Slack channel the first
		_, err := d.Refresh(t.Context(), key, after(since[name]))
		require.NoError(t, err)
	}
	d.take(t, storetest.Smiley("green", feedback.Red, after(60)))
	var edited []string
	for {
		items, err := d.NextEdits(t.Context(), after(100))
		require.NoError(t, err)
		if len(items) == 0 {
			break
		}
		require.Len(t, items, 1)
		edited = append(edited, names[items[0].Key])
		require.NoError(t, d.Edited(t.Context(), items[0].Key, items[0].Revision))
	}
	assert.Equal(t, []string{"green", "red, later", "red", "yellow", "chat"}, edited, "what turned red is red")
}

// TestItemOrder compares the posts of several channels.
func TestItemOrder(t *testing.T) {
	t.Parallel()
	older, later := store.Item{Rank: 1, QueuedAt: noon()}, store.Item{Rank: 1, QueuedAt: after(1)}
	worse := store.Item{Rank: 0, QueuedAt: after(2)}
	assert.True(t, older.Before(later))
	assert.False(t, later.Before(older))
	assert.True(t, worse.Before(older))
	assert.False(t, older.Before(worse))
	assert.False(t, older.Before(older))
}

// TestAnUndeletableMessageIsRecordedOnce, however often Slack refuses to delete it.
func TestAnUndeletableMessageIsRecordedOnce(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	id := d.take(t, red("1")).FeedbackID
	d.post(t, id, "C1", "1.1", 1, after(2))
	for _, at := range []store.Place{{SlackChannel: "C1", TS: "1.12"}, {SlackChannel: "C1", TS: "1.1"}, {SlackChannel: "C1", TS: "1.12"}, {SlackChannel: "C2", TS: "1.1"}, {SlackChannel: "C1", TS: "1.1"}} {
		require.NoError(t, d.MarkUndeletable(ctx, id, at))
	}
	require.NoError(t, d.Leave(ctx, id, after(3)))
	assert.Equal(t, [][]any{{"C1/1.12 C1/1.1 C2/1.1"}}, d.rows(t, `select stuck_ts from outbox where key = '`+id+`'`))
}

// TestMessagesByChannel counts what is in each channel, what was left there included.
func TestMessagesByChannel(t *testing.T) {
	t.Parallel()
	d, ctx := newFixture(t), t.Context()
	ids := make([]string, 4)
	for i := range ids {
		ids[i] = d.take(t, red(strconv.Itoa(i))).FeedbackID
	}
	d.post(t, ids[0], "C1", "1.1", 1, after(2))
	d.post(t, ids[1], "C1", "1.2", 1, after(2))
	d.post(t, ids[2], "C2", "1.3", 1, after(2))
	require.NoError(t, d.Leave(ctx, ids[0], after(3)))
	d.post(t, ids[0], "C2", "1.4", 1, after(4))
	require.NoError(t, d.Leave(ctx, ids[2], after(5)))
	counted, err := d.MessagesByChannel(ctx)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"C1": 2, "C2": 2}, counted)
}
