package store

import (
	"context"
	"database/sql"
	"errors"
)

// A recountPosition is how far a rebuild is: its pass, and the last row of the pass that is done.
type recountPosition struct {
	pass int
	done int64 // rows of the pass
	// id is that of a feedback, or of a ticket with its sender.
	sender, id string
}

// begin marks the tallies as stale when the settings have changed, so that a program that opens the
// database before the end sees that. A rebuild for the same settings that was interrupted continues.
func (r *rebuild) begin(ctx context.Context) error {
	own := r.options.tallySettings()
	counted, err := r.Counted(ctx)
	if err != nil {
		return err
	}
	if err := r.row(ctx, "the number of feedbacks", `select count(*) from feedback`).Scan(&r.last); err != nil || counted {
		return err
	}
	r.saves = true
	return r.engine.Write(ctx, func(t *Unit) error {
		for _, stale := range []struct{ query, setting string }{
			{`delete from tally_settings where id = 1 and zone <> $1`, own.zone},
			{`delete from service_rules where id = 1 and rules <> $1`, own.hours},
		} {
			if err := t.Exec(stale.query, stale.setting); err != nil {
				return err
			}
		}
		var p recountPosition
		err := t.Row(`select pass, done, sender, last_id from recount where id = 1 and zone = $1 and rules = $2`, own.zone, own.hours).
			Scan(&p.pass, &p.done, &p.sender, &p.id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		r.at = p
		return err
	})
}

// reach does work in a transaction, which also notes how far the rebuild then is.
func (r *rebuild) reach(ctx context.Context, p recountPosition, work func(*Unit) error) error {
	err := r.engine.Write(ctx, func(t *Unit) error {
		if err := work(t); err != nil || !r.saves {
			return err
		}
		own := r.options.tallySettings()
		return t.Exec(`
insert into recount (id, zone, rules, pass, done, sender, last_id) values (1, $1, $2, $3, $4, $5, $6)
on conflict (id) do update set zone = excluded.zone, rules = excluded.rules, pass = excluded.pass, done = excluded.done,
    sender = excluded.sender, last_id = excluded.last_id`, own.zone, own.hours, p.pass, p.done, p.sender, p.id)
	})
	if err == nil {
		r.at = p
		r.progress(int64(p.pass), p.done)
	}
	return err
}
