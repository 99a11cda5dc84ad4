package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Notices in the thread of a feedback's message. Each is posted once, has a unique key and no
// text: it is rendered when it is posted.
const (
	NoticeExplained = "explained" // for the claimer: the customer has explained the rating
	NoticeDue       = "due"       // the follow-up is due
	NoticeAssigned  = "assigned"  // who it was handed over to
	NoticeDone      = "done"      // the note with which it was finished
	NoticeVoid      = "void"      // who voided the feedback, and why
	NoticeRestored  = "restored"  // who restored it
)

// Bulletins in the lead channel, see [Bulletin].
const (
	NoticeDigest     = "digest"
	NoticeAlert      = "alert"
	NoticeEscalation = "escalation" // which follow-ups are overdue
	NoticeRisk       = "risk"       // that a customer is at risk
)

// NoticeMissed is a bulletin in the support channel: which follow-ups came due while the bot
// was not running.
const NoticeMissed = "missed"

// A threadNotice is a notice in the thread of a message.
type threadNotice struct {
	what, key string
	about     feedback.Feedback
	// mention is the Slack user that it is for; empty when it is for all.
	mention string
	at      time.Time
}

// queue adds a notice to the outbox unless its key exists.
func (n threadNotice) queue(t *Unit) error {
	return t.Exec(`
insert into outbox (key, feedback_id, notice, mention, channel, rank, queued_ms, revision)
values ($1, $2, $3, $4, $5, 0, $6, 1)
on conflict (key) do nothing`,
		n.key, n.about.ID, n.what, n.mention, n.about.Channel, ms(n.at))
}

// notifyClaimer queues the notice that a claimed follow-up is explained. Its key has the
// revision, so that each explanation is reported once.
func notifyClaimer(t *Unit, f feedback.Feedback, claimer string, now time.Time) error {
	key := fmt.Sprintf("%s:%s:%d", NoticeExplained, f.ID, f.Revision)
	return threadNotice{what: NoticeExplained, key: key, about: f, mention: claimer, at: now}.queue(t)
}

// Bulletin is a notice that is a message of its own: in the lead channel, or in the support
// channel for [NoticeMissed]. It has no text: its key says what it is about, and it is
// rendered when it is posted.
type Bulletin struct {
	// Notice is its kind; Key is its unique name.
	Notice, Key string
	// Covers are the ids of the feedback that it is about.
	Covers []string
}

// bulletinRank makes a bulletin wait for unhappy customers in the same channel.
const bulletinRank = 2

// queue adds a bulletin to the outbox unless its key exists.
func (b Bulletin) queue(t *Unit, at time.Time) error {
	err := t.Exec(`
insert into outbox (key, notice, mention, channel, rank, queued_ms, revision) values ($1, $2, '', '', $3, $4, 1)
on conflict (key) do nothing`, b.Key, b.Notice, bulletinRank, ms(at))
	for i := 0; err == nil && i < len(b.Covers); i++ {
		err = t.Exec(`insert into covered (key, feedback_id) values ($1, $2) on conflict do nothing`, b.Key, b.Covers[i])
	}
	return err
}

// Withdraw deletes an unsent notice that no longer applies and clears its "reported" marks, so that
// it is queued again if the situation returns. It keeps a notice that may already be posted.
func (s *Store) Withdraw(ctx context.Context, key string) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		var notice, feedbackID string
		err := t.Row(`
delete from outbox where key = $1 and notice is not null and ts is null and attempt_ms is null
returning notice, coalesce(feedback_id, '')`, key).Scan(&notice, &feedbackID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := clearReported(t, notice, key, feedbackID); err != nil {
			return err
		}
		return t.Exec(`delete from covered where key = $1`, key)
	})
}

// clearReported clears the marks that a notice has reported its subject.
func clearReported(t *Unit, notice, key, feedbackID string) error {
	const isCovered = ` in (select feedback_id from covered where key = $1)`
	switch notice {
	case NoticeDue:
		return t.Exec(`update followup set reminded = 0 where feedback_id = $1`, feedbackID)
	case NoticeMissed:
		return t.Exec(`update followup set reminded = 0 where feedback_id`+isCovered, key)
	case NoticeEscalation:
		return t.Exec(`update followup set escalated = 0 where feedback_id`+isCovered, key)
	case NoticeAlert:
		return t.Exec(`update routine set told = 0 where name in ('alert', 'slide')`)
	case NoticeRisk:
		return t.Exec(`update feedback set risk_told = 0 where id`+isCovered, key)
	default:
		return nil
	}
}

// The keys of bulletins: what is posted once, whenever and however often it is queued.

// DigestKey names a digest by its periods: digest:2026-W47, digest:2026-W44,2026-10.
func DigestKey(periods []score.Period) string {
	words := make([]string, len(periods))
	for i, p := range periods {
		words[i] = p.Typed()
	}
	return digestPrefix + strings.Join(words, ",")
}

const digestPrefix = "digest:"

var errNoDigest = errors.New("not the key of a digest")

// DigestOf gives the periods that a key of [DigestKey] names.
func DigestOf(key string) ([]score.Period, error) {
	words, found := strings.CutPrefix(key, digestPrefix)
	if !found {
		return nil, errNoDigest
	}
	var periods []score.Period
	for word := range strings.SplitSeq(words, ",") {
		p, err := score.ParsePeriod(word, office.Date(9999, time.December, 31))
		if err != nil || word == "" {
			return nil, errors.Join(errNoDigest, err)
		}
		periods = append(periods, p)
	}
	return periods, nil
}

const alertPrefix = "alert:"

// AlertKey names the alert of a morning: alert:2026-11-24.
func AlertKey(morning office.Day) string { return alertPrefix + morning.String() }

// AlertOf gives the morning that a key of [AlertKey] names.
func AlertOf(key string) (office.Day, error) {
	day, found := strings.CutPrefix(key, alertPrefix)
	if !found {
		return 0, errors.New("not the key of an alert")
	}
	return office.ParseDay(day)
}
