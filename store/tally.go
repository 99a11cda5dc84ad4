package store

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The tallies change with the feedback, in the same transaction. A job collects its changes
// in the [Unit], which adds those of all jobs up and writes each row once before the commit.

// A tallyChange adds answers to a place, or removes them.
type tallyChange struct {
	place score.Place
	count score.Count
}

// addTally collects what a change of a feedback means for the tallies; they are flushed by
// the commit. It runs before the feedback is saved, because it reads the day of the present
// row: the time zone may have been another when that was written.
func (s *Store) addTally(t *Unit, before *feedback.Feedback, after feedback.Feedback) error {
	to := tallyChange{score.PlaceOf(after, s.day(after.OccurredAt)), score.CountOf(after)}
	if before == nil {
		t.ofJob = append(t.ofJob, to)
		return nil
	}
	day, err := fetch(t, t.loaded.days, after.ID, queryDay)
	if err != nil {
		return err
	}
	from := tallyChange{score.PlaceOf(*before, *day), score.Count{}.Minus(score.CountOf(*before))}
	if from.place != to.place || from.count != (score.Count{}).Minus(to.count) {
		t.ofJob = append(t.ofJob, from, to)
	}
	return nil
}

// removeTally is addTally for a feedback that is removed.
func (s *Store) removeTally(t *Unit, f feedback.Feedback) error {
	day, err := fetch(t, t.loaded.days, f.ID, queryDay)
	if err != nil {
		return err
	}
	t.ofJob = append(t.ofJob, tallyChange{score.PlaceOf(f, *day), score.Count{}.Minus(score.CountOf(f))})
	return nil
}

// queryDay reads the day on which a feedback is tallied.
func queryDay(b *Batch, feedbackID string) *office.Day {
	day := new(office.Day)
	b.Each(func(row Scanner) error { return row.Scan(day) }, `select day from feedback where id = $1`, feedbackID)
	return day
}

// A cell is a row of the tallies: the answers of a kind on a day or in a month, through one
// channel or "" for all, about one agent or 0 for all.
type cell struct {
	kind    feedback.Kind
	unit    score.Unit
	channel feedback.Channel
	agent   int64
	first   int64
}

// Flush writes what the jobs of the transaction collected. The engine commits after it.
func (t *Unit) Flush() error {
	t.BeginJob() // the last job may have failed
	maps.DeleteFunc(t.tallies, func(_ score.Place, count score.Count) bool { return count == (score.Count{}) })
	agents, err := t.agentRows(maps.Keys(t.tallies))
	if err != nil {
		return err
	}
	rows := make(map[cell]score.Count)
	for place, count := range t.tallies {
		for _, c := range cells(place, agents[agentOf(place)]) {
			rows[c] = rows[c].Plus(count)
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(rows), cell.compare) {
		if err := t.addToTally(c, rows[c]); err != nil {
			return err
		}
	}
	if err := t.refreshAgents(rows); err != nil {
		return err
	}
	return t.runPending()
}

// counted is the condition that a row t of the tallies counts anything.
const counted = `(t.voided <> 0 or t.v0 <> 0 or t.v1 <> 0 or t.v2 <> 0 or t.v3 <> 0 or t.v4 <> 0 or t.v5 <> 0 or t.v6 <> 0 or t.v7 <> 0 or t.v8 <> 0 or t.v9 <> 0 or t.v10 <> 0)`

// refreshAgents finds the last day of agents again who lost feedback in rows.
func (t *Unit) refreshAgents(rows map[cell]score.Count) error {
	lost := make(map[int64]bool)
	for c, count := range rows {
		if c.agent != 0 && c.unit == score.UnitDay && c.channel == "" && count.Voided+count.Tally.N() < 0 {
			lost[c.agent] = true
		}
	}
	for _, agent := range slices.Sorted(maps.Keys(lost)) {
		err := t.Exec(`
update agent set last_day = coalesce((
    select max(t.period_start) from tally t where t.agent = $1 and t.agent <> 0 and t.unit = 'day' and `+counted+`), last_day)
where id = $1`, agent)
		if err != nil {
			return err
		}
	}
	return nil
}

// cells are the rows in which an answer of a place counts.
func cells(place score.Place, agent int64) []cell {
	all := cell{kind: place.Kind, unit: score.UnitDay, first: int64(place.Day)}
	found := []cell{all}
	if place.Channel != "" {
		all.channel = place.Channel
		found = append(found, all)
	}
	if agent != 0 {
		for _, c := range found {
			c.agent = agent
			found = append(found, c)
		}
	}
	for _, c := range found {
		c.unit, c.first = score.UnitMonth, int64(place.Day.Month())
		found = append(found, c)
	}
	return found
}

func (c cell) compare(other cell) int {
	return cmp.Or(cmp.Compare(c.kind, other.kind), cmp.Compare(c.unit, other.unit), cmp.Compare(c.channel, other.channel),
		cmp.Compare(c.agent, other.agent), cmp.Compare(c.first, other.first))
}

// addToTally adds to a row. A wrong tally may go below zero: [Store.Rebuild] repairs that, and
// no rating is refused for it.
func (t *Unit) addToTally(c cell, more score.Count) error {
	v := more.Tally
	return t.Exec(`
insert into tally (kind, unit, channel, agent, period_start, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (kind, unit, channel, agent, period_start) do update set voided = tally.voided + excluded.voided,
    v0 = tally.v0 + excluded.v0, v1 = tally.v1 + excluded.v1, v2 = tally.v2 + excluded.v2, v3 = tally.v3 + excluded.v3,
    v4 = tally.v4 + excluded.v4, v5 = tally.v5 + excluded.v5, v6 = tally.v6 + excluded.v6, v7 = tally.v7 + excluded.v7,
    v8 = tally.v8 + excluded.v8, v9 = tally.v9 + excluded.v9, v10 = tally.v10 + excluded.v10`,
		c.kind, c.unit, c.channel, c.agent, c.first, more.Voided, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10])
}

// agentOf names the agent of a place, by id and name.
func agentOf(p score.Place) feedback.Person { return feedback.Person{ID: p.AgentID, Name: p.AgentName} }

// agentRows are the rows of the agents of places, each with the latest of its days; it inserts those
// that are missing.
func (t *Unit) agentRows(places iter.Seq[score.Place]) (map[feedback.Person]int64, error) {
	latest := make(map[feedback.Person]office.Day)
	for p := range places {
		if who := agentOf(p); who != (feedback.Person{}) {
			day, known := latest[who]
			latest[who] = p.Day
			if known {
				latest[who] = max(day, p.Day)
			}
		}
	}
	all := slices.SortedFunc(maps.Keys(latest), func(a, b feedback.Person) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	rows, err := t.findAgents(all, latest)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(all, func(who feedback.Person) bool { return rows[who] != 0 })
	for _, who := range missing {
		err := t.Exec(`insert into agent (external_id, name, last_day) values ($1, $2, $3)`, who.ID, who.Name, int64(latest[who]))
		if err != nil {
			return nil, err
		}
	}
	if len(missing) == 0 {
		return rows, nil
	}
	inserted, err := t.findAgents(missing, latest)
	maps.Copy(rows, inserted)
	return rows, err
}

// findAgents reads the rows of agents and moves their last days up to the latest.
func (t *Unit) findAgents(who []feedback.Person, latest map[feedback.Person]office.Day) (map[feedback.Person]int64, error) {
	rows := make(map[feedback.Person]int64, len(who))
	var b Batch
	var behind []feedback.Person
	for _, w := range who {
		b.Each(func(row Scanner) error {
			var ref int64
			var seen office.Day
			err := row.Scan(&ref, &seen)
			if rows[w] = ref; seen < latest[w] {
				behind = append(behind, w)
			}
			return err
		}, `select id, last_day from agent where external_id = $1 and name = $2`, w.ID, w.Name)
	}
	if len(who) == 0 {
		return rows, nil
	}
	if err := t.Batch(&b); err != nil {
		return nil, err
	}
	for _, w := range behind {
		if err := t.Exec(`update agent set last_day = $1 where id = $2`, int64(latest[w]), rows[w]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
