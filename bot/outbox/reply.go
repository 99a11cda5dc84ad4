package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
	"smileybot/store"
)

// reply makes what is said in the thread of a message.
func (d *Deliverer) reply(ctx context.Context, i store.Item) (rendered, error) {
	r := rendered{revision: i.Revision}
	switch i.Notice {
	case store.NoticeExplained:
		c, err := d.Store.Case(ctx, i.FeedbackID)
		e := message.Explanation{Key: i.Key, Claimer: i.Mention, Comment: c.Feedback.Comment, Forgotten: c.Feedback.Forgotten()}
		r.message = d.Speaker.Explained(e)
		return r, err
	case store.NoticeAssigned:
		t, err := d.Store.Transition(ctx, i.Key)
		h := message.Handover{Key: i.Key, To: i.Mention, By: t.By}
		r.message = d.Speaker.HandedOver(h)
		return r, err
	case store.NoticeDone:
		t, err := d.Store.Transition(ctx, i.Key)
		c := message.Closing{Key: i.Key, By: t.By, Outcome: t.Outcome, Note: t.Note}
		r.message = d.Speaker.Closed(c)
		return r, err
	case store.NoticeVoid, store.NoticeRestored:
		ruling, err := d.Store.Moderation(ctx, i.Key)
		v := message.ModerationNotice{Key: i.Key, Moderation: ruling}
		r.message = d.Speaker.Moderated(v)
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
	own, err := d.Slack.Workspace(ctx)
	if err != nil {
		return rendered{}, err
	}
	due := message.Reminder{Snapshot: c, Permalink: own.Permalink(i.SlackChannel, i.Thread), Key: i.Key}
	return rendered{
		revision: i.Revision, message: d.Speaker.Due(due),
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
	own, err := d.Slack.Workspace(ctx)
	if err != nil {
		return rendered{}, err
	}
	l := message.Listing{Key: i.Key, Now: time.Now()}
	for _, w := range covered {
		l.Entries = append(l.Entries, message.Entry{Snapshot: w.Snapshot, Permalink: own.Permalink(w.SlackChannel, w.TS)})
	}
	r := rendered{revision: i.Revision}
	concerned := func(c followup.Snapshot) bool { return c.FollowUp.State.Active() }
	switch i.Notice {
	case store.NoticeEscalation:
		r.message = d.Speaker.Escalation(l)
	case store.NoticeMissed:
		r.message = d.Speaker.Missed(l)
	default:
		r.message = d.Speaker.Risk(l)
		concerned = func(c followup.Snapshot) bool { return c.Feedback.AtRisk }
	}
	unposted := slices.ContainsFunc(l.Entries, func(w message.Entry) bool { return w.Permalink == "" })
	r.early = unposted && time.Since(i.QueuedAt) < notYetMax
	r.pointless = !slices.ContainsFunc(l.Entries, func(w message.Entry) bool { return concerned(w.Snapshot) })
	return r, nil
}
