package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"smileybot/bot"
	"smileybot/bot/schedule"
	"smileybot/config"
	"smileybot/fakeslack"
	"smileybot/feedback"
	"smileybot/store"
	databases "smileybot/store/database"
)

// skipTo moves the clock forward to a moment, with the ratings of the days between. A moment that has
// been changes nothing.
//
// The ratings come before the moment does, because the bot reports on them as soon as the clock has moved.
//
// A request that Slack signs before the clock moves is answered after it, and Slack's answer to the
// bot then has the new time. Until the bot knows it, nothing else is signed. The bot refuses that
// request when another answer was quicker; then it knows the new time, and takes the next one.
//
// It is not safe for concurrent use: who calls it holds moving.
func (s *stage) skipTo(ctx context.Context, moment time.Time) error {
	if !moment.After(s.clock.Now()) {
		return nil
	}
	opened := func() (*http.Request, error) {
		return s.slack.EventRequest(ctx, s.bot+"/slack/events", s.slack.HomeOpened(actors()[0].user, "home"))
	}
	request, err := opened()
	if err != nil {
		return err
	}
	if err := fill(ctx, s.settings, s.history.until(moment), moment, false); err != nil {
		return err
	}
	s.clock.moveTo(moment)
	if _, err = s.post(request); err != nil {
		if request, err = opened(); err != nil {
			return err
		}
		if _, err = s.post(request); err != nil {
			return err
		}
	}
	if err := s.knowTime(ctx); err != nil {
		return err
	}
	select {
	case s.signals <- struct{}{}:
	default: // one is waiting
	}
	return nil
}

// knowTime waits until the bot knows by an answer of Slack what time it is.
func (s *stage) knowTime(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		switch offset, err := s.metric(waiting, "smileybot_clock_offset_seconds"); {
		case err != nil:
			return err
		case offset >= -1 && offset <= 1: // it is exact to a second
			return nil
		}
		if err := sleep(waiting, 10*time.Millisecond); err != nil {
			return fmt.Errorf("the bot does not know the new time: %w", err)
		}
	}
}

// fill imports ratings, as `smileybot import` does. At the begin nothing is reported yet.
func fill(ctx context.Context, settings config.Config, past []feedback.Event, now time.Time, begin bool) error {
	database, err := databases.Open(ctx, settings.Database.Reveal(), bot.StoreOptions(settings))
	if err != nil {
		return err
	}
	rows := make([]store.HistoricEvent, len(past))
	for i, e := range past {
		rows[i].Event = e
	}
	_, err = database.Import(ctx, rows, now)
	for _, job := range []string{schedule.Escalation, schedule.Digest, schedule.Alert, schedule.Slide} {
		// Else the bot would begin with the moment at which it looks first, which may be a later one.
		if err == nil && begin {
			err = database.Advance(ctx, store.JobProgress{Name: job, DoneAt: now})
		}
	}
	return errors.Join(err, database.Close())
}

// nextMonday moves the clock to the Monday morning that is next when it is called. Every second time the
// week until then is a bad one, of which the bot warns. It is safe for concurrent use.
func (s *stage) nextMonday(ctx context.Context) error {
	monday := mondayMorning(s.clock.Now(), 1)
	s.moving.Lock()
	defer s.moving.Unlock()
	now := s.clock.Now()
	if !monday.After(now) {
		return nil // another visitor was quicker
	}
	if s.skips++; s.skips%2 == 1 {
		s.history.dip(now, monday, badWeek)
	}
	return s.skipTo(ctx, monday)
}

// The prologue lies in these weeks before the demo: an alert in the first of them, two digests later
// what is overdue.
const (
	prologueWeeks = 2
	// badWeek is the share of happy customers in a week of which the bot warns.
	badWeek = 0.4
	// officeOpens is the hour at which the office opens.
	officeOpens = 9
)

// prologueBegins is when the bot starts: on the Friday before the prologue's first Monday.
func prologueBegins(now time.Time) time.Time {
	return mondayMorning(now, -prologueWeeks).AddDate(0, 0, -3).Add(time.Hour)
}

// playPrologue plays the last weeks, in which the bot reports to the leads. The clock shows the present
// afterwards.
func (s *stage) playPrologue(c *cast) error {
	now := time.Now().In(s.clock.zone)
	monday := mondayMorning(now, 0)
	friday := monday.AddDate(0, 0, -3).Add(time.Hour)
	for _, step := range []struct {
		to   time.Time
		job  string // that has run afterwards
		then func() error
	}{
		{to: mondayMorning(now, -prologueWeeks), job: schedule.Slide},
		{to: mondayMorning(now, -1), job: schedule.Slide},
		{to: friday, job: schedule.Slide, then: func() error { return s.playUnanswered(s.ctx, c) }},
		{to: friday.Add(followUpDue + 5*time.Minute), job: schedule.Remind},
		{to: monday, job: schedule.Slide},
		{to: now},
	} {
		if err := s.skipAndWait(s.ctx, step.to, step.job); err != nil {
			return err
		}
		if step.then != nil {
			if err := step.then(); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipAndWait moves the clock and waits until a job has run and Slack shows what it said.
func (s *stage) skipAndWait(ctx context.Context, moment time.Time, job string) error {
	runs := fmt.Sprintf(`smileybot_routine_runs_total{outcome="ok",routine=%q}`, job)
	before := 0
	if job != "" {
		var err error
		if before, err = s.metric(ctx, runs); err != nil {
			return err
		}
	}
	s.moving.Lock()
	err := s.skipTo(ctx, moment)
	s.moving.Unlock()
	if err != nil || job == "" {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		now, err := s.metric(waiting, runs)
		if err != nil {
			return err
		}
		pending, err := s.pendingMessages(waiting)
		if err != nil || now > before && pending == 0 {
			return err
		}
		if err := sleep(waiting, 10*time.Millisecond); err != nil {
			return fmt.Errorf("the job %s did not run: %w", job, err)
		}
	}
}

// playUnanswered plays customers whose follow-ups no one claims.
func (s *stage) playUnanswered(ctx context.Context, c *cast) error {
	for _, plot := range []func(*character) []step{silent, furious, thanked} {
		first := plot(c.invent())[0]
		id, err := s.deliver(ctx, "", first.event)
		if err != nil {
			return err
		}
		shown := func(*fakeslack.Server) bool { _, found := s.messageOf(id); return found }
		if err := s.await(ctx, "the message", shown); err != nil {
			return err
		}
	}
	return nil
}
