package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Catalog is what a copy asks an engine besides rows.
type Catalog interface {
	// Has reports whether there is a table.
	Has(ctx context.Context, table string) (bool, error)
	// Tables lists the tables with their columns.
	Tables(ctx context.Context) ([]Table, error)
	// Storable is a text as the engine keeps it.
	Storable(text string) string
	// Renumber lets the ids that the engine numbers go on after the highest of each table.
	Renumber(t Tx) error
	// Analyze lets the engine plan its queries for the rows that some tables have now.
	Analyze(ctx context.Context, tables []string) error
}

// A Table is the name of a table with its columns, and with those of the primary key in their order.
type Table struct {
	Name         string
	Columns, Key []string
}

// copied are the tables that a copy moves. A table comes after those that it refers to.
//
//nolint:gochecknoglobals // constant
var copied = []string{
	"tally_settings", "service_rules", "recount", "recheck", "agent", "feedback", "history", "delivery",
	"payload", "payload_also", "refusal", "tally", "ticket_service", "ticket_service_day", "followup",
	"transition", "moderation", "outbox", "covered", "pause", "edit", "home", "routine", "outgoing",
	"import_run", "import_change", "forgotten", "kept", "pull",
	"pull_review",
}

// left are the tables that a copy leaves: they are about one database and the programs that use it, and
// every database makes its own.
//
//nolint:gochecknoglobals // constant
var left = []string{
	"goose_db_version", "goose_lock", // which migrations were made
	"probe",                 // when a write was last tried
	"writer", "commit_mark", // PostgreSQL: the transactions of its processes
	"lease",  // which bot does what
	copyMark, // this copy
}

// CopiedTables and LeftTables name the tables that a copy moves, and those that it leaves.
func CopiedTables() []string { return slices.Clone(copied) }
func LeftTables() []string   { return slices.Clone(left) } //nolint:revive // described above

// tablesToCopy are the copied tables. Both databases must have them with the same columns.
func tablesToCopy(ctx context.Context, from, to Catalog) ([]Table, error) {
	sources, err := from.Tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the tables of the source: %w", err)
	}
	targets, err := to.Tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the tables of the target: %w", err)
	}
	tables := make([]Table, 0, len(copied))
	for _, name := range copied {
		named := func(t Table) bool { return t.Name == name }
		source, target := slices.IndexFunc(sources, named), slices.IndexFunc(targets, named)
		if source < 0 || target < 0 || !sameColumns(sources[source], targets[target]) {
			return nil, fmt.Errorf("the table %s of the two databases differs: nothing was copied; both must be made by this smileybot alone", name)
		}
		tables = append(tables, sources[source])
	}
	return tables, nil
}

func sameColumns(a, b Table) bool {
	return len(a.Key) > 0 && slices.Equal(a.Key, b.Key) && slices.Equal(slices.Sorted(slices.Values(a.Columns)), slices.Sorted(slices.Values(b.Columns)))
}

// key is where each column of the key is among the columns.
func (t Table) key() []int {
	places := make([]int, len(t.Key))
	for i, column := range t.Key {
		places[i] = slices.Index(t.Columns, column)
	}
	return places
}

// selectPage is the query for a page of rows by the key: the first, or the one after a key. The last
// argument is the number of rows.
func (t Table) selectPage(first bool) string {
	key, where, n := strings.Join(t.Key, ", "), "", 0
	if !first {
		n = len(t.Key)
		where = fmt.Sprintf(" where (%s) > (%s)", key, placeholders(1, n))
	}
	return fmt.Sprintf(`select %s from %s%s order by %s limit $%d`, strings.Join(t.Columns, ", "), t.Name, where, key, n+1)
}

// selectKey is the query for the key of a row by its number from 0.
func (t Table) selectKey() string {
	key := strings.Join(t.Key, ", ")
	return fmt.Sprintf(`select %s from %s order by %s limit 1 offset $1`, key, t.Name, key)
}

// insert is the statement that inserts so many rows.
func (t Table) insert(rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `insert into %s (%s) values `, t.Name, strings.Join(t.Columns, ", "))
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + placeholders(1+row*len(t.Columns), len(t.Columns)) + ")")
	}
	return b.String()
}

// deleteSome is the statement that deletes some rows; its argument is how many.
func (t Table) deleteSome() string {
	key := strings.Join(t.Key, ", ")
	return fmt.Sprintf(`delete from %s where (%s) in (select %s from %s order by %s limit $1)`, t.Name, key, key, t.Name, key)
}

// placeholders are n of them, as in "$3, $4".
func placeholders(first, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(names, ", ")
}

// A TableList is a list of tables that is read from a catalog.
type TableList []Table

// Add adds a column of the last table or of a next one: its row has the name of the table, that of the
// column, and its place in the primary key from 1, or 0.
func (l *TableList) Add(row Scanner) error {
	var table, column string
	var key int
	if err := row.Scan(&table, &column, &key); err != nil {
		return err
	}
	if n := len(*l); n == 0 || (*l)[n-1].Name != table {
		*l = append(*l, Table{Name: table})
	}
	t := &(*l)[len(*l)-1]
	t.Columns = append(t.Columns, column)
	if key > 0 {
		t.Key = append(t.Key, make([]string, max(key-len(t.Key), 0))...)
		t.Key[key-1] = column
	}
	return nil
}
