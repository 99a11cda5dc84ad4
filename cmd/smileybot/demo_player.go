package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"smileybot/fakeslack"
	"smileybot/feedback/followup"
)

// forever is more customers than anybody waits for.
const forever = math.MaxInt

// A player lets customers come, one in every slot of time, and lets each story
// go on while others begin.
type player struct {
	stage *stage
	cast  *cast
	pause time.Duration            // real time between slots
	at    func(slot int) time.Time // what the customers' clocks say; nil: the time it is
	tell  func(line string)        // hears what happens
	// live is for a Slack that may fail at any moment, and a visitor who does things,
	// too: customers do not wait for it, what colleagues cannot do yet they do later,
	// and what the visitor has done they leave.
	live  bool
	count int // customers so far
	on    []*telling
}

// A telling is a story on its way.
type telling struct {
	story
	number   int
	step     int    // the next one
	due      int    // its slot
	delivery string // the id of the latest one,
	event    said   // and what it said
	feedback string // smileybot's id
	claimed  bool
	left     bool // to the visitor, who was quicker
}

// play lets so many customers come and tells their stories to the end.
func (p *player) play(ctx context.Context, customers int) error {
	for slot := 0; slot < customers || len(p.on) > 0; slot++ {
		if err := p.stage.gate.pass(ctx); err != nil {
			return err
		}
		if slot < customers {
			p.count++
			p.on = append(p.on, &telling{story: p.cast.next(), number: p.count, due: slot})
		}
		if err := p.slot(ctx, slot); err != nil {
			return err
		}
		if err := rest(ctx, p.pause); err != nil {
			return err
		}
	}
	return nil
}

// slot does every step that is due, in the order in which the customers came.
func (p *player) slot(ctx context.Context, slot int) error {
	still := p.on[:0]
	for _, t := range p.on {
		if t.due <= slot {
			err := p.take(ctx, t, slot)
			if p.live && errors.Is(err, errNotInSlack) {
				t.due = slot + 1
				still = append(still, t)
				continue
			}
			if p.live && errors.Is(err, fakeslack.ErrNoElement) {
				t.left, err = true, nil
			}
			if err != nil {
				return fmt.Errorf("customer %d, %s: %w", t.number, t.steps[t.step].words, err)
			}
			t.step++
		}
		if t.step == len(t.steps) {
			continue
		}
		if t.due <= slot {
			t.due = slot + t.steps[t.step].wait
		}
		still = append(still, t)
	}
	p.on = still
	return nil
}

// rest waits, unless it is told to stop.
func rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take does one step and waits until Slack shows it, so that the next one finds
// the message.
func (p *player) take(ctx context.Context, t *telling, slot int) error {
	s := t.steps[t.step]
	if t.left && s.by != "" {
		return nil
	}
	p.tell(p.when(slot) + fmt.Sprintf("%4d  %s", t.number, s.words))
	before, _ := p.stage.shown(t.feedback)
	if p.live && s.by != "" && (before.TS == "" || p.stage.page.Failing()) {
		return errNotInSlack
	}
	if err := p.act(ctx, t, s, before.TS, slot); err != nil || s.repeat || p.live {
		return err
	}
	return p.stage.await(ctx, "the message", func(slack *fakeslack.Server) bool {
		now, there := p.stage.shown(t.feedback)
		told := !t.claimed || s.comment() == "" || len(slack.Thread(demoChannel, now.TS)) > 0
		return there && len(now.Revisions) > len(before.Revisions) && told
	})
}

// act does one step.
func (p *player) act(ctx context.Context, t *telling, s step, ts string, slot int) (err error) {
	switch s.action {
	case followup.ActionClaim:
		t.claimed = true
		return p.stage.press(ctx, s.by, ts, s.action)
	case followup.ActionFinish:
		return p.stage.finish(ctx, s.by, ts, s.outcome, s.note)
	default:
		if !s.repeat {
			t.delivery, t.event = fmt.Sprintf("msg_%d_%d", t.number, t.step), s.event
			t.event.OccurredAt = p.clock(slot)
		}
		t.feedback, err = p.stage.deliver(ctx, t.delivery, t.event)
		return err
	}
}

// when is the time of a slot for people, if the customers have clocks.
func (p *player) when(slot int) string {
	if p.at == nil {
		return ""
	}
	return p.at(slot).Format("15:04")
}

// clock is the time of a slot as an event tells it, or nothing.
func (p *player) clock(slot int) *string {
	if p.at == nil {
		return nil
	}
	return new(p.at(slot).Format(time.RFC3339))
}
