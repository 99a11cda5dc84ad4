// Package schedule does what runs by the clock: reminders, escalation, the digest, the alert, and
// deleting what is old.
//
// Each job has due moments, which follow from the office hours alone, and the store keeps up to which
// of them it is done. So a restart neither skips nor repeats one. When several passed while the bot
// was down or the machine slept, only the latest is run. Missed reports to leads wait for office
// hours. The store also keeps when a follow-up is due, or returns from its snooze.
//
// The loop sleeps until the next due moment, or until a [Scheduler.Reschedule]. While it sleeps,
// nothing is read; but it looks at the clock once a minute, because a timer does not notice that a
// machine slept or that its clock was corrected.
//
// All moments are those of a [Clock]. While its time may be wrong, nothing is done; while the
// machine's clock is wrong, people are reminded by the right time, and every other job waits.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"smileybot/bot/internal/loop"
	"smileybot/feedback/office"
	"smileybot/store"
)

// The names of the jobs.
const (
	Remind     = "remind"     // reminds of what is due, and brings back what was snoozed
	Escalation = "escalation" // reports to the leads what is overdue
	Digest     = "digest"     // reports on the week and the month that ended
	Alert      = "alert"      // reports a drop within days
	Slide      = "slide"      // reports a drop over weeks
	Sweep      = "sweep"      // deletes what is no longer needed
	Losses     = "losses"     // logs what was left out of webhooks
	Retention  = "retention"  // erases old feedback
)

// clockCheck is how often the loop looks at the clock.
const clockCheck = time.Minute

// Options are what a Scheduler needs.
type Options struct {
	Hours office.Hours
	// Clock is the machine's clock, which is trusted, when it is nil.
	Clock Clock
	// Retention is how long feedback keeps the data of its customer; 0 is for ever.
	Retention time.Duration
	// Belongs reports whether a Slack user is still one of the team that may act on a message in a Slack
	// channel, "" before it is posted. A claimer who is not loses a follow-up that is due. Every claimer
	// stays when it is nil.
	Belongs func(ctx context.Context, user, slackChannel string) (bool, error)
	// ReportLosses logs, once a day, what was left out of webhooks since the last call. There is no report
	// when it is nil.
	ReportLosses func()
	// Wake is called when there is something to post or to edit.
	Wake     func()
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A Clock tells the time, and how far it can be relied on.
type Clock interface {
	// Now is the time.
	Now() time.Time
	// Known is closed once Now has been compared with another clock.
	Known() <-chan struct{}
	// Agrees reports whether what cannot be undone may be done by the clock. It may take some seconds.
	Agrees(ctx context.Context) bool
}

// machineClock trusts the clock of the machine.
type machineClock struct{}

func (machineClock) Now() time.Time              { return time.Now() }
func (machineClock) Agrees(context.Context) bool { return true }

func (machineClock) Known() <-chan struct{} {
	known := make(chan struct{})
	close(known)
	return known
}

// A job is one thing that is done by the clock.
type job struct {
	name string
	// next is the first due moment after another.
	next func(after time.Time) time.Time
	// office delays a missed run until office hours.
	office bool
	// atStart makes the job due when the bot starts, too: it follows a setting that may have changed.
	atStart bool
	// do does what was due at a moment, and records that it is done, all or nothing.
	do func(ctx context.Context, r store.JobProgress, due time.Time) error
}

// Scheduler runs the jobs.
type Scheduler struct {
	Options
	jobs []job
	wake loop.Wakeup
	runs *prometheus.CounterVec

	// What follows is of one [Scheduler.Run].
	store      *store.Store                 // whose writes fail once another bot runs the jobs
	superseded bool                         // another bot runs the jobs
	done       map[string]store.JobProgress // how far each is, once it was read
	ran        map[string]bool              // which have run since the start
	said       map[string]time.Time         // when the failure of each was logged, of those that fail now
}

// New returns a Scheduler that [Scheduler.Run] starts.
func New(o Options) *Scheduler {
	if o.Clock == nil {
		o.Clock = machineClock{}
	}
	s := &Scheduler{
		Options: o,
		wake:    loop.NewWakeup(),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "smileybot_routine_runs_total",
			Help: "Runs of scheduled jobs, by job (remind, escalation, digest, alert, slide, sweep, losses, retention) and outcome (ok, failed).",
		}, []string{"routine", "outcome"}),
	}
	s.jobs = []job{s.escalation(), s.digest(), s.alert(), s.slide(), s.sweep()}
	if o.ReportLosses != nil {
		s.jobs = append(s.jobs, s.losses())
	}
	if o.Retention > 0 {
		s.jobs = append(s.jobs, s.retention())
	}
	for _, name := range []string{Remind, Escalation, Digest, Alert, Slide, Sweep, Losses, Retention} {
		for _, outcome := range []string{"ok", "failed"} {
			s.runs.WithLabelValues(name, outcome)
		}
	}
	o.Registry.MustRegister(s.runs)
	return s
}

// Reschedule signals that something may be due earlier than it was. It never blocks.
func (s *Scheduler) Reschedule() { s.wake.Signal() }

// Run does what is due, until ctx ends, or until st refuses a write because another bot does it. It may
// be called again after it returned.
func (s *Scheduler) Run(ctx context.Context, st *store.Store) {
	s.store, s.superseded = st, false
	s.done, s.ran, s.said = make(map[string]store.JobProgress), make(map[string]bool), make(map[string]time.Time)
	select {
	case <-s.Clock.Known():
	case <-ctx.Done():
	}
	for ctx.Err() == nil && !s.superseded {
		next := s.remind(ctx)
		for _, j := range s.jobs {
			if !s.superseded {
				next = loop.Earliest(next, s.run(ctx, j))
			}
		}
		if !s.superseded {
			s.wait(ctx, next)
		}
	}
}

// debounce is how long after a [Scheduler.Reschedule] the loop looks: ratings come in floods.
const debounce = time.Second

// wait returns when the clock shows until, or soon after a Reschedule, or when ctx ends.
func (s *Scheduler) wait(ctx context.Context, until time.Time) {
	for ctx.Err() == nil {
		left := until.Sub(s.Clock.Now())
		if left <= 0 {
			return
		}
		if loop.Wait(ctx, time.Now().Add(min(left, clockCheck)), s.wake) {
			until = loop.Earliest(until, s.Clock.Now().Add(debounce))
		}
	}
}

// retry is how long after a failure a job is retried.
const retry = time.Minute

// remind reminds of what is due, brings back what was snoozed, and returns when there is more to do,
// zero when nothing waits.
func (s *Scheduler) remind(ctx context.Context) time.Time {
	now := s.Clock.Now()
	next, err := s.store.NextReminder(ctx)
	if err == nil && !next.IsZero() && !next.After(now) {
		err = s.protect(ctx, Remind, func() error {
			lost, err := s.lostClaims(ctx, now)
			if err != nil {
				return err
			}
			n, err := s.store.Remind(ctx, now, lost...)
			if err == nil && n > 0 {
				s.runs.WithLabelValues(Remind, "ok").Inc()
				s.Wake()
			}
			return err
		})
		if err == nil {
			next, err = s.store.NextReminder(ctx)
		}
	}
	if err != nil {
		return s.failed(ctx, Remind, err, now)
	}
	delete(s.said, Remind)
	return next
}

// lostClaims lists the claims that are due and whose claimers have left. An error means that it is not
// known now.
func (s *Scheduler) lostClaims(ctx context.Context, now time.Time) (lost []store.Claim, err error) {
	if s.Belongs == nil {
		return nil, nil
	}
	claims, err := s.store.DueClaims(ctx, now)
	for _, c := range claims {
		belongs, err := s.Belongs(ctx, c.Claimer, c.SlackChannel)
		if err != nil {
			return nil, fmt.Errorf("asking whether a claimer is still there: %w", err)
		}
		if !belongs {
			lost = append(lost, c)
			s.Log.Info("a claimer has left; the follow-up that is due is open again", "claimer", c.Claimer, "slack_channel", c.SlackChannel)
		}
	}
	return lost, err
}

// run runs a job if it is due, and returns when it is due next. What failed is retried a minute
// later, and so is what waits for the machine's clock to be right.
func (s *Scheduler) run(ctx context.Context, j job) (next time.Time) {
	now := s.Clock.Now()
	known, err := s.known(ctx, j.name, now)
	if err != nil {
		return s.failed(ctx, j.name, err, now)
	}
	if j.atStart && !s.ran[j.name] {
		known.DoneAt = loop.Earliest(known.DoneAt, now.Add(-day))
	}
	last, after := latestDue(j.next, known.DoneAt, now)
	if last.IsZero() {
		return after
	}
	if j.office && !s.Hours.Open(now) {
		return s.Hours.NextOpening(now)
	}
	if !s.Clock.Agrees(ctx) {
		return now.Add(retry)
	}
	if corrected := s.Clock.Now(); corrected.Before(last) {
		return corrected // it is not due after all
	}
	if err := s.protect(ctx, j.name, func() error { return j.do(ctx, known, last) }); err != nil {
		return s.failed(ctx, j.name, err, now)
	}
	delete(s.done, j.name) // it is read again
	s.ran[j.name] = true
	delete(s.said, j.name)
	s.runs.WithLabelValues(j.name, "ok").Inc()
	return after
}

// protect keeps a panic of one job from ending the others.
func (s *Scheduler) protect(ctx context.Context, name string, do func() error) error {
	return loop.Protect(ctx, s.Log, "panic in scheduler", do, slog.String("job", name))
}

// failureRelog is how often a job that goes on failing is logged.
const failureRelog = time.Hour

// failed records that a job failed, and returns when it is retried.
func (s *Scheduler) failed(ctx context.Context, name string, err error, now time.Time) time.Time {
	s.superseded = s.superseded || errors.Is(err, store.ErrSuperseded)
	if ctx.Err() == nil && !s.superseded {
		s.runs.WithLabelValues(name, "failed").Inc()
		if at, failing := s.said[name]; !failing || now.Sub(at).Abs() >= failureRelog {
			s.said[name] = now
			s.Log.Error("job failed; will retry every minute", "job", name, "error", err)
		}
	}
	return now.Add(retry)
}

// known is how far a job is. A moment in the future was recorded by a wrong clock, and is replaced.
func (s *Scheduler) known(ctx context.Context, name string, now time.Time) (store.JobProgress, error) {
	r, ok := s.done[name]
	if !ok {
		var err error
		if r, err = s.store.JobProgress(ctx, name, now); err != nil {
			return r, err
		}
	}
	if r.DoneAt.After(now) {
		r.DoneAt = now
		if err := s.store.Advance(ctx, r); err != nil {
			return r, err
		}
	}
	r.DoneAt = office.Later(r.DoneAt, now.AddDate(-looksBack, 0, 0))
	s.done[name] = r
	return r, nil
}

// looksBack is how many years of due moments are looked at when a clock was far behind: more than an
// office stays closed. Only the latest moment matters.
const looksBack = 3

// latestDue returns the last due moment after done that has come, zero when none has, and the one that
// comes next.
func latestDue(next func(time.Time) time.Time, done, now time.Time) (last, after time.Time) {
	for after = next(done); !after.After(now); after = next(after) {
		last = after
	}
	return last, after
}
