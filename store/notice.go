package store

import (
	"fmt"
	"time"

	"smileybot/feedback"
)

// What is said once in the thread of a feedback's message. Each notice has a key of its
// own and holds no text: it is written when it is posted.
const (
	NoticeExplained = "explained" // to the claimer: the customer's explanation has come
	NoticeDue       = "due"       // the follow-up is due
	NoticeAssigned  = "assigned"  // to whom it was handed
	NoticeDone      = "done"      // with which note it ended
	NoticeVoid      = "void"      // who voided the feedback, and why
	NoticeRestored  = "restored"  // who restored it
)

// What is said once in the lead channel, see [Bulletin].
const (
	NoticeDigest     = "digest"
	NoticeAlert      = "alert"
	NoticeEscalation = "escalation" // which follow-ups are overdue
	NoticeRisk       = "risk"       // that a customer is at risk
)

// NoticeMissed is a bulletin in the support channel: which follow-ups came due while
// nobody could say so.
const NoticeMissed = "missed"

// A threadNotice is something to be said in the thread of a message.
type threadNotice struct {
	what, key string
	about     feedback.Feedback
	// mention is the Slack user it is for; empty when it is for all.
	mention string
	at      time.Time
}

// queue has a notice said, unless it was queued before.
func (n threadNotice) queue(t *tx) error {
	err := t.exec(`
insert into outbox (key, feedback_id, notice, mention, channel, rank, queued_ms, revision)
values ($1, $2, $3, $4, $5, 0, $6, 1)
on conflict (key) do nothing`,
		n.key, n.about.ID, n.what, n.mention, n.about.Channel, ms(n.at))
	if err != nil {
		return fmt.Errorf("queueing for Slack: %w", err)
	}
	return nil
}

// tell queues the notice that a claimed follow-up was explained. Its key names
// the revision, so that each explanation is told once.
func tell(t *tx, f feedback.Feedback, claimer string, now time.Time) error {
	key := fmt.Sprintf("%s:%s:%d", NoticeExplained, f.ID, f.Revision)
	return threadNotice{what: NoticeExplained, key: key, about: f, mention: claimer, at: now}.queue(t)
}

// Bulletin is a notice that stands in a channel by itself: the lead channel, or the
// support channel for [NoticeMissed]. It holds no text: its key says what it is about,
// and it is written when it is posted.
type Bulletin struct {
	// Notice is what it says; Key is its unique name.
	Notice, Key string
	// Covers are the ids of the feedback that it is about.
	Covers []string
}

// bulletinRank has a bulletin wait for unhappy customers where both go to one channel.
const bulletinRank = 2

// queue has a bulletin said, unless it was queued before.
func (b Bulletin) queue(t *tx, at time.Time) error {
	err := t.exec(`
insert into outbox (key, notice, mention, channel, rank, queued_ms, revision) values ($1, $2, '', '', $3, $4, 1)
on conflict (key) do nothing`, b.Key, b.Notice, bulletinRank, ms(at))
	for i := 0; err == nil && i < len(b.Covers); i++ {
		err = t.exec(`insert into covered (key, feedback_id) values ($1, $2) on conflict do nothing`, b.Key, b.Covers[i])
	}
	if err != nil {
		return fmt.Errorf("queueing for Slack: %w", err)
	}
	return nil
}
