package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"smileybot/bot/message"
	"smileybot/feedback"
	"smileybot/store"
)

// reply makes what is said in the thread of a message.
func (d *Deliverer) reply(ctx context.Context, i store.Item) (rendered, error) {
	r := rendered{revision: i.Revision}
	switch i.Notice {
	case store.NoticeExplained:
		c, err := d.Store.Case(ctx, i.FeedbackID)
		e := message.Explanation{Key: i.Key, Claimer: i.Mention, Comment: c.Feedback.Comment, Forgotten: c.Feedback.Forgotten()}
		r.rich, r.plain = d.Speaker.Explained(e), d.Speaker.PlainExplained(e)
		return r, err
	case store.NoticeAssigned:
		t, err := d.Store.Transition(ctx, i.Key)
		h := message.Handover{Key: i.Key, To: i.Mention, By: t.By}
		r.rich, r.plain = d.Speaker.HandedOver(h), d.Speaker.PlainHandedOver(h)
		return r, err
	case store.NoticeDone:
		t, err := d.Store.Transition(ctx, i.Key)
		c := message.Closing{Key: i.Key, By: t.By, Outcome: t.Outcome, Note: t.Note}
		r.rich, r.plain = d.Speaker.Closed(c), d.Speaker.PlainClosed(c)
		return r, err
	case store.NoticeVoid, store.NoticeRestored:
		ruling, err := d.Store.Moderation(ctx, i.Key)
		v := message.Verdict{Key: i.Key, Ruling: ruling}
		r.rich, r.plain = d.Speaker.Ruled(v), d.Speaker.PlainRuled(v)
		return r, err
	case store.NoticeDue:
		return d.reminder(ctx, i)
	default:
		return r, fmt.Errorf("outbox %s: there is no notice %q", i.Key, i.Notice)
	}
}

// reminder tells that a follow-up is due: its claimer, or in the channel everybody. When
// nobody has to do anything any more, there is nothing to say.
func (d *Deliverer) reminder(ctx context.Context, i store.Item) (rendered, error) {
	c, err := d.Store.Case(ctx, i.FeedbackID)
	if err != nil {
		return rendered{}, err
	}
	address, err := d.workspace(ctx)
	if err != nil {
		return rendered{}, err
	}
	due := message.Reminder{Case: c, Permalink: message.Permalink(address, i.SlackChannel, i.Thread), Key: i.Key}
	return rendered{
		revision: i.Revision, rich: d.Speaker.Due(due), plain: d.Speaker.PlainDue(due),
		broadcast: c.FollowUp.Claimer == "", pointless: !c.FollowUp.State.Active(),
	}, nil
}

// listing makes a bulletin that names feedback. When by now there is none left that it
// is about, there is nothing to say.
func (d *Deliverer) listing(ctx context.Context, i store.Item) (rendered, error) {
	covered, err := d.Store.FeedbackOf(ctx, i.Key)
	if err != nil {
		return rendered{}, err
	}
	address, err := d.workspace(ctx)
	if err != nil {
		return rendered{}, err
	}
	l := message.Listing{Key: i.Key, Now: time.Now()}
	for _, w := range covered {
		l.Listed = append(l.Listed, message.Waiting{Case: w.Case, Permalink: message.Permalink(address, w.SlackChannel, w.TS)})
	}
	r := rendered{revision: i.Revision}
	concerned := func(c feedback.Case) bool { return c.FollowUp.State.Active() }
	switch i.Notice {
	case store.NoticeEscalation:
		r.rich, r.plain = d.Speaker.Escalation(l), d.Speaker.PlainEscalation(l)
	case store.NoticeMissed:
		r.rich, r.plain = d.Speaker.Missed(l), d.Speaker.PlainMissed(l)
	default:
		r.rich, r.plain = d.Speaker.Risk(l), d.Speaker.PlainRisk(l)
		concerned = func(c feedback.Case) bool { return c.Feedback.AtRisk }
	}
	unposted := slices.ContainsFunc(l.Listed, func(w message.Waiting) bool { return w.Permalink == "" })
	r.early = unposted && time.Since(i.QueuedAt) < longestEarly
	r.pointless = !slices.ContainsFunc(l.Listed, func(w message.Waiting) bool { return concerned(w.Case) })
	return r, nil
}
