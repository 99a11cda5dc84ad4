package store

import (
	"context"
	"errors"
	"fmt"
)

// tallySettings are the settings that the scores were computed with; empty when they are not
// computed yet.
type tallySettings struct {
	// zone is the time zone of the days of the tallies, hours is a fingerprint of the office
	// hours that served tickets are counted by.
	zone, hours string
}

// tallySettings are the settings that the scores must be computed with. The leading number
// is the version of the counting algorithm; a higher one forces a rebuild.
func (o Options) tallySettings() tallySettings {
	return tallySettings{o.Location.String(), "2 " + o.Policy.Hours.Fingerprint()}
}

// tallySettings reads the settings of the database.
func (s *Store) tallySettings(ctx context.Context) (c tallySettings, err error) {
	err = s.engine.Row(ctx, `
select coalesce((select zone from tally_settings where id = 1), ''), coalesce((select rules from service_rules where id = 1), '')`).Scan(&c.zone, &c.hours)
	if err != nil {
		return c, fmt.Errorf("reading the settings of the scores: %w", err)
	}
	return c, nil
}

// Counted reports whether the scores are counted with the store's time zone and office hours.
// If not, [Store.Rebuild] counts them again. It returns no sentinel error.
func (s *Store) Counted(ctx context.Context) (bool, error) {
	c, err := s.tallySettings(ctx)
	return c == s.options.tallySettings(), err
}

// initSettings gives an empty database the store's settings.
func (s *Store) initSettings(ctx context.Context) error {
	counted, err := s.Counted(ctx)
	if err != nil || counted {
		return err
	}
	return s.engine.Write(ctx, func(t *Unit) error {
		var some bool
		if err := t.Row(`select exists (select 1 from feedback)`).Scan(&some); err != nil || some {
			return err
		}
		return s.options.tallySettings().save(t)
	})
}

// checkTimeZone refuses a database that is counted in the days of another time zone, or not
// yet.
func (s *Store) checkTimeZone(ctx context.Context) error {
	if err := s.initSettings(ctx); err != nil {
		return err
	}
	c, err := s.tallySettings(ctx)
	own := s.options.tallySettings()
	switch {
	case err != nil:
		return err
	case c.zone == "":
		return errors.New("its scores are not counted yet: 'smileybot serve' counts them when it starts")
	case c.zone != own.zone:
		return fmt.Errorf("it counts the days of %s and SMILEYBOT_TIMEZONE is %s: set the same, or restart 'smileybot serve', which then counts by %[2]s", c.zone, own.zone)
	default:
		return nil
	}
}

// SameHours returns an error when the tickets of the database are counted by other office
// hours than the store's, or not yet. It returns no sentinel error.
func (s *Store) SameHours(ctx context.Context) error {
	counted, err := s.Counted(ctx)
	if err != nil || counted {
		return err
	}
	return errors.New("its tickets are not counted by these office hours and holidays: give this command the settings that serve has, or restart 'smileybot serve', which then counts by them")
}

// saveSettings records that the scores are counted with the store's settings.
func (s *Store) saveSettings(ctx context.Context) error {
	return s.engine.Write(ctx, s.options.tallySettings().save)
}

func (c tallySettings) save(t *Unit) error {
	return errors.Join(
		t.Exec(`insert into tally_settings (id, zone) values (1, $1) on conflict (id) do update set zone = excluded.zone`, c.zone),
		t.Exec(`insert into service_rules (id, rules) values (1, $1) on conflict (id) do update set rules = excluded.rules`, c.hours),
	)
}

// clearSettings marks the tallies as stale. A program that opens the database before the
// rebuild ends sees that.
func (s *Store) clearSettings(ctx context.Context) error {
	own := s.options.tallySettings()
	return s.engine.Write(ctx, func(t *Unit) error {
		return errors.Join(
			t.Exec(`delete from tally_settings where id = 1 and zone <> $1`, own.zone),
			t.Exec(`delete from service_rules where id = 1 and rules <> $1`, own.hours),
		)
	})
}
