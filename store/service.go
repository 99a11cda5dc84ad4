package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The table ticket_service has a row for each rated ticket with a known opening. It is
// computed from the ticket's ratings, in the transaction that changes one of them.

// updateService updates the rows of the tickets that a changed feedback rates and rated.
// before is nil for a new feedback; after is saved.
func (s *Store) updateService(t *Unit, before *feedback.Feedback, after feedback.Feedback) error {
	tickets := []string{after.Ticket.ID}
	if before != nil && before.Ticket.ID != after.Ticket.ID {
		tickets = append(tickets, before.Ticket.ID)
	}
	for _, id := range tickets {
		if id == "" {
			continue
		}
		if _, err := s.refreshTicket(t, after.Sender, id); err != nil {
			return fmt.Errorf("keeping how a ticket was served: %w", err)
		}
	}
	return nil
}

// A serviceRow is a row of ticket_service without the ticket's name; the zero value is no
// row. scopes is a JSON list of channels and agents.
type serviceRow struct {
	score.TicketService

	scopes string
}

// refreshTicket computes the row of a ticket again and reports whether that changed it.
func (s *Store) refreshTicket(t *Unit, sender, ticketID string) (changed bool, err error) {
	var was, is serviceRow
	err = t.Row(`select `+serviceColumns+` from ticket_service s where s.sender = $1 and s.ticket_id = $2`, sender, ticketID).Scan(was.places()...)
	exists := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	ratings, err := ratingsOf(t, sender, ticketID)
	if err != nil {
		return false, err
	}
	service, counts := score.Serve(s.options.Policy.Hours, ratings)
	if counts {
		is = serviceRow{service, scopesText(score.Scopes(ratings))}
	}
	if was == is {
		return false, nil
	}
	if exists {
		err = errors.Join(noteDay(t, was.Day), t.Exec(`delete from ticket_service where sender = $1 and ticket_id = $2`, sender, ticketID))
	}
	if err != nil || !counts {
		return true, err
	}
	err = t.Exec(`
insert into ticket_service (sender, ticket_id, day, first_reply, resolution, within_4h, same_day, one_reply, scopes)
values ($1, $2, $3, nullif($4, -1), nullif($5, -1), nullif($6, 0) - 1, nullif($7, 0) - 1, nullif($8, 0) - 1, $9)`,
		sender, ticketID, int64(is.Day), is.FirstReply, is.Resolution, is.Within4h, is.SameDay, is.OneReply, is.scopes)
	return true, errors.Join(err, noteDay(t, is.Day))
}

// noteDay raises the version of a day, by which readers know that their count of it is
// stale.
func noteDay(t *Unit, day office.Day) error {
	return t.Exec(`
insert into ticket_service_day (day, version) values ($1, 1)
on conflict (day) do update set version = ticket_service_day.version + 1`, int64(day))
}

// serviceColumns are in the order of places, with the numbers of [score.TicketService]
// for what is unknown.
const serviceColumns = `s.day, coalesce(s.first_reply, -1), coalesce(s.resolution, -1),
    coalesce(s.within_4h + 1, 0), coalesce(s.same_day + 1, 0), coalesce(s.one_reply + 1, 0), s.scopes`

func (r *serviceRow) places() []any {
	return []any{&r.Day, &r.FirstReply, &r.Resolution, &r.Within4h, &r.SameDay, &r.OneReply, &r.scopes}
}

// ratingsOf reads the ratings of a ticket that count.
func ratingsOf(t *Unit, sender, ticketID string) ([]score.TicketRating, error) {
	var found []score.TicketRating
	err := t.Each(func(row Scanner) error {
		var r score.TicketRating
		var agent feedback.Person
		var opened, replied, resolved sql.NullInt64
		var set string
		err := row.Scan(&r.Channel, &agent.ID, &agent.Name, &opened, &replied, &resolved, &r.Ticket.Replies, &set)
		if err != nil {
			return err
		}
		r.Agent = agent.Key()
		r.Ticket.OpenedAt, r.Ticket.FirstReplyAt, r.Ticket.ResolvedAt = moment(opened), moment(replied), moment(resolved)
		r.SetAt, err = parseStamps(set)
		found = append(found, r)
		return err
	}, `
select channel, agent_id, agent_name, ticket_opened_ms, ticket_replied_ms, ticket_resolved_ms, ticket_replies, set_ns
from feedback where sender = $1 and ticket_id = $2 and ticket_id <> '' and voided_ms is null`, sender, ticketID)
	return found, err
}

// scopesText writes scopes as the column has them, such as [["chat","a-7"]].
func scopesText(scopes []score.Scope) string {
	pairs := make([][2]string, len(scopes))
	for i, s := range scopes {
		pairs[i] = [2]string{string(s.Channel), s.Agent}
	}
	text, _ := json.Marshal(pairs) //nolint:errchkjson // strings never fail
	return string(text)
}

// parseScopes reads what scopesText wrote.
func parseScopes(text string) ([]score.Scope, error) {
	var pairs [][2]string
	err := json.Unmarshal([]byte(text), &pairs)
	scopes := make([]score.Scope, len(pairs))
	for i, p := range pairs {
		scopes[i] = score.Scope{Channel: feedback.Channel(p[0]), Agent: p[1]}
	}
	return scopes, err
}

// service refreshes the rows of all tickets, and those of tickets that no feedback rates, in
// the order of their names. Others may write after every few of them.
func (r *rebuild) service(ctx context.Context) error {
	for _, query := range []string{
		`select distinct sender, ticket_id from feedback where ticket_id <> '' and (sender, ticket_id) > ($1, $2) order by sender, ticket_id limit $3`,
		`
select s.sender, s.ticket_id from ticket_service s where (s.sender, s.ticket_id) > ($1, $2) and not exists (
    select 1 from feedback f where f.sender = s.sender and f.ticket_id = s.ticket_id and f.ticket_id <> '') order by s.sender, s.ticket_id limit $3`,
	} {
		var last [2]string
		for tickets, more := int64(0), true; more; {
			var names [][2]string
			err := r.each(ctx, "the rated tickets", func(row Scanner) error {
				err := row.Scan(&last[0], &last[1])
				names = append(names, last)
				return err
			}, query, last[0], last[1], rebuildWrites)
			if err != nil {
				return err
			}
			changed := int64(0)
			err = r.engine.Write(ctx, func(t *Unit) error {
				changed = 0
				for _, name := range names {
					differs, err := r.refreshTicket(t, name[0], name[1])
					if err != nil {
						return err
					}
					if differs {
						changed++
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			r.found.Service += changed
			tickets += int64(len(names))
			r.progress(rebuildPasses-1, tickets)
			more = len(names) == rebuildWrites
		}
	}
	r.progress(rebuildPasses-1, r.last)
	return nil
}
