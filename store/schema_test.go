package store_test

import (
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/sqlite"
	"smileybot/store/storetest"
)

var update = flag.Bool("update", false, "rewrite docs/schema.sql")

// TestSchemaPage keeps docs/schema.sql the schema that the migrations make.
func TestSchemaPage(t *testing.T) {
	storetest.OnlyFile(t, "the page of the schema")
	t.Parallel()
	const page = "../docs/schema.sql"
	path := filepath.Join(storetest.Folder(t), "smileybot.db")
	s, err := sqlite.Open(t.Context(), path, store.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	schema := dumpSchema(t, path)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(schema), 0o600))
	}
	assert.Equal(t, readPage(t, page), schema, "docs/schema.sql is outdated: go test ./store -run TestSchemaPage -update")
}

// TestTablesAreDescribed: docs/architecture.md says of each table who writes it.
func TestTablesAreDescribed(t *testing.T) {
	t.Parallel()
	tables := regexp.MustCompile(`(?m)^CREATE TABLE "?(\w+)`).FindAllStringSubmatch(readPage(t, "../docs/schema.sql"), -1)
	assert.Greater(t, len(tables), 15)
	page := readPage(t, "../docs/architecture.md")
	for _, table := range tables {
		assert.True(t, strings.Contains(page, "`"+table[1]+"`"), "docs/architecture.md does not say who writes the table %s", table[1])
	}
}

func readPage(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	require.NoError(tb, err)
	return string(text)
}

// dumpSchema lists the tables of a database, each with its indexes.
func dumpSchema(tb testing.TB, path string) string {
	tb.Helper()
	db, err := sql.Open("sqlite3", path)
	require.NoError(tb, err)
	defer func() { assert.NoError(tb, db.Close()) }()
	rows, err := db.QueryContext(tb.Context(), `
select sql from sqlite_schema
where sql is not null and name not like 'sqlite_%' and tbl_name not like 'goose_%'
order by tbl_name, type = 'index', name`)
	require.NoError(tb, err)
	defer func() { assert.NoError(tb, rows.Close()) }()
	var b strings.Builder
	b.WriteString("-- The schema that the migrations make. Generated: go test ./store -run TestSchemaPage -update\n" +
		"-- Times are UTC milliseconds since 1970 in columns named …_ms, days are days since 1970-01-01, ids are UUIDv7.\n")
	for rows.Next() {
		var statement string
		require.NoError(tb, rows.Scan(&statement))
		if strings.HasPrefix(strings.ToLower(statement), "create table") {
			b.WriteByte('\n')
		}
		b.WriteString(statement + ";\n")
	}
	require.NoError(tb, rows.Err())
	return b.String()
}
