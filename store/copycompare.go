package store

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"

	"golang.org/x/sync/errgroup"

	"smileybot/feedback/office"
	"smileybot/feedback/score"
)

// compare compares both databases as they are now: every row, the answers about scores, and the tallies with a full count.
func (c *copying) compare(ctx context.Context) error {
	if err := c.compareRows(ctx); err != nil {
		return err
	}
	if err := c.readOutbox(ctx); err != nil {
		return err
	}
	if err := c.compareAnswers(ctx); err != nil {
		return err
	}
	recount, err := c.target.Rebuild(ctx, func(int64, int64) {})
	c.found.Recount = recount
	return err
}

// compareRows compares the number of rows of each table and the sum of their hashes.
func (c *copying) compareRows(ctx context.Context) error {
	both, reading := errgroup.WithContext(ctx)
	var read, kept []digest
	both.Go(func() (err error) {
		read, err = c.digests(reading, c.source, c.step)
		return err
	})
	both.Go(func() (err error) {
		kept, err = c.digests(reading, c.target, func(int64) {})
		return err
	})
	if err := both.Wait(); err != nil {
		return err
	}
	c.found.Tables, c.found.Changed = nil, 0
	for i, table := range c.tables {
		if read[i].rows != kept[i].rows || read[i].sum != kept[i].sum {
			return fmt.Errorf("comparing the table %s, %d rows in the source and %d in the target: %w", table.Name, read[i].rows, kept[i].rows, c.changed(ctx))
		}
		c.found.Tables = append(c.found.Tables, CopiedTable{table.Name, kept[i].rows})
		c.found.Changed += read[i].changed
	}
	return nil
}

// digests reads all tables of one state of a database, as the target keeps them.
func (c *copying) digests(ctx context.Context, s *Store, step func(int64)) ([]digest, error) {
	state, err := s.engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	all := make([]digest, len(c.tables))
	for i, table := range c.tables {
		for p := (pager{from: state, table: table}); ; {
			page, err := p.next(ctx)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				break
			}
			for _, row := range page {
				all[i].changed += storable(row, c.target.engine)
				all[i].add(row)
			}
			step(int64(len(page)))
		}
	}
	return all, nil
}

// readOutbox counts the messages that the target shows or has to show. With all rows the same, a bot on
// it posts nothing again.
func (c *copying) readOutbox(ctx context.Context) error {
	return c.target.row(ctx, "the outbox", `select count(*), count(case when shown < revision then 1 end) from outbox`).
		Scan(&c.found.Messages, &c.found.Waiting)
}

// compareAnswers asks both databases for every score over all days, in total, by channel and by agent,
// and for how tickets were served. When texts were changed, names of agents may differ.
func (c *copying) compareAnswers(ctx context.Context) error {
	var last int64
	if err := c.source.row(ctx, "the last day", `select coalesce(max(day), 0) from feedback`).Scan(&last); err != nil {
		return err
	}
	groups := []score.GroupBy{"", score.ByChannel}
	if c.found.Changed == 0 {
		groups = append(groups, score.ByAgent)
	}
	for _, metric := range append(slices.Clone(score.Metrics()), score.MetricService) {
		for _, by := range groups {
			q := score.NewQuery(metric, score.Period{From: math.MinInt32, To: office.Day(last), Unit: score.UnitAll})
			q.GroupBy = by
			answer := func(s *Store) (any, error) {
				if metric == score.MetricService {
					r, err := s.ServiceReport(ctx, q)
					return servedOf(r), err
				}
				return s.Reports(ctx, q)
			}
			read, err := answer(c.source)
			if err != nil {
				return fmt.Errorf("asking the source for %s: %w", metric, err)
			}
			kept, err := answer(c.target)
			if err != nil {
				return fmt.Errorf("asking the target for %s: %w", metric, err)
			}
			if !reflect.DeepEqual(read, kept) {
				return fmt.Errorf("the target answers %s in another way than the source, although all rows are the same: do not use it; this is a bug", metric)
			}
			c.found.Answers++
		}
	}
	return nil
}

// servedOf is what a report shows of the tickets: in total, then of each group.
func servedOf(r score.ServiceReport) []any {
	shown := func(name string, c score.ServiceCount) []any {
		row := []any{name, c.N, c.Mistaken, c.Within4h, c.SameDay, c.OneReply}
		for _, d := range []score.Durations{c.FirstReply, c.Resolution} {
			median, p90, _ := d.Quantiles()
			row = append(row, d.N(), median, p90)
		}
		return row
	}
	all := shown("", r.Count)
	for _, group := range r.Groups {
		all = append(all, shown(group.Name, group.Count)...)
	}
	return all
}
