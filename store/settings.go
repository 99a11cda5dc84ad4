package store

import (
	"context"
	"errors"
	"fmt"
)

// counting is by what the scores are counted: both are empty when they are not counted
// yet.
type counting struct {
	// zone is the time zone in whose days the tallies are, hours tell the office hours
	// in which tickets were served.
	zone, hours string
}

// counting is what the settings ask for. The number in front of the hours changes when
// this program counts tickets otherwise: with 2, agents without an id go by name in
// any case.
func (o Options) counting() counting {
	return counting{o.Location.String(), "2 " + o.Policy.Hours.Rules()}
}

// counting is what the database has.
func (s *Store) counting(ctx context.Context) (c counting, err error) {
	err = s.engine.Row(ctx, `
select coalesce((select zone from counted where id = 1), ''), coalesce((select rules from service_rules where id = 1), '')`).Scan(&c.zone, &c.hours)
	if err != nil {
		return c, fmt.Errorf("looking how the scores are counted: %w", err)
	}
	return c, nil
}

// Counted reports whether the scores are counted by the store's time zone and office
// hours. If not, as after a change of them, [Store.Rebuild] sees to it.
func (s *Store) Counted(ctx context.Context) (bool, error) {
	c, err := s.counting(ctx)
	return c == s.options.counting(), err
}

// countable has an empty database count by the store's settings.
func (s *Store) countable(ctx context.Context) error {
	counted, err := s.Counted(ctx)
	if err != nil || counted {
		return err
	}
	return s.engine.Write(ctx, func(t *Unit) error {
		var some bool
		if err := t.Row(`select exists (select 1 from feedback)`).Scan(&some); err != nil || some {
			return err
		}
		return s.options.counting().keep(t)
	})
}

// sameDays refuses a database that is counted in the days of another time zone, or
// not yet.
func (s *Store) sameDays(ctx context.Context) error {
	if err := s.countable(ctx); err != nil {
		return err
	}
	c, err := s.counting(ctx)
	own := s.options.counting()
	switch {
	case err != nil:
		return err
	case c.zone == "":
		return errors.New("its scores are not counted yet: 'smileybot serve' counts them when it starts")
	case c.zone != own.zone:
		return fmt.Errorf("it counts the days of %s and SMILEYBOT_TIMEZONE is %s: set the same, or start 'smileybot serve' anew, which then counts by %[2]s", c.zone, own.zone)
	default:
		return nil
	}
}

// SameHours refuses a database whose tickets are counted by other office hours than the
// store's, or not yet.
func (s *Store) SameHours(ctx context.Context) error {
	counted, err := s.Counted(ctx)
	if err != nil || counted {
		return err
	}
	return errors.New("its tickets are not counted by these office hours and holidays: give this command the settings that serve has, or start 'smileybot serve' anew, which then counts by them")
}

// own says by what the scores are counted now.
func (s *Store) own(ctx context.Context) error {
	return s.engine.Write(ctx, s.options.counting().keep)
}

func (c counting) keep(t *Unit) error {
	return errors.Join(
		t.Exec(`insert into counted (id, zone) values (1, $1) on conflict (id) do update set zone = excluded.zone`, c.zone),
		t.Exec(`insert into service_rules (id, rules) values (1, $1) on conflict (id) do update set rules = excluded.rules`, c.hours),
	)
}

// disown says that the scores are no longer counted by other settings: whoever opens
// the database before they are counted anew is to know.
func (s *Store) disown(ctx context.Context) error {
	own := s.options.counting()
	return s.engine.Write(ctx, func(t *Unit) error {
		return errors.Join(
			t.Exec(`delete from counted where id = 1 and zone <> $1`, own.zone),
			t.Exec(`delete from service_rules where id = 1 and rules <> $1`, own.hours),
		)
	})
}
