package sqlite

import (
	"context"

	"smileybot/store"
)

// Has reports whether there is a table.
func (e *engine) Has(ctx context.Context, table string) (found bool, err error) {
	err = e.Row(ctx, `select exists (select 1 from sqlite_schema where type = 'table' and name = $1)`, table).Scan(&found)
	return found, err
}

// Tables lists the tables with their columns.
func (e *engine) Tables(ctx context.Context) ([]store.Table, error) {
	var tables store.TableList
	err := e.Each(ctx, tables.Add, `
select t.name, c.name, c.pk from sqlite_schema t, pragma_table_info(t.name) c
where t.type = 'table' and t.name not like 'sqlite!_%' escape '!' order by t.name, c.cid`)
	return tables, err
}

// Storable is the text: SQLite keeps any bytes.
func (e *engine) Storable(text string) string { return text }

// Renumber does nothing: SQLite numbers from the highest id.
func (e *engine) Renumber(store.Tx) error { return nil }

// Analyze does nothing: SQLite finds the right indexes without statistics.
func (e *engine) Analyze(context.Context, []string) error { return nil }
