package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"smileybot/store"
)

// Has reports whether there is a table.
func (e *engine) Has(ctx context.Context, table string) (found bool, err error) {
	err = e.Row(ctx, `select to_regclass($1) is not null`, table).Scan(&found)
	return found, err
}

// Tables lists the tables with their columns.
func (e *engine) Tables(ctx context.Context) ([]store.Table, error) {
	var tables store.TableList
	err := e.Each(ctx, tables.Add, `
select t.relname::text, c.attname::text, coalesce(array_position(i.indkey::int2[], c.attnum) + 1, 0)
from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
left join pg_index i on i.indrelid = t.oid and i.indisprimary
where t.relkind = 'r' order by t.relname, c.attnum`)
	return tables, err
}

// Storable is a text with U+FFFD in place of what PostgreSQL does not store: NUL and invalid UTF-8.
func (e *engine) Storable(text string) string { return storable(text) }

// Renumber lets the numbers of identity columns go on after the highest.
func (e *engine) Renumber(t store.Tx) error {
	type column struct{ table, name string }
	var columns []column
	err := t.Each(func(row store.Scanner) error {
		var c column
		err := row.Scan(&c.table, &c.name)
		columns = append(columns, c)
		return err
	}, `
select t.relname::text, c.attname::text from pg_class t join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
join pg_attribute c on c.attrelid = t.oid and c.attidentity <> '' where t.relkind = 'r'`)
	if err != nil {
		return err
	}
	for _, c := range columns {
		var next int64
		err := t.Row(fmt.Sprintf(`select setval(pg_get_serial_sequence($1, $2), coalesce(max(%s), 0) + 1, false) from %s`, c.name, c.table), c.table, c.name).Scan(&next)
		if err != nil {
			return err
		}
	}
	return nil
}

// analyzeLimit bounds how long the statistics of all tables take. A server reads at most some 30,000 pages of
// each table for them.
const analyzeLimit = 10 * time.Minute

// Analyze collects the statistics of some tables. Without them, which a server collects by itself only
// some time after many rows have come, PostgreSQL may read whole tables for a few rows. The limits are the
// server's, so that they also end what a client that is gone has begun.
func (e *engine) Analyze(ctx context.Context, tables []string) error {
	conn, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = simply(ctx, conn.Conn(), fmt.Sprintf(`begin; set local lock_timeout = %d; set local statement_timeout = %d; analyze %s; commit`,
		lockLimit.Milliseconds(), analyzeLimit.Milliseconds(), strings.Join(tables, ", ")))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.settings.asFault(err)
}
