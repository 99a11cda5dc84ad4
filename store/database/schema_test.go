package database_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/database"
	"smileybot/store/storetest"
)

// private are the tables of one engine: those of goose, and those by which the processes that share a
// server exclude each other.
func private() []string { return []string{"goose_db_version", "goose_lock", "writer", "commit_mark"} }

// TestSameSchema: the migrations of both engines end in the same tables, columns, types of content,
// keys and references.
func TestSameSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	address := storetest.Server(t)
	for _, setting := range []string{path, address} {
		s, err := database.Open(t.Context(), setting, storetest.Options(t))
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	server, err := sql.Open("pgx", address)
	require.NoError(t, err)
	defer server.Close()
	file := ofSQLite(t, storetest.Raw(t, path))
	assert.Greater(t, len(file), 200)
	assert.Equal(t, file, ofPostgreSQL(t, server))
}

// facts are lines that each say one thing of a schema.
func facts(lines []string) []string {
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return slices.ContainsFunc(private(), func(table string) bool { return strings.HasPrefix(line, table+" ") })
	})
	slices.Sort(lines)
	return slices.Compact(lines)
}

func ofSQLite(t *testing.T, db *sql.DB) (lines []string) {
	t.Helper()
	for _, row := range storetest.Rows(t, db, `
select t.name, c.name, c.type, c."notnull", c.pk from sqlite_schema t join pragma_table_info(t.name) c
where t.type = 'table' and t.name not like 'sqlite_%'`) {
		kind := map[string]string{"TEXT": "text", "INTEGER": "number", "BLOB": "blob"}[strings.ToUpper(row[2].(string))]
		lines = append(lines, fmt.Sprintf("%s column %s %s not null %v", row[0], row[1], kind, row[3] == int64(1)))
	}
	for _, row := range storetest.Rows(t, db, `
select t.name, group_concat(c.name, ',') from sqlite_schema t join pragma_index_list(t.name) i join pragma_index_info(i.name) c
where t.type = 'table' and i."unique" = 1 group by t.name, i.name`) {
		lines = append(lines, fmt.Sprintf("%s unique %s", row[0], sorted(row[1].(string))))
	}
	for _, row := range storetest.Rows(t, db, `
select t.name, group_concat(c.name, ',') from sqlite_schema t join pragma_table_info(t.name) c
where t.type = 'table' and c.pk > 0 group by t.name`) {
		lines = append(lines, fmt.Sprintf("%s unique %s", row[0], sorted(row[1].(string))))
	}
	for _, row := range storetest.Rows(t, db, `
select t.name, f."from", f."table", f."to", f.on_delete from sqlite_schema t join pragma_foreign_key_list(t.name) f where t.type = 'table'`) {
		lines = append(lines, fmt.Sprintf("%s refers %s to %s %s %s", row...))
	}
	return facts(lines)
}

func ofPostgreSQL(t *testing.T, db *sql.DB) (lines []string) {
	t.Helper()
	for _, row := range storetest.Rows(t, db, `
select table_name::text, column_name::text, data_type::text, is_nullable::text, coalesce(collation_name, '')::text
from information_schema.columns where table_schema = 'public'`) {
		kind := map[string]string{"text": "text", "bigint": "number", "integer": "number", "smallint": "number", "bytea": "blob"}[row[2].(string)]
		lines = append(lines, fmt.Sprintf("%s column %s %s not null %v", row[0], row[1], kind, row[3] == "NO"))
		if kind == "text" && !slices.Contains(private(), row[0].(string)) {
			assert.Equal(t, "C", row[4], "%s.%s is not in byte order", row[0], row[1])
		}
	}
	for _, row := range storetest.Rows(t, db, `
select c.relname::text, string_agg(a.attname, ',') from pg_index i join pg_class c on c.oid = i.indrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
where i.indisunique and c.relnamespace = 'public'::regnamespace group by c.relname, i.indexrelid`) {
		lines = append(lines, fmt.Sprintf("%s unique %s", row[0], sorted(row[1].(string))))
	}
	for _, row := range storetest.Rows(t, db, `
select c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, b.attname::text,
       case c.confdeltype when 'c' then 'CASCADE' else 'NO ACTION' end
from pg_constraint c
join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
join pg_attribute b on b.attrelid = c.confrelid and b.attnum = c.confkey[1]
where c.contype = 'f'`) {
		lines = append(lines, fmt.Sprintf("%s refers %s to %s %s %s", row...))
	}
	return facts(lines)
}

func sorted(columns string) string {
	list := strings.Split(columns, ",")
	sort.Strings(list)
	return strings.Join(list, ",")
}
