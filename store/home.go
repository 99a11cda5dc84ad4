package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// MaxHomes bounds the Home tabs that are kept up to date; those opened longest
// ago are forgotten first, until they are opened again.
const MaxHomes = 500

// Home is the Home tab of somebody who has opened it.
type Home struct {
	// User is a Slack user.
	User string
	// PublishedAt is when it was last shown anew, at or before 1970 when never.
	PublishedAt time.Time
	// Waiting is a fingerprint of what it shows as waiting, empty before the
	// first publication.
	Waiting string
	// Hash is Slack's name of the state it was left in.
	Hash string
}

const selectHome = `select person, published_ms, waiting, hash from home `

func scanHome(row Scanner) (Home, error) {
	var h Home
	var published int64
	err := row.Scan(&h.User, &published, &h.Waiting, &h.Hash)
	h.PublishedAt = time.UnixMilli(published).UTC()
	return h, err
}

// Homes lists the Home tabs that are kept up to date, those that were shown anew
// longest ago first.
func (s *Store) Homes(ctx context.Context) ([]Home, error) {
	var homes []Home
	err := s.each(ctx, "the Home tabs", func(row Scanner) error {
		h, err := scanHome(row)
		homes = append(homes, h)
		return err
	}, selectHome+`order by published_ms, person`)
	return homes, err
}

// Home returns one person's Home tab, or [ErrNotFound] for somebody who has not
// opened it.
func (s *Store) Home(ctx context.Context, user string) (Home, error) {
	h, err := scanHome(s.engine.Row(ctx, selectHome+`where person = $1`, user))
	if errors.Is(err, sql.ErrNoRows) {
		return h, ErrNotFound
	}
	if err != nil {
		return h, fmt.Errorf("reading a Home tab: %w", err)
	}
	return h, nil
}

// OpenHome remembers that a person has opened the Home tab, and forgets whoever
// is over [MaxHomes].
func (s *Store) OpenHome(ctx context.Context, user string, now time.Time) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		err := t.Exec(`
insert into home (person, opened_ms) values ($1, $2)
on conflict (person) do update set opened_ms = excluded.opened_ms`, user, ms(now))
		if err != nil {
			return err
		}
		return t.Exec(`
delete from home where person in (select person from home order by opened_ms desc, person limit -1 offset $1)`, MaxHomes)
	})
}

// HomeShown notes what a Home tab shows. It does nothing for one that has been
// forgotten.
func (s *Store) HomeShown(ctx context.Context, h Home) error {
	return s.engine.Write(ctx, func(t *Unit) error {
		return t.Exec(`update home set published_ms = $1, waiting = $2, hash = $3 where person = $4`,
			ms(h.PublishedAt), h.Waiting, h.Hash, h.User)
	})
}

// ForgetHome leaves a Home tab alone until it is opened again.
func (s *Store) ForgetHome(ctx context.Context, user string) error {
	return s.engine.Write(ctx, func(t *Unit) error { return t.Exec(`delete from home where person = $1`, user) })
}

// NextOverdue is the earliest moment after now from which a follow-up that waits
// is overdue, the zero time when there is none.
func (s *Store) NextOverdue(ctx context.Context, now time.Time) (time.Time, error) {
	var next sql.NullInt64
	err := s.engine.Row(ctx,
		`select min(due_ms) from followup where state in ('open', 'claimed') and due_ms >= $1`, ms(now)).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the follow-ups: %w", err)
	}
	if !next.Valid {
		return time.Time{}, nil
	}
	return moment(next).Add(time.Millisecond), nil
}

// maxAgents bounds the addresses that [Store.AgentEmails] looks at, for a sender
// that puts something else there than a few agents.
const maxAgents = 500

// AgentEmails lists the e-mail addresses of agents whose answers were rated since
// a moment. It jumps from address to address in the index, so that it costs what
// there are agents, not what there is feedback.
func (s *Store) AgentEmails(ctx context.Context, since time.Time) ([]string, error) {
	var emails []string
	err := s.each(ctx, "the agents", func(row Scanner) error {
		var email string
		err := row.Scan(&email)
		emails = append(emails, email)
		return err
	}, `
with recursive known (email, n) as (
    select (select min(agent_email) from feedback where agent_email <> ''), 1
    union all
    select (select min(f.agent_email) from feedback f where f.agent_email <> '' and f.agent_email > known.email), known.n + 1
    from known where known.email is not null and known.n < $1)
select email from known
where email is not null
  and exists (select 1 from feedback f where f.agent_email <> '' and f.agent_email = known.email and f.occurred_ms > $2)`,
		maxAgents, ms(since))
	return emails, err
}

// RatingsOf lists the latest live feedback that counts on the answers of the agent with an
// e-mail address since a moment, the latest first, at most limit of it.
func (s *Store) RatingsOf(ctx context.Context, email string, since time.Time, limit int) ([]Waiting, error) {
	return s.waiting(ctx, `where f.agent_email <> '' and f.agent_email = $1 and f.occurred_ms > $2 and f.voided_ms is null and o.key is not null
order by f.occurred_ms desc, f.id limit $3`, email, ms(since), limit)
}

// Latest puts feedback in the order of [Store.RatingsOf].
func Latest(a, b Waiting) int { return b.Feedback.OccurredAt.Compare(a.Feedback.OccurredAt) }
