package sqlite_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/store/storetest"
)

// TestReleasedSchemas upgrades the databases in testdata/schema, each dumped by sqlite3 after
// the program that had this schema took the same webhooks. Each keeps what it holds, and
// becomes the same as a new database. A migration that is added comes with such a dump.
func TestReleasedSchemas(t *testing.T) {
	t.Parallel()
	for _, version := range versions(t) {
		if version == 7 {
			continue // it was part of a release only together with the next one
		}
		name := fmt.Sprintf("%05d", version)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dump, err := os.ReadFile(filepath.Join("testdata", "schema", name+".sql"))
			require.NoError(t, err, "the schema has no dump of a database that has it")
			path := filepath.Join(t.TempDir(), "smileybot.db")
			require.NoError(t, os.WriteFile(path, nil, 0o600))
			old := storetest.Raw(t, path)
			_, err = old.ExecContext(t.Context(), string(dump))
			require.NoError(t, err)
			var had int64
			require.NoError(t, old.QueryRowContext(t.Context(), `select max(version_id) from goose_db_version`).Scan(&had))
			require.Equal(t, version, had)
			upgraded := &fixture{Store: storetest.Open(t, path), path: path, raw: old}
			worksOn(t, upgraded)
			schema := `select type, name, sql from sqlite_schema where name not like 'sqlite_%' order by type, name`
			assert.Equal(t, newFixture(t).rows(t, schema), upgraded.rows(t, schema))
		})
	}
}

// worksOn checks what an upgraded database holds, and goes on with it.
func worksOn(t *testing.T, d *fixture) {
	t.Helper()
	assert.Equal(t, [][]any{
		{"1", int64(1), "Stap 3 klopt niet meer.", "explained"},
		{"2", int64(2), "", "open"},
		{"3", int64(3), "Top!", ""},
		{"4", int64(9), "", ""},
		{"5", int64(2), "", "open"},
		{"6", int64(4), "Goed", ""},
	}, d.rows(t, `
select f.sender_id, f.rating, f.comment, coalesce(u.state, '') from feedback f left join followup u on u.feedback_id = f.id order by f.sender_id`))
	assert.Equal(t, "ok", d.one(t, `pragma integrity_check`))
	assert.Empty(t, d.rows(t, `pragma foreign_key_check`))
	_, err := d.Rebuild(t.Context(), noStep) // as serve does after an upgrade that asks for it
	require.NoError(t, err)
	rebuilt, err := d.Rebuild(t.Context(), noStep)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
	month, err := feedback.ParsePeriod("2026-10", feedback.DayOf(noon(), noon().Location()))
	require.NoError(t, err)
	report, err := d.Report(t.Context(), feedback.About(feedback.MetricSmileys, month))
	require.NoError(t, err)
	assert.EqualValues(t, 3, report.Score.N)

	second := storetest.Smiley("2", feedback.Yellow, noon())
	second.Channel = feedback.ChannelChat
	assert.Equal(t, feedback.Updated, d.take(t, storetest.Comment(second, "Ik wachtte een uur.", after(1))).Result)
	assert.Equal(t, "explained", d.one(t, `select state from followup u join feedback f on f.id = u.feedback_id where f.sender_id = '2'`))
	assert.Equal(t, feedback.Created, d.take(t, red("7")).Result)
}

// TestReleasedMigrations: a migration that was released is not changed: databases have been
// through it. What is wrong with it is put right by another one.
func TestReleasedMigrations(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(filepath.Join("testdata", "schema", "migrations.sha256"))
	require.NoError(t, err)
	files, err := os.ReadDir("migrations")
	require.NoError(t, err)
	var now strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("migrations", file.Name()))
		require.NoError(t, err)
		fmt.Fprintf(&now, "%x  %s\n", sha256.Sum256(text), file.Name())
	}
	assert.Equal(t, string(sums), now.String(), "of a new migration add the line of sha256sum, and a dump")
}
