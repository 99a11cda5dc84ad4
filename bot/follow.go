package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"smileybot/bot/internal/loop"
	"smileybot/bot/slackapi"
	"smileybot/store"
)

const (
	// followEvery is how often a bot looks whether another has written.
	followEvery = time.Second
	// methodSettings is the method in a failure of settings that bots of one database must share, which
	// is not a call of Slack.
	methodSettings = "settings"
)

// What a bot says whose database is counted by other settings.
const (
	settingsReason = "other_settings"
	settingsRemedy = "give every bot of this database the same SMILEYBOT_TIMEZONE, SMILEYBOT_OFFICE_HOURS, SMILEYBOT_HOLIDAYS and version, restart them, and run 'smileybot rebuild'"
)

// A follower looks at a database that several bots use.
type follower struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time // for people
	// changed is called when another bot may have written. What this one writes wakes it at once.
	changed func()

	mu    sync.Mutex
	since time.Time // since when the scores are counted by other settings, zero while they are not
}

// run looks once a second, until ctx ends.
func (f *follower) run(ctx context.Context) {
	var last int64
	away := false
	for loop.Sleep(ctx, followEvery) {
		now, err := f.look(ctx, last)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !away:
			f.logAway(err)
		case err == nil && away:
			f.log.Info("the database can be used again")
			f.changed()
		}
		if away = err != nil; !away && now != last {
			last = now
			f.changed()
		}
	}
}

// look returns the number of changes of the database. When it is another one than before, it also looks
// at the settings.
func (f *follower) look(ctx context.Context, before int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	now, err := f.store.Changes(ctx)
	if err != nil || now == before {
		return now, err
	}
	counted, err := f.store.Counted(ctx)
	if err == nil {
		f.noteSettings(counted)
	}
	return now, err
}

// logAway logs that the database does not answer.
func (f *follower) logAway(err error) {
	if fault, ok := errors.AsType[*store.Fault](err); ok {
		f.log.Error("the database cannot be used: webhooks are refused with 503 and nothing is posted", "reason", fault.Reason, "remedy", fault.Remedy)
		return
	}
	f.log.Error("the database cannot be used: webhooks are refused with 503 and nothing is posted", "error", err)
}

// noteSettings notes whether the scores are counted by this bot's settings. A change is logged once.
func (f *follower) noteSettings(same bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !same && f.since.IsZero():
		f.since = f.now()
		f.log.Error("the scores are counted by another time zone, other office hours or another version than this bot's", "reason", settingsReason, "remedy", settingsRemedy)
	case same && !f.since.IsZero():
		f.since = time.Time{}
		f.log.Info("the scores are counted by the settings of this bot again")
	}
}

// failures lists what is wrong with the settings. A bot alone has no follower.
func (f *follower) failures() []slackapi.Failure {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since.IsZero() {
		return nil
	}
	return []slackapi.Failure{{Method: methodSettings, Reason: settingsReason, Remedy: settingsRemedy, Since: f.since}}
}
