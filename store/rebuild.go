package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// Rebuilt is what [Store.Rebuild] found and repaired.
type Rebuilt struct {
	// Feedback is the number of feedbacks.
	Feedback int64
	// Moved is how many counted on the wrong local day.
	Moved int64
	// Different is how many rows of the tallies were wrong; Differences are the first of
	// them, at most [MaxDifferences].
	Different   int64
	Differences []Difference
	// Service is the number of tickets whose row of how they were served was wrong.
	Service int64
}

// MaxDifferences bounds the list of [Rebuilt].
const MaxDifferences = 20

// Difference is one row of the tallies that was wrong.
type Difference struct {
	Kind feedback.Kind
	// From and To are the day or the month that it counts.
	From, To office.Day
	// Channel is empty for all channels. Agent is the name, or the id of an agent without
	// one, and empty for all agents.
	Channel      feedback.Channel
	Agent        string
	Was, Counted score.Count
}

// A rebuild passes through all feedback this often, and reads so many rows at once.
const (
	rebuildPasses = 3
	rebuildReads  = 10_000
	rebuildWrites = 500
)

// Rebuild counts all feedback on its local days and all rated tickets by the office hours, and
// repairs the tallies. Others may write meanwhile: it reads one state of the database and adds
// to each row the difference, so their changes stay. It writes in short transactions, and holds
// the counts of all days in memory.
//
// After a change of the settings the database notes how far it is. The same call after an
// interruption, also by a kill, continues there; what it found before is not reported again. Only the
// comparison of the tallies with a count, which mostly reads, begins again. When the settings have
// not changed, each call counts everything.
//
// progress is called with the number of steps that are done and of all steps.
func (s *Store) Rebuild(ctx context.Context, progress func(done, total int64)) (Rebuilt, error) {
	return s.rebuild(ctx, rebuildReads, rebuildWrites, progress)
}

func (s *Store) rebuild(ctx context.Context, reads, writes int, progress func(done, total int64)) (Rebuilt, error) {
	r := &rebuild{Store: s, reads: reads, writes: writes, agents: make(map[int64]feedback.Person)}
	if err := r.begin(ctx); err != nil {
		return Rebuilt{}, fmt.Errorf("counting again: %w", err)
	}
	r.progress = func(pass, row int64) { progress(pass*r.last+min(row, r.last), rebuildPasses*r.last) }
	r.progress(int64(r.at.pass), r.at.done)
	passes := []func(context.Context) error{r.days, r.compare, r.service}
	for _, pass := range passes[r.at.pass:] {
		if err := pass(ctx); err != nil {
			return r.found, fmt.Errorf("counting again: %w", err)
		}
		r.at = recountPosition{pass: r.at.pass + 1}
	}
	return r.found, s.engine.Write(ctx, s.options.tallySettings().save)
}

// rebuild is a running rebuild.
type rebuild struct {
	*Store
	reads    int   // rows that are read at once
	writes   int   // rows that are written in a transaction
	last     int64 // how many feedbacks there are
	progress func(pass, row int64)
	// at is how far it is; it is saved when the settings have changed.
	at     recountPosition
	saves  bool
	agents map[int64]feedback.Person
	found  Rebuilt
}

// days moves every feedback to its local day.
func (r *rebuild) days(ctx context.Context) error {
	for rows := r.reads; rows == r.reads; {
		rows = 0
		last := r.at
		var wrong []recountPosition
		err := r.each(ctx, "the feedback", func(row Scanner) error {
			var occurred time.Time
			var day office.Day
			err := row.Scan(&last.id, momentIn(&occurred), &day)
			rows++
			last.done++
			if err == nil && r.day(occurred) != day {
				wrong = append(wrong, last)
			}
			return err
		}, `select id, occurred_ms, day from feedback where id > $1 order by id limit $2`, r.at.id, r.reads)
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(wrong, r.writes) {
			if err := r.moveToDays(ctx, batch); err != nil {
				return err
			}
		}
		if err := r.reach(ctx, last, func(*Unit) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// moveToDays moves some feedbacks to their local days.
func (r *rebuild) moveToDays(ctx context.Context, wrong []recountPosition) error {
	err := r.reach(ctx, wrong[len(wrong)-1], func(t *Unit) error {
		found, err := t.loadDays(wrong)
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := r.moveToDay(t, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		r.found.Moved += int64(len(wrong))
	}
	return err
}

// loadDays reads some feedbacks, and loads the days on which they are tallied.
func (t *Unit) loadDays(wrong []recountPosition) ([]feedback.Feedback, error) {
	t.loaded = newLoaded()
	found := make([]feedback.Feedback, 0, len(wrong))
	var b Batch
	for _, w := range wrong {
		load(&b, t.loaded.days, w.id, queryDay)
		b.Each(func(row Scanner) error {
			c, err := scanSnapshot(row)
			found = append(found, c.Feedback)
			return err
		}, selectSnapshot+` where f.id = $1`, w.id)
	}
	return found, t.Batch(&b)
}

// moveToDay moves a feedback to its local day.
func (r *rebuild) moveToDay(t *Unit, f feedback.Feedback) error {
	if err := r.addTally(t, &f, f); err != nil {
		return err
	}
	return t.Exec(`update feedback set day = $1 where id = $2`, int64(r.day(f.OccurredAt)), f.ID)
}

// compare counts all feedback in one state of the database and repairs the tallies. When so much
// is written meanwhile that the state cannot be kept, it begins again; what it has repaired until
// then stays, so it comes to an end unless others write without a pause.
func (r *rebuild) compare(ctx context.Context) error {
	const attempts = 20
	for n := 1; ; n++ {
		r.found.Feedback = 0
		if err := r.compareOnce(ctx); !errors.Is(err, ErrInterrupted) || n == attempts {
			return err
		}
	}
}

func (r *rebuild) compareOnce(ctx context.Context) error {
	state, err := r.engine.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer state.Close()
	counted, err := r.recount(ctx, state)
	if err != nil {
		return err
	}
	refs, err := r.ensureAgents(ctx, counted)
	if err != nil {
		return err
	}
	for _, kind := range feedback.Kinds() {
		wrong := make(map[cell]score.Count)
		for place, count := range counted {
			if place.Kind != kind {
				continue
			}
			for _, c := range cells(place, refs[feedback.Person{ID: place.AgentID, Name: place.AgentName}]) {
				wrong[c] = wrong[c].Plus(count)
			}
		}
		if err := r.repairTallies(ctx, state, kind, wrong); err != nil {
			return err
		}
	}
	return nil
}

// afterAllIDs sorts after every id.
const afterAllIDs = "~"

// recount counts all feedback, a page at a time.
func (r *rebuild) recount(ctx context.Context, state Reader) (map[score.Place]score.Count, error) {
	counted := make(map[score.Place]score.Count)
	for first, done := "", int64(0); first != afterAllIDs; {
		last := afterAllIDs
		err := state.Row(ctx, `select id from feedback where id > $1 order by id limit 1 offset $2`, first, r.reads-1).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		err = eachOf(ctx, state, "the feedback", func(row Scanner) error {
			var f feedback.Feedback
			var day office.Day
			var voided bool
			var n int64
			if err := row.Scan(&f.Kind, &day, &f.Channel, &f.Agent.ID, &f.Agent.Name, &f.Rating, &voided, &n); err != nil {
				return err
			}
			place, count := score.PlaceOf(f, day), counted[score.PlaceOf(f, day)]
			if voided {
				count.Voided += n
			} else {
				count.Tally.Add(f.Rating, n)
			}
			counted[place] = count
			r.found.Feedback += n
			return nil
		}, `
select kind, day, channel, agent_id, agent_name, rating, voided_ms is not null, count(*) from feedback
where id > $1 and id <= $2 group by 1, 2, 3, 4, 5, 6, 7`, first, last)
		if err != nil {
			return nil, err
		}
		first, done = last, done+int64(r.reads)
		r.progress(1, done)
	}
	return counted, nil
}

// ensureAgents inserts missing rows of agents and returns the rows of all.
func (r *rebuild) ensureAgents(ctx context.Context, counted map[score.Place]score.Count) (map[feedback.Person]int64, error) {
	var refs map[feedback.Person]int64
	err := r.engine.Write(ctx, func(t *Unit) (err error) {
		refs, err = t.agentRows(maps.Keys(counted))
		return err
	})
	for who, ref := range refs {
		r.agents[ref] = who
	}
	return refs, err
}

// repairTallies adds the differences to the tallies of a kind; wrong are the right counts, and
// become the differences.
func (r *rebuild) repairTallies(ctx context.Context, state Reader, kind feedback.Kind, wrong map[cell]score.Count) error {
	was := make(map[cell]score.Count)
	err := eachOf(ctx, state, "the tallies", func(row Scanner) error {
		c := cell{kind: kind}
		var kept score.Count
		if err := row.Scan(append([]any{&c.unit, &c.channel, &c.agent, &c.first}, countPlaces(&kept)...)...); err != nil {
			return err
		}
		lacks := wrong[c].Minus(kept)
		delete(wrong, c)
		if lacks != (score.Count{}) {
			wrong[c], was[c] = lacks, kept
		}
		return nil
	}, `
select unit, channel, agent, period_start, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10 from tally where kind = $1`, kind)
	if err != nil {
		return err
	}
	cells := slices.SortedFunc(maps.Keys(wrong), cell.compare)
	err = inPieces(ctx, r.engine, pieceRows, cells, func(t *Unit, _ int, c cell) error { return t.addToTally(c, wrong[c]) }, nil)
	for i := 0; err == nil && i < len(cells); i++ {
		r.addDifference(cells[i], was[cells[i]], wrong[cells[i]])
	}
	return err
}

// addDifference adds a difference to the report.
func (r *rebuild) addDifference(c cell, was, lacked score.Count) {
	r.found.Different++
	if len(r.found.Differences) == MaxDifferences {
		return
	}
	d := Difference{Kind: c.kind, From: office.Day(c.first), To: office.Day(c.first), Channel: c.channel, Was: was, Counted: was.Plus(lacked)}
	if c.unit == score.UnitMonth {
		d.From, d.To = office.DaysOfMonth(int(c.first))
	}
	if who := r.agents[c.agent]; who.Name != "" {
		d.Agent = who.Name
	} else {
		d.Agent = who.ID
	}
	r.found.Differences = append(r.found.Differences, d)
}

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
	return tallySettings{o.Location.String(), "3 " + o.Policy.Hours.Fingerprint()}
}

// tallySettings reads the settings of the database.
func (s *Store) tallySettings(ctx context.Context) (c tallySettings, err error) {
	err = s.row(ctx, "the settings of the scores", `
select coalesce((select zone from tally_settings where id = 1), ''), coalesce((select rules from service_rules where id = 1), '')`).Scan(&c.zone, &c.hours)
	return c, err
}

// Counted reports whether the scores are counted with the store's time zone and office hours. If
// not, [Store.Rebuild] counts them again.
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

// checkTimeZone refuses a database that is counted in the days of another time zone, or not yet.
func (s *Store) checkTimeZone(ctx context.Context) error {
	c, err := s.tallySettings(ctx)
	own := s.options.tallySettings()
	switch {
	case err != nil:
		return err
	case c.zone == "":
		return errors.New("its scores are not counted yet: 'smileybot serve' counts them when it starts, and 'smileybot rebuild' without it")
	case c.zone != own.zone:
		return fmt.Errorf("it counts the days of %s and SMILEYBOT_TIMEZONE is %s: set the same, or restart 'smileybot serve', which then counts by %[2]s, or run 'smileybot rebuild' while serve is stopped", c.zone, own.zone)
	default:
		return nil
	}
}

// SameHours returns an error when the tickets of the database are counted by other office hours
// than the store's, or not yet.
func (s *Store) SameHours(ctx context.Context) error {
	counted, err := s.Counted(ctx)
	if err != nil || counted {
		return err
	}
	return errors.New("its tickets are not counted by these office hours and holidays: give this command the settings that serve has, or restart 'smileybot serve', which then counts by them, or run 'smileybot rebuild' while serve is stopped")
}

// save records that the scores are counted with the settings.
func (c tallySettings) save(t *Unit) error {
	err := t.Exec(`insert into tally_settings (id, zone) values (1, $1) on conflict (id) do update set zone = excluded.zone`, c.zone)
	if err != nil {
		return err
	}
	err = t.Exec(`insert into service_rules (id, rules) values (1, $1) on conflict (id) do update set rules = excluded.rules`, c.hours)
	if err != nil {
		return err
	}
	return t.Exec(`delete from recount where id = 1`)
}
