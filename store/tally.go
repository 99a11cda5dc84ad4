package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"smileybot/feedback"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// The tallies move with the feedback, in the same transaction: a job notes its
// moves, and before the group is committed they are added up and each row that
// they touch is written once. What a job noted that failed is forgotten.

// A move puts answers into a place, or takes them out.
type move struct {
	to    score.Place
	count score.Count
}

// tally moves a feedback from where the row that stands counts it, before it is
// saved, to where it is to count. It goes by the row's own day: the time zone may
// have been another when that was written.
func (s *Store) tally(t *tx, before *feedback.Feedback, after feedback.Feedback) error {
	to := move{score.PlaceOf(after, s.day(after.OccurredAt)), score.CountOf(after)}
	if before == nil {
		t.moved = append(t.moved, to)
		return nil
	}
	var day office.Day
	if err := t.row(`select day from feedback where id = $1`, after.ID).Scan(&day); err != nil {
		return fmt.Errorf("looking where the feedback counts: %w", err)
	}
	from := move{score.PlaceOf(*before, day), score.Count{}.Minus(score.CountOf(*before))}
	if from.to != to.to || from.count != (score.Count{}).Minus(to.count) {
		t.moved = append(t.moved, from, to)
	}
	return nil
}

// settle adds what a job moved to what its group did.
func (t *tx) settle() {
	for _, m := range t.moved {
		t.counts[m.to] = t.counts[m.to].Plus(m.count)
	}
}

// A cell is a row of the tallies: the answers of a kind on a day or in a month,
// through one channel or ” for all, about one agent or 0 for everybody.
type cell struct {
	kind    feedback.Kind
	unit    score.Unit
	channel feedback.Channel
	agent   int64
	first   int64
}

// count writes what the group moved.
func (t *tx) count() error {
	rows := make(map[cell]score.Count)
	for place, count := range t.counts {
		if count == (score.Count{}) {
			continue
		}
		agent, err := t.agent(place)
		if err != nil {
			return err
		}
		for _, c := range cells(place, agent) {
			rows[c] = rows[c].Plus(count)
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(rows), cell.compare) {
		if err := t.add(c, rows[c]); err != nil {
			return err
		}
	}
	return nil
}

// cells are the rows in which what is in a place counts.
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

// add adds to a row. It may go below zero where a tally was wrong: that is for
// [Store.Rebuild] to find, and no reason to refuse a rating.
func (t *tx) add(c cell, more score.Count) error {
	v := more.Tally
	return t.exec(`
insert into tally (kind, unit, channel, agent, first, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (kind, unit, channel, agent, first) do update set voided = tally.voided + excluded.voided,
    v0 = tally.v0 + excluded.v0, v1 = tally.v1 + excluded.v1, v2 = tally.v2 + excluded.v2, v3 = tally.v3 + excluded.v3,
    v4 = tally.v4 + excluded.v4, v5 = tally.v5 + excluded.v5, v6 = tally.v6 + excluded.v6, v7 = tally.v7 + excluded.v7,
    v8 = tally.v8 + excluded.v8, v9 = tally.v9 + excluded.v9, v10 = tally.v10 + excluded.v10`,
		c.kind, c.unit, c.channel, c.agent, c.first, more.Voided, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10])
}

// agent is the row of whom a place tells of, made when there is none; 0 when it
// names nobody.
func (t *tx) agent(p score.Place) (ref int64, err error) {
	if p.AgentID == "" && p.AgentName == "" {
		return 0, nil
	}
	var seen office.Day
	err = t.row(`select ref, seen from agent where id = $1 and name = $2`, p.AgentID, p.AgentName).Scan(&ref, &seen)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		ref, err = t.insert(`insert into agent (id, name, seen) values ($1, $2, $3)`, p.AgentID, p.AgentName, int64(p.Day))
	case err == nil && seen < p.Day:
		err = t.exec(`update agent set seen = $1 where ref = $2`, int64(p.Day), ref)
	}
	if err != nil {
		return 0, fmt.Errorf("looking for the agent: %w", err)
	}
	return ref, nil
}
