package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

func unwatched(done, total int64) {}

// about is an event about an agent.
func about(e feedback.Event, id, name string) feedback.Event {
	e.Answer.Agent = feedback.Person{ID: id, Name: name}
	e.Mentions[feedback.FieldAgentID], e.Mentions[feedback.FieldAgentName] = true, true
	return e
}

// TestRebuildRepairs whatever is wrong with the tallies, and says what it was.
func TestRebuildRepairs(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, about(red("1"), "a-1", "Bart"))
	d.take(t, about(green("2"), "a-2", ""))
	d.take(t, storetest.Score("3", feedback.KindNPS, 9, noon()))
	right := d.tallied(t)
	for _, query := range []string{
		`update tally set v3 = v3 + 2 where unit = 'day' and agent = 0 and channel = ''`,
		`delete from tally where unit = 'month'`,
		`insert into tally select 'ces', 'day', 'chat', 1, 20000, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0`,
		`delete from tally`,
	} {
		_, err := d.raw.ExecContext(t.Context(), query)
		require.NoError(t, err)
		steps := int64(0)
		rebuilt, err := d.Rebuild(t.Context(), func(done, total int64) {
			assert.LessOrEqual(t, steps, done)
			assert.LessOrEqual(t, done, total)
			steps = done
		})
		require.NoError(t, err)
		assert.EqualValues(t, 3, rebuilt.Feedback)
		assert.NotZero(t, rebuilt.Different, query)
		assert.Len(t, rebuilt.Differences, int(min(rebuilt.Different, store.MaxDifferences)))
		assert.Equal(t, right, d.tallied(t), query)
		assert.EqualValues(t, 9, steps, "three passes over three rows")
	}
	_, err := d.raw.ExecContext(t.Context(), `update tally set v1 = v1 + 2, voided = 1 where unit = 'month' and agent <> 0 and channel = 'ticket' and v1 = 1`)
	require.NoError(t, err)
	rebuilt, err := d.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Equal(t, []store.Difference{{
		Kind: feedback.KindSmiley, From: office.Date(2026, time.November, 1), To: office.Date(2026, time.November, 30),
		Channel: feedback.ChannelTicket, Agent: "Bart",
		Was: score.Count{Tally: score.Tally{1: 3}, Voided: 1}, Counted: score.Count{Tally: score.Tally{1: 1}},
	}}, rebuilt.Differences)
}

// TestRebuildNextToServe: what is taken while it counts is neither lost nor
// counted twice.
func TestRebuildNextToServe(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	for i := range 50 {
		d.take(t, about(red(strconv.Itoa(i)), "a-1", "Bart"))
	}
	second, err := database.OpenExisting(t.Context(), storetest.Address(t, d.path), storetest.Options(t))
	require.NoError(t, err)
	defer second.Close()
	_, err = d.raw.ExecContext(t.Context(), `update tally set v1 = 0, v2 = 9`)
	require.NoError(t, err)
	var serve sync.WaitGroup
	serve.Go(func() {
		for i := range 200 {
			d.take(t, about(storetest.Smiley(strconv.Itoa(i%80), feedback.Smileys()[i%3], after(float64(i))), "a-"+strconv.Itoa(i%3), "Lise"))
		}
	})
	for range 5 {
		_, err := second.Rebuild(t.Context(), unwatched)
		require.NoError(t, err)
	}
	serve.Wait()
	assert.Equal(t, d.recounted(t), d.tallied(t))
}

// TestRebuildForOtherTimeZone: after a change of the time zone the feedback counts on other days,
// and a store with other days returns an error instead of a wrong score.
func TestRebuildForOtherTimeZone(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	late := time.Date(2026, time.November, 30, 23, 30, 0, 0, time.UTC) // 1 December in Amsterdam
	d.take(t, storetest.Smiley("1", feedback.Red, late))
	d.take(t, storetest.Smiley("2", feedback.Green, late.Add(-12*time.Hour)))
	require.NoError(t, d.Close())

	options := storetest.Options(t)
	options.Location = time.UTC
	_, err := database.OpenExisting(t.Context(), storetest.Address(t, d.path), options)
	require.ErrorContains(t, err, "it counts the days of Europe/Amsterdam and SMILEYBOT_TIMEZONE is UTC")
	moved, err := database.Open(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err)
	defer moved.Close()
	counted, err := moved.Counted(t.Context())
	require.NoError(t, err)
	require.False(t, counted)
	rebuilt, err := moved.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.EqualValues(t, 1, rebuilt.Moved)
	assert.Zero(t, rebuilt.Different, "they moved with the feedback")
	assert.Equal(t, d.recounted(t), d.tallied(t))
	tally, err := moved.Tally(t.Context(), feedback.KindSmiley, office.Date(2026, time.November, 30), office.Date(2026, time.November, 30))
	require.NoError(t, err)
	assert.Equal(t, score.Tally{1: 1, 3: 1}, tally)
	counted, err = moved.Counted(t.Context())
	require.NoError(t, err)
	assert.True(t, counted)
	second, err := database.OpenExisting(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

// TestInterruptedRebuild is noticed by any program that opens the database, in whichever
// zone.
func TestInterruptedRebuild(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	d.take(t, red("1"))
	require.NoError(t, d.Close())
	options := storetest.Options(t)
	options.Location = time.UTC
	moved, err := database.Open(t.Context(), storetest.Address(t, d.path), options)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = moved.Rebuild(ctx, func(done, total int64) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, moved.Close())
	_, err = database.OpenExisting(t.Context(), storetest.Address(t, d.path), storetest.Options(t))
	require.ErrorContains(t, err, "its scores are not counted yet: 'smileybot serve' counts them")
	counted, err := storetest.Open(t, d.path).Counted(t.Context())
	require.NoError(t, err)
	assert.False(t, counted)
}

// TestOldestSchemaIsCounted: what the first version kept counts, with its agents, once it is
// counted.
func TestOldestSchemaIsCounted(t *testing.T) {
	storetest.OnlyFile(t, "an old schema")
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	db := storetest.Raw(t, path)
	schema, err := os.ReadFile("sqlite/migrations/00001_loop.sql")
	require.NoError(t, err)
	for _, query := range []string{
		string(schema),
		`create table goose_db_version (id integer primary key autoincrement, version_id integer not null, is_applied integer not null, tstamp timestamp default (datetime('now')))`,
		`insert into goose_db_version (version_id, is_applied) values (0, 1), (1, 1)`,
		`insert into feedback values ('f1', 'feedback', 'chat', 'smiley', '1', 3, '', '', '', '', 'a-1', 'Bart', '', '', '', '', 0, null, null, null, 0, '', '', '{}', 1790000000000, 20717, 1790000000000, 0)`,
		`insert into tally values ('smiley', 20717, 'chat', 3, 1)`,
		`insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision, shown, slack_channel, ts, posted_ms)
values ('f1', 'f1', '', 'chat', 2, 1790000000000, 3, 2, 'C1', '1790000000.000100', 1790000001000)`,
	} {
		_, err := db.ExecContext(t.Context(), query)
		require.NoError(t, err, strings.TrimSpace(query)[:30])
	}
	d := &fixture{storetest.Open(t, path), path, db}
	counted, err := d.Counted(t.Context())
	require.NoError(t, err)
	require.False(t, counted)
	_, err = d.Rebuild(t.Context(), unwatched)
	require.NoError(t, err)
	assert.Equal(t, d.recounted(t), d.tallied(t))
	edits, err := d.NextEdits(t.Context(), noon())
	require.NoError(t, err)
	require.Len(t, edits, 1, "messages in Slack are known")
	assert.Equal(t, "1790000000.000100", edits[0].TS)
	assert.Len(t, d.tallied(t), 8)
	assert.False(t, d.standing(t, "f1").Feedback.Voided())
}
