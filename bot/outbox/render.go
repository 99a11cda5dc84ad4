package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smileybot/bot/message"
	"smileybot/feedback/followup"
	"smileybot/store"
)

// rendered is what to send for an item, and as which revision.
type rendered struct {
	revision int64
	message  message.Message
	// broadcast shows a reply in the channel as well.
	broadcast bool
	// pointless means that there is nothing to say any more, early that a message to link to is still
	// being posted.
	pointless, early bool
	// quiet means that the message is posted only once it says more.
	quiet bool
}

// render makes the present state of an item into a message. After an error the item waits, so that
// the next in its channel gets a turn.
func (d *Deliverer) render(ctx context.Context, i store.Item) (rendered, error) {
	r := rendered{revision: i.Revision}
	var err error
	switch i.Notice {
	case "":
		var c followup.Snapshot
		c, err = d.store.Snapshot(ctx, i.FeedbackID)
		r.revision, r.message = c.Feedback.Revision, d.Renderer.Feedback(c)
		r.quiet = d.QuietGreen && c.Quiet() && len(i.Predecessors) == 0 && i.RecheckFrom.IsZero()
	case store.NoticeDigest:
		r.message, err = d.digest(ctx, i)
	case store.NoticeAlert:
		err = d.alert(ctx, i, &r)
	case store.NoticeEscalation, store.NoticeMissed, store.NoticeRisk:
		err = d.listing(ctx, i, &r)
	case store.NoticeDue:
		err = d.reminder(ctx, i, &r)
	default:
		r.message, err = d.reply(ctx, i)
	}
	if err != nil {
		err = errors.Join(err, d.store.Postpone(ctx, i.Key, d.now().Add(threadRetry)))
	}
	return r, err
}

// reply renders a notice in the thread of a message.
func (d *Deliverer) reply(ctx context.Context, i store.Item) (message.Message, error) {
	switch i.Notice {
	case store.NoticeExplained:
		c, err := d.store.Snapshot(ctx, i.FeedbackID)
		f := c.Feedback
		return d.Renderer.Explained(message.Explanation{Key: i.Key, Claimer: i.Mention, Comment: f.Comment, Forgotten: f.Erased()}), err
	case store.NoticeAssigned:
		t, err := d.store.Transition(ctx, i.Key)
		return d.Renderer.HandedOver(message.Handover{Key: i.Key, To: i.Mention, By: t.By}), err
	case store.NoticeDone:
		t, err := d.store.Transition(ctx, i.Key)
		return d.Renderer.Closed(message.Closing{Key: i.Key, By: t.By, Outcome: t.Outcome, Note: t.Note}), err
	case store.NoticeVoid, store.NoticeRestored:
		m, err := d.store.Moderation(ctx, i.Key)
		return d.Renderer.Moderated(message.ModerationNotice{Key: i.Key, Moderation: m}), err
	default:
		return message.Message{}, fmt.Errorf("outbox %s: there is no notice %q", i.Key, i.Notice)
	}
}

// reminder renders the notice that a follow-up is due. It is for the claimer; without one, everyone
// in the channel sees it. A follow-up that is no longer active needs no reminder.
func (d *Deliverer) reminder(ctx context.Context, i store.Item, r *rendered) error {
	c, err := d.store.Snapshot(ctx, i.FeedbackID)
	if err != nil {
		return err
	}
	own, err := d.Slack.Workspace(ctx)
	if err != nil {
		return err
	}
	r.message = d.Renderer.Due(message.Reminder{Snapshot: c, Permalink: own.Permalink(i.SlackChannel, i.Thread), Key: i.Key})
	r.broadcast, r.pointless = c.FollowUp.Claimer == "", !c.FollowUp.State.Active()
	return nil
}

// listing renders a bulletin that lists feedback. It is pointless when none of the feedback concerns
// the leads any more.
func (d *Deliverer) listing(ctx context.Context, i store.Item, r *rendered) error {
	covered, err := d.store.FeedbackOf(ctx, i.Key)
	if err != nil {
		return err
	}
	l := message.Listing{Key: i.Key, Now: d.now()}
	if l.Entries, err = d.entries(ctx, covered); err != nil {
		return err
	}
	concerns := func(e message.Entry) bool { return e.FollowUp.State.Active() }
	switch i.Notice {
	case store.NoticeEscalation:
		r.message = d.Renderer.Escalation(l)
	case store.NoticeMissed:
		r.message = d.Renderer.Missed(l)
	default:
		r.message = d.Renderer.Risk(l)
		concerns = func(e message.Entry) bool { return e.Feedback.AtRisk }
	}
	unposted := slices.ContainsFunc(l.Entries, func(e message.Entry) bool { return e.Permalink == "" })
	r.early = unposted && d.now().Sub(i.QueuedAt) < notYetMax
	r.pointless = !slices.ContainsFunc(l.Entries, concerns)
	return nil
}

// digest renders the digest of the periods that the item's key names.
func (d *Deliverer) digest(ctx context.Context, i store.Item) (message.Message, error) {
	periods, err := store.DigestOf(i.Key)
	if err != nil {
		return message.Message{}, fmt.Errorf("outbox %s: %w", i.Key, err)
	}
	read, err := d.store.Digest(ctx, periods, d.now())
	if err != nil {
		return message.Message{}, err
	}
	said := message.Digest{Key: i.Key, Parts: read.Parts, Alert: read.Alert, Now: d.now()}
	said.Overdue.Total, said.AtRisk.Total = read.Overdue.Total, read.AtRisk.Total
	for _, links := range []struct {
		to    *[]message.Entry
		found []store.PostedFeedback
	}{{&said.Comments, read.CommentPlaces}, {&said.Overdue.Entries, read.Overdue.First}, {&said.AtRisk.Entries, read.AtRisk.First}} {
		if *links.to, err = d.entries(ctx, links.found); err != nil {
			return message.Message{}, err
		}
	}
	return d.Renderer.Digest(said), nil
}

// alert renders the alert of the morning that the item's key names. It is pointless when the drop no
// longer holds, because answers were changed or voided since.
func (d *Deliverer) alert(ctx context.Context, i store.Item, r *rendered) error {
	morning, err := store.AlertOf(i.Key)
	if err != nil {
		return fmt.Errorf("outbox %s: %w", i.Key, err)
	}
	drops, unhappy, err := d.store.Drops(ctx, morning)
	if err != nil {
		return err
	}
	comments, err := d.entries(ctx, unhappy)
	if err != nil {
		return err
	}
	r.pointless = len(drops) == 0
	r.message = d.Renderer.Alert(message.Alert{Key: i.Key, Drops: drops, Comments: comments})
	return nil
}

// entries adds to feedback the addresses of its messages.
func (d *Deliverer) entries(ctx context.Context, cases []store.PostedFeedback) ([]message.Entry, error) {
	if len(cases) == 0 {
		return nil, nil
	}
	own, err := d.Slack.Workspace(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]message.Entry, len(cases))
	for i, c := range cases {
		entries[i] = message.Entry{Snapshot: c.Snapshot, Permalink: own.Permalink(c.SlackChannel, c.TS)}
	}
	return entries, nil
}
