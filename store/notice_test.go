package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/storetest"
)

// TestNotices wait for their message, and go into its thread, oldest first.
func TestNotices(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	var ids []string
	for _, name := range []string{"2", "1"} {
		id := d.take(t, red(name)).FeedbackID
		d.step(t, id, by("U"+name, feedback.ActionClaim, 10))
		d.takeAt(t, after(20-float64(len(ids))), storetest.Comment(red(name), "why", after(15)))
		ids = append(ids, id)
	}
	waiting, err := d.NextNotices(ctx, after(30))
	require.NoError(t, err)
	assert.Empty(t, waiting, "their messages are not in Slack")
	d.post(t, ids[0], "C1", "1.000001", 3, after(30))
	d.post(t, ids[1], "C2", "2.000002", 3, after(30))
	waiting, err = d.NextNotices(ctx, after(30))
	require.NoError(t, err)
	require.Len(t, waiting, 2)
	key := fmt.Sprintf("explained:%s:3", ids[1])
	first := store.Item{
		Key: key, FeedbackID: ids[1], Notice: store.NoticeExplained, Mention: "U1", Channel: feedback.ChannelTicket,
		QueuedAt: after(19), Revision: 1, SlackChannel: "C2", Thread: "2.000002",
	}
	assert.Equal(t, first, waiting[0])
	assert.False(t, first.Living())
	assert.Equal(t, []string{"notices"}, d.places(t, key, after(30)))

	require.NoError(t, d.Attempt(ctx, key, "C2", after(31)))
	assert.Equal(t, []string{"doubts"}, d.places(t, key, after(31)))
	assert.Equal(t, "2.000002", item(d.Doubts(ctx))(t, key).Thread)
	require.NoError(t, d.Abandon(ctx, key, after(60)))
	assert.Empty(t, d.places(t, key, after(59)))
	d.post(t, key, "C2", "2.000003", 1, after(60))
	assert.Empty(t, d.places(t, key, after(60)), "said once")
}

func TestBacklogAndPace(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	check := func(want store.Backlog) {
		t.Helper()
		got, err := d.Backlog(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	check(store.Backlog{})
	a := d.takeAt(t, after(10), red("1")).FeedbackID
	b := d.takeAt(t, after(20), green("2")).FeedbackID
	check(store.Backlog{Pending: 2, Oldest: after(10)})
	require.NoError(t, d.Attempt(ctx, a, "C1", after(30)))
	check(store.Backlog{Pending: 2, Oldest: after(10), InDoubt: 1})
	require.NoError(t, d.Posted(ctx, a, "C1", store.Sight{TS: "1.000001", Revision: 1}, after(31)))
	check(store.Backlog{Pending: 1, Oldest: after(20)})
	d.post(t, b, "C2", "1.000001", 1, after(40))
	check(store.Backlog{})
	_, err := d.Refresh(ctx, a, after(50))
	require.NoError(t, err)
	check(store.Backlog{Pending: 1, Oldest: after(50)})
	c := d.take(t, red("3")).FeedbackID
	d.post(t, c, "C1", "1.000003", 1, after(35))
	last, err := d.LastPosts(ctx, after(0))
	require.NoError(t, err)
	require.Len(t, last, 2)
	assert.True(t, last["C1"].Equal(after(35)))
	assert.True(t, last["C2"].Equal(after(40)))

	require.NoError(t, d.Pause(ctx, "chat.update", after(60)))
	require.NoError(t, d.Pause(ctx, "chat.update", after(50)))
	require.NoError(t, d.Pause(ctx, "chat.postMessage", after(70)))
	pauses, err := d.Pauses(ctx)
	require.NoError(t, err)
	require.Len(t, pauses, 2)
	assert.True(t, pauses["chat.update"].Equal(after(50)), "the last word counts: the deliverer knows the longest")
	assert.True(t, pauses["chat.postMessage"].Equal(after(70)))
}
