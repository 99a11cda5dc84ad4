package store

import (
	"context"
	"fmt"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/score"
)

// MaxHomes bounds the Home tabs that are kept up to date. Those opened longest ago are dropped
// first, until they are opened again.
const MaxHomes = 500

// Home is the Home tab of a user who has opened it.
type Home struct {
	// User is a Slack user.
	User string
	// PublishedAt is when it was last published, at or before 1970 when never.
	PublishedAt time.Time
	// Waiting is a fingerprint of the follow-ups that it shows, empty before the first publication.
	Waiting string
	// Hash is Slack's hash of its last state.
	Hash string
}

const selectHome = `select person, published_ms, waiting, hash from home `

func scanHome(row Scanner) (h Home, err error) {
	err = row.Scan(&h.User, momentIn(&h.PublishedAt), &h.Waiting, &h.Hash)
	return h, err
}

// Homes lists the Home tabs that are kept up to date, the ones published longest ago first.
func (s *Store) Homes(ctx context.Context) ([]Home, error) {
	var homes []Home
	err := s.each(ctx, "the Home tabs", collect(&homes, scanHome), selectHome+`order by published_ms, person`)
	return homes, err
}

// Home returns a user's Home tab. It returns [ErrNotFound] for a user who has not opened it.
func (s *Store) Home(ctx context.Context, user string) (Home, error) {
	return scanHome(s.row(ctx, "a Home tab", selectHome+`where person = $1`, user))
}

// OpenHome records that a user has opened the Home tab, and drops those over [MaxHomes].
func (s *Store) OpenHome(ctx context.Context, user string, now time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`
insert into home (person, opened_ms) values ($1, $2)
on conflict (person) do update set opened_ms = excluded.opened_ms`, user, ms(now))
		if err != nil {
			return err
		}
		return t.Exec(`
delete from home where person not in (select person from home order by opened_ms desc, person limit $1)`, MaxHomes)
	})
}

// HomeShown records what a Home tab shows, unless it was dropped.
func (s *Store) HomeShown(ctx context.Context, h Home) error {
	return s.exec(ctx, `update home set published_ms = $1, waiting = $2, hash = $3 where person = $4`,
		ms(h.PublishedAt), h.Waiting, h.Hash, h.User)
}

// DropHome drops a Home tab until it is opened again.
func (s *Store) DropHome(ctx context.Context, user string) error {
	return s.exec(ctx, `delete from home where person = $1`, user)
}

// PostedFeedback is a case with the place of its message in Slack; SlackChannel and TS are empty
// before it is posted.
type PostedFeedback struct {
	followup.Snapshot
	SlackChannel, TS string
}

// QueuePage is a page of the queue, and the number of all entries.
type QueuePage struct {
	First []PostedFeedback
	Total int
}

// A Page selects Limit entries of a list after the first Skip.
type Page struct{ Limit, Skip int }

// inQueue is the condition of the queue's index, queued the queue's order: urgent ones first,
// then first in, first out.
const (
	inQueue = `(u.state = 'open' or u.state = 'claimed' or u.state = 'snoozed')`
	queued  = ` order by f.ticket_urgent desc, u.opened_ms, u.id`
)

// Queue lists the open and claimed follow-ups in the order of the queue.
func (s *Store) Queue(ctx context.Context, p Page) (QueuePage, error) {
	return s.queuePage(ctx, inQueue+` and u.state in ('open', 'claimed')`, p)
}

// WholeQueue is [Store.Queue] with the snoozed ones.
func (s *Store) WholeQueue(ctx context.Context, p Page) (QueuePage, error) {
	return s.queuePage(ctx, inQueue, p)
}

// Overdue lists those that are past their due time.
func (s *Store) Overdue(ctx context.Context, now time.Time, p Page) (QueuePage, error) {
	return s.queuePage(ctx, `u.state in ('open', 'claimed') and u.due_ms < $1`, p, ms(now))
}

// OverdueOfOthers lists those past their due time that users other than this one have claimed.
func (s *Store) OverdueOfOthers(ctx context.Context, user string, now time.Time, p Page) (QueuePage, error) {
	return s.queuePage(ctx, `u.state in ('open', 'claimed') and u.due_ms < $1 and u.state = 'claimed' and u.claimer <> $2`, p, ms(now), user)
}

// Unclaimed lists those without a claimer that are not snoozed.
func (s *Store) Unclaimed(ctx context.Context, p Page) (QueuePage, error) {
	return s.queuePage(ctx, inQueue+` and u.state = 'open'`, p)
}

// ClaimedBy lists those that a user has claimed, without the snoozed ones.
func (s *Store) ClaimedBy(ctx context.Context, user string, p Page) (QueuePage, error) {
	return s.queuePage(ctx, `u.claimer <> '' and u.claimer = $1 and u.state = 'claimed'`, p, user)
}

// AssignedTo lists those that a user has claimed, with the snoozed ones.
func (s *Store) AssignedTo(ctx context.Context, user string, p Page) (QueuePage, error) {
	return s.queuePage(ctx, `u.claimer <> '' and u.claimer = $1`, p, user)
}

func (s *Store) queuePage(ctx context.Context, where string, p Page, args ...any) (QueuePage, error) {
	return s.page(ctx, `followup u where `+where, `where `+where+queued, p, args...)
}

// page counts the follow-ups that a query finds and reads a page of the cases of another.
func (s *Store) page(ctx context.Context, counted, listed string, p Page, args ...any) (found QueuePage, err error) {
	err = s.row(ctx, "the follow-ups", `select count(*) from `+counted, args...).Scan(&found.Total)
	if err == nil {
		found.First, err = s.waiting(ctx, listed+fmt.Sprintf(` limit %d offset %d`, p.Limit, p.Skip), args...)
	}
	return found, err
}

// Unanswered lists the reviews of a period whose follow-up has not ended, the oldest first; an
// empty channel means all channels.
func (s *Store) Unanswered(ctx context.Context, p score.Period, channel feedback.Channel, page Page) (QueuePage, error) {
	const where = `where ` + inQueue + ` and f.kind = 'review' and f.day between $1 and $2 and ($3 = '' or f.channel = $3)`
	return s.page(ctx, `followup u join feedback f on f.id = u.feedback_id `+where, where+` order by f.occurred_ms, f.id`, page, p.From, p.To, channel)
}

const selectWaiting = "select " + snapshotColumns + ", coalesce(o.slack_channel, ''), coalesce(o.ts, '')" + snapshotTables + "\n"

// waiting reads cases with the places of their messages in Slack.
func (s *Store) waiting(ctx context.Context, where string, args ...any) ([]PostedFeedback, error) {
	var found []PostedFeedback
	err := s.each(ctx, "the follow-ups", collect(&found, func(row Scanner) (w PostedFeedback, err error) {
		w.Snapshot, err = scanSnapshot(row, &w.SlackChannel, &w.TS)
		return w, err
	}), selectWaiting+where, args...)
	for i := range found {
		if f := found[i].Feedback; err == nil && f.AtRisk {
			found[i].Risk, err = s.risk(ctx, f)
		}
	}
	return found, err
}

// FollowUps counts the follow-ups by state.
func (s *Store) FollowUps(ctx context.Context) (map[followup.State]int, error) {
	counted := make(map[followup.State]int)
	err := s.each(ctx, "the follow-ups", func(row Scanner) error {
		var state followup.State
		var n int
		err := row.Scan(&state, &n)
		counted[state] = n
		return err
	}, `select state, count(*) from followup group by state`)
	return counted, err
}

// NextOverdue is the earliest moment after now at which an open or claimed follow-up becomes
// overdue, the zero time when there is no such follow-up.
func (s *Store) NextOverdue(ctx context.Context, now time.Time) (time.Time, error) {
	var due time.Time
	err := s.row(ctx, "the follow-ups",
		`select min(due_ms) from followup where state in ('open', 'claimed') and due_ms >= $1`, ms(now)).Scan(momentIn(&due))
	if err != nil || due.IsZero() {
		return due, err
	}
	return due.Add(time.Millisecond), nil
}
