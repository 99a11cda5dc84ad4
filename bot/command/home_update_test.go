package command_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/bot/command"
	"smileybot/fakeslack"
	"smileybot/store/storetest"
)

// keeping runs a test in which Home tabs are kept up to date and the clock runs.
func keeping(t *testing.T, test func(t *testing.T, s *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, func(o *command.Options) { o.Now = nil })
		s.live = true
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.KeepHomes(ctx)
		}()
		synctest.Wait() // until it waits for a change
		test(t, s)
		cancel()
		<-ended
	})
}

// comes ingests a red smiley and signals it, as the bot does.
func (s *fixture) comes(ticket string) string {
	s.tb.Helper()
	id := s.about(ticket)
	s.WaitingChanged()
	return id
}

// elapses lets time pass until every goroutine waits.
func elapses(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// TestHomeFollowsOnceAMinute checks that however often what waits changes, the Home tab is updated once
// a minute, with the last change.
func TestHomeFollowsOnceAMinute(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.opens(bart)
		elapses(10 * time.Second)
		s.comes("1001")
		s.comes("1002")
		elapses(20 * time.Second)
		assert.Equal(t, 1, s.calls("views.publish"), "not within a minute")
		elapses(30 * time.Second)
		assert.Equal(t, 2, s.calls("views.publish"))
		assert.Contains(t, s.home(bart), "1002")
		elapses(2 * time.Hour)
		s.WaitingChanged()
		elapses(2 * time.Second)
		assert.Equal(t, 2, s.calls("views.publish"), "nothing changed")
		s.comes("1003")
		elapses(2 * time.Second)
		assert.Equal(t, 3, s.calls("views.publish"), "at once after a quiet minute")
		assert.Contains(t, s.home(bart), "1003")
	})
}

func TestUnopenedHomeIsNotPublished(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.comes("1001")
		elapses(time.Hour)
		assert.Zero(t, s.calls("views.publish"))
	})
}

// TestHomeShowsOverdue checks that time alone changes what waits, too.
func TestHomeShowsOverdue(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		id := s.comes("1001")
		s.opens(bart)
		due := s.snapshot(id).FollowUp.DueAt
		elapses(time.Until(due))
		assert.NotContains(t, s.home(bart), "Overdue")
		elapses(time.Minute)
		assert.Contains(t, s.home(bart), "Overdue")
		assert.Equal(t, 2, s.calls("views.publish"))
	})
}

func TestHomesAreKeptOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, func(o *command.Options) { o.Now = nil })
		s.live = true
		s.opens(bart)
		s.about("1001") // while KeepHomes does not run
		elapses(2 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.KeepHomes(ctx)
		assert.Contains(t, s.home(bart), "1001")
		assert.Equal(t, 2, s.calls("views.publish"))
	})
}

// TestHomeWaitsWhenSlackAsks checks that nothing is published before Retry-After is over, and that
// everything is published then.
func TestHomeWaitsWhenSlackAsks(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.opens(bart)
		elapses(2 * time.Minute)
		s.slack.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.RateLimited(5 * time.Minute)})
		s.comes("1001")
		elapses(2 * time.Second)
		assert.Equal(t, 2, s.calls("views.publish"))
		s.opens(lise)
		elapses(4 * time.Minute)
		assert.Equal(t, 2, s.calls("views.publish"))
		elapses(time.Minute)
		assert.Equal(t, 4, s.calls("views.publish"))
		assert.Equal(t, 1, strings.Count(s.log.String(), "could not publish a home tab"), "the rate limit is logged once")
		assert.Contains(t, s.home(bart), "1001")
		assert.Contains(t, s.home(lise), "1001")
	})
}

// TestFailedHomeIsRetriedLaterEachTime checks the backoff.
func TestFailedHomeIsRetriedLaterEachTime(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.slack.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.ErrorCode("not_enabled"), Times: 4})
		s.opens(bart)
		elapses(6 * time.Minute)
		assert.Equal(t, 3, s.calls("views.publish"), "at 0, 1 and 3 minutes")
		elapses(10 * time.Minute)
		assert.Equal(t, 5, s.calls("views.publish"), "at 7 and 15 minutes")
		s.home(bart)
		elapses(24 * time.Hour)
		assert.Equal(t, 5, s.calls("views.publish"))
	})
}

// TestHomeOfAFormerMemberShowsNothing checks that a former member no longer sees what waits, and that
// the Home tab is not updated from then on.
func TestHomeOfAFormerMemberShowsNothing(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.comes("1001")
		s.opens(bart)
		s.slack.Leave(support, bart)
		elapses(2 * time.Minute)
		s.comes("1002")
		elapses(2 * time.Second)
		assert.NotContains(t, s.home(bart), "1001")
		homes, err := s.store.Homes(t.Context())
		require.NoError(t, err)
		assert.Empty(t, homes)
	})
}

// TestHangingCallDelaysNoOtherHome checks that a call without an answer ends, and that the next user's
// Home tab follows.
func TestHangingCallDelaysNoOtherHome(t *testing.T) {
	keeping(t, func(t *testing.T, s *fixture) {
		t.Helper()
		s.opens(bart)
		s.opens(lise)
		elapses(2 * time.Minute)
		s.slack.Fail(fakeslack.Fault{Method: "views.publish", Kind: fakeslack.Hang()})
		s.comes("1001")
		elapses(12 * time.Second)
		shown := 0
		for _, user := range []string{bart, lise} {
			known, err := s.store.Home(t.Context(), user)
			require.NoError(t, err)
			if known.Waiting != "" {
				shown++
			}
		}
		assert.Equal(t, 1, shown)
		elapses(2 * time.Minute)
		assert.Contains(t, s.home(bart), "1001")
		assert.Contains(t, s.home(lise), "1001")
	})
}

// TestPanicOverAHomeIsRetriedLikeAFailure checks that a panic ends nothing and backs off.
func TestPanicOverAHomeIsRetriedLikeAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, func(o *command.Options) { o.Now, o.Renderer = nil, nil })
		s.live = true
		require.NoError(t, s.store.OpenHome(t.Context(), bart, time.Now()))
		s.comes("1001")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		s.KeepHomes(ctx)
		assert.Equal(t, 4, strings.Count(s.log.String(), "panic in home tab"), "at 0, 1, 3 and 7 minutes")
	})
}

// TestHomeBacksOffWhenTheDiskIsFull checks that a publication that cannot be recorded is not repeated
// at once.
func TestHomeBacksOffWhenTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(storetest.Folder(t), "smileybot.db")
		kept := storetest.Open(t, path)
		s := newFixture(t, func(o *command.Options) { o.Now, o.Store = nil, kept })
		s.live, s.store = true, kept
		s.opens(bart)
		elapses(2 * time.Hour)
		disk, err := sql.Open("sqlite3", path)
		require.NoError(t, err)
		defer disk.Close()
		_, err = disk.ExecContext(t.Context(), `create trigger full before update on home begin select raise(abort, 'full'); end`)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		s.comes("1001")
		s.KeepHomes(ctx)
		assert.Contains(t, s.home(bart), "1001")
		assert.LessOrEqual(t, s.calls("views.publish"), 1+2*4, "at 0, 1, 3 and 7 minutes, with and then without the hash")
	})
}
