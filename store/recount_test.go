package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/store"
	"smileybot/store/database"
	"smileybot/store/storetest"
)

var errKilled = errors.New("killed")

// A killer is an engine that is killed after some writes: no later write happens.
type killer struct {
	store.Engine

	left *int
}

func (k killer) Write(ctx context.Context, job func(*store.Unit) error) error {
	if *k.left == 0 {
		return errKilled
	}
	*k.left--
	return k.Engine.Write(ctx, job)
}

// countedBy are options that count on other days and by other hours than [storetest.Options].
func countedBy(tb testing.TB, zone, hours string) store.Options {
	tb.Helper()
	o := storetest.Options(tb)
	var err error
	o.Location, err = time.LoadLocation(zone)
	require.NoError(tb, err)
	o.Policy.Hours, err = office.ParseHours(hours, o.Location, office.Holidays{})
	require.NoError(tb, err)
	return o
}

// TestRecountContinues kills a recount after any of its writes, also several times, and takes webhooks
// before it continues, sometimes with other settings again. It ends with what a full count finds.
func TestRecountContinues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := storetest.Check(t, rt)
		path := filepath.Join(storetest.Folder(c), "smileybot.db")
		storetest.Create(c, path)
		open := func(o store.Options) *store.Store {
			s, err := database.Open(t.Context(), storetest.Address(t, path), o)
			require.NoError(rt, err)
			return s
		}
		take := func(s *store.Store, most int) {
			for range rapid.IntRange(0, most).Draw(rt, "events") {
				_, err := s.Ingest(t.Context(), store.Delivery{Sender: "feedback", Body: []byte("{}"), ReceivedAt: noon()}, ticket(rt))
				if !errors.Is(err, feedback.ErrRatingMissing) {
					require.NoError(rt, err)
				}
			}
		}
		first := open(storetest.Options(t))
		take(first, 12)
		require.NoError(rt, first.Close())
		settings := []store.Options{countedBy(t, "Pacific/Auckland", "Mon-Sun 06:00-23:00"), countedBy(t, "America/New_York", "Tue 10:00-11:00")}
		now, s := settings[0], open(settings[0])
		defer func() { require.NoError(rt, s.Close()) }()
		for {
			left := rapid.IntRange(0, 12).Draw(rt, "writes")
			s.HookEngine(func(e store.Engine) store.Engine { return killer{e, &left} })
			_, err := s.RebuildInSteps(t.Context(), rapid.IntRange(1, 5).Draw(rt, "reads"), rapid.IntRange(1, 3).Draw(rt, "rows"), unwatched)
			require.NoError(rt, s.Close())
			if err != nil {
				require.ErrorIs(rt, err, errKilled)
				now = rapid.SampledFrom([]store.Options{now, now, now, settings[1]}).Draw(rt, "settings")
			}
			s = open(now)
			if err == nil {
				break
			}
			take(s, 3)
		}
		d := &fixture{s, path, storetest.Raw(c, path)}
		counted, err := s.Counted(t.Context())
		require.NoError(rt, err)
		assert.True(rt, counted)
		assert.Equal(rt, d.recounted(t), d.tallied(t))
		full, err := s.Rebuild(t.Context(), unwatched)
		require.NoError(rt, err)
		assert.Zero(rt, full.Moved)
		assert.Zero(rt, full.Different)
		assert.Zero(rt, full.Service)
		assert.EqualValues(rt, 0, d.one(t, `select count(*) from recount`))
	})
}

// TestRecountBeginsWhereItWas checks that an interrupted recount does not begin at zero.
func TestRecountBeginsWhereItWas(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	const rows = 12
	for i := range rows {
		d.take(t, ordinary(string(rune('a'+i)), i))
	}
	require.NoError(t, d.Close())
	for interrupted := range 2 * rows { // the comparison of the tallies has no writes
		moved, err := database.Open(t.Context(), storetest.Address(t, d.path), countedBy(t, "Pacific/Auckland", "Mon-Sun 06:00-23:00"))
		require.NoError(t, err)
		left := 1 + rows/2 // the one that marks the tallies as stale, and some
		moved.HookEngine(func(e store.Engine) store.Engine { return killer{e, &left} })
		from := int64(-1)
		_, err = moved.RebuildInSteps(t.Context(), 1, 1, func(done, total int64) {
			if from < 0 {
				from = done
			}
		})
		require.NoError(t, moved.Close())
		if err == nil {
			require.Greater(t, interrupted, 2)
			return
		}
		require.ErrorIs(t, err, errKilled)
		if interrupted > 0 {
			assert.Greater(t, from, int64(1), "interruption %d", interrupted)
		}
	}
	t.Error("it does not end")
}
