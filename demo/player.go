package demo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"smileybot/fakeslack"
	"smileybot/feedback/followup"
)

// endless is a number of customers that is never reached.
const endless = math.MaxInt

// A player starts the story of one customer in every slot of time, and continues each story while
// others begin.
type player struct {
	stage   *stage
	cast    *cast
	pause   time.Duration            // real time between slots
	at      func(slot int) time.Time // the time of events in a slot; nil: the current time
	narrate func(line string)        // receives a line for each step
	// live is set when Slack may fail at any moment and a visitor acts, too. Customers then do not
	// wait for Slack, colleagues try again later, and skip what the visitor has done.
	live    bool
	started int // customers so far
	running []*performance
}

// A performance is a story that is being played.
type performance struct {
	story
	number    int     // of the customer, from 1
	step      int     // index of the next step
	due       int     // slot of the next step
	delivery  string  // id of the latest delivery
	event     payload // and its body
	feedback  string  // the bot's id of the feedback
	claimed   bool
	overtaken bool // the visitor was quicker than the colleagues
}

// play starts so many customers and plays their stories to the end.
func (p *player) play(ctx context.Context, customers int) error {
	for slot := 0; slot < customers || len(p.running) > 0; slot++ {
		if err := p.stage.gate.pass(ctx); err != nil {
			return err
		}
		if slot < customers {
			p.started++
			p.running = append(p.running, &performance{story: p.cast.next(), number: p.started, due: slot})
		}
		if err := p.slot(ctx, slot); err != nil {
			return err
		}
		if err := sleep(ctx, p.pause); err != nil {
			return err
		}
	}
	return nil
}

// slot plays every step that is due, in the order in which the customers came.
func (p *player) slot(ctx context.Context, slot int) error {
	unfinished := p.running[:0]
	for _, s := range p.running {
		if s.due <= slot {
			err := p.perform(ctx, s, slot)
			if p.live && errors.Is(err, errNotInSlack) {
				s.due = slot + 1
				unfinished = append(unfinished, s)
				continue
			}
			if p.live && errors.Is(err, fakeslack.ErrNoElement) {
				s.overtaken, err = true, nil
			}
			if err != nil {
				return fmt.Errorf("customer %d, %s: %w", s.number, s.steps[s.step].words, err)
			}
			s.step++
		}
		if s.step == len(s.steps) {
			continue
		}
		if s.due <= slot {
			s.due = slot + s.steps[s.step].wait
		}
		unfinished = append(unfinished, s)
	}
	p.running = unfinished
	return nil
}

// sleep waits, or returns the error of ctx when that ends first.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// perform plays the next step of a story. Unless the player is live it waits until Slack shows the
// result, so that the next step finds the message.
func (p *player) perform(ctx context.Context, s *performance, slot int) error {
	step := s.steps[s.step]
	if s.overtaken && step.by != "" {
		return nil
	}
	p.narrate(p.timeLabel(slot) + fmt.Sprintf("%4d  %s", s.number, step.words))
	before, _ := p.stage.messageOf(s.feedback)
	if p.live && step.by != "" && (before.TS == "" || p.stage.page.Failing()) {
		return errNotInSlack
	}
	if err := p.do(ctx, s, step, before.TS, slot); err != nil || step.repeat || p.live {
		return err
	}
	return p.stage.await(ctx, "the message", func(slack *fakeslack.Server) bool {
		now, found := p.stage.messageOf(s.feedback)
		notified := !s.claimed || step.comment() == "" || len(slack.Thread(supportChannel, now.TS)) > 0
		return found && len(now.Revisions) > len(before.Revisions) && notified
	})
}

// do sends the webhook or presses the button of a step.
func (p *player) do(ctx context.Context, s *performance, step step, ts string, slot int) (err error) {
	switch step.action {
	case followup.ActionClaim:
		s.claimed = true
		return p.stage.press(ctx, step.by, ts, step.action)
	case followup.ActionFinish:
		return p.stage.finish(ctx, step.by, ts, step.outcome, step.note)
	default:
		if !step.repeat {
			s.delivery, s.event = fmt.Sprintf("msg_%d_%d", s.number, s.step), step.event
			s.event.OccurredAt = p.occurredAt(slot)
		}
		s.feedback, err = p.stage.deliver(ctx, s.delivery, s.event)
		return err
	}
}

// timeLabel is the time of a slot for people, empty for the current time.
func (p *player) timeLabel(slot int) string {
	if p.at == nil {
		return ""
	}
	return p.at(slot).Format("15:04")
}

// occurredAt is the time of a slot for a webhook, nil for the time of arrival.
func (p *player) occurredAt(slot int) *string {
	if p.at == nil {
		return nil
	}
	return new(p.at(slot).Format(time.RFC3339))
}
