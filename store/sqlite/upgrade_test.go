package sqlite_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/feedback"
	"smileybot/feedback/followup"
	"smileybot/feedback/office"
	"smileybot/feedback/score"
	"smileybot/store/storetest"
)

// TestOldestSchema upgrades a database of the oldest released schema, dumped by sqlite3 after
// that program took some webhooks. It keeps what it has and gets the schema of a new
// database.
func TestOldestSchema(t *testing.T) {
	t.Parallel()
	dump, err := os.ReadFile(filepath.Join("testdata", "oldest.sql"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "smileybot.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	old := storetest.Raw(t, path)
	_, err = old.ExecContext(t.Context(), string(dump))
	require.NoError(t, err)
	upgraded := &fixture{Store: storetest.Open(t, path), path: path, raw: old}
	counted, err := upgraded.Counted(t.Context())
	require.NoError(t, err)
	require.False(t, counted, "00012 asks for a new count of the service")
	worksOn(t, upgraded)
	schema := `select type, name, sql from sqlite_schema where name not like 'sqlite_%' order by type, name`
	assert.Equal(t, newFixture(t).rows(t, schema), upgraded.rows(t, schema))
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
select f.external_id, f.rating, f.comment, coalesce(u.state, '') from feedback f left join followup u on u.feedback_id = f.id order by f.external_id`))
	assert.Equal(t, "ok", d.one(t, `pragma integrity_check`))
	assert.Empty(t, d.rows(t, `pragma foreign_key_check`))
	_, err := d.Rebuild(t.Context(), noStep) // as serve does after an upgrade that asks for it
	require.NoError(t, err)
	rebuilt, err := d.Rebuild(t.Context(), noStep)
	require.NoError(t, err)
	assert.Empty(t, rebuilt.Differences)
	month, err := score.ParsePeriod("2026-10", office.DayOf(noon(), noon().Location()))
	require.NoError(t, err)
	report, err := d.Report(t.Context(), score.NewQuery(score.MetricSmileys, month))
	require.NoError(t, err)
	assert.EqualValues(t, 3, report.Score.N)
	service, err := d.ServiceReport(t.Context(), score.Query{Period: month})
	require.NoError(t, err)
	assert.EqualValues(t, 1, service.Count.N)
	assert.Equal(t, []int{60}, service.Count.FirstReply.Percentiles(50))
	assert.Equal(t, []int{120}, service.Count.Resolution.Percentiles(50))
	assert.Equal(t, [][]any{{"feedback", "4711", `[["ticket","a-7"]]`}}, d.rows(t, `select sender, ticket_id, scopes from ticket_service`))

	second := storetest.Smiley("2", feedback.Yellow, noon())
	second.Channel = feedback.ChannelChat
	assert.Equal(t, feedback.Updated, d.take(t, storetest.Comment(second, "Ik wachtte een uur.", after(1))).Result)
	assert.Equal(t, "explained", d.one(t, `select state from followup u join feedback f on f.id = u.feedback_id where f.external_id = '2'`))
	assert.Equal(t, feedback.Created, d.take(t, red("7")).Result)
}

// TestReleasedMigrations: a released migration never changes, because databases have been
// through it. A new migration corrects it.
func TestReleasedMigrations(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(filepath.Join("testdata", "migrations.sha256"))
	require.NoError(t, err)
	files, err := os.ReadDir("migrations")
	require.NoError(t, err)
	var now strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("migrations", file.Name()))
		require.NoError(t, err)
		fmt.Fprintf(&now, "%x  %s\n", sha256.Sum256(text), file.Name())
	}
	assert.Equal(t, string(sums), now.String(), "add the line of sha256sum for a new migration")
}

// TestUpgradeOfFollowUps: a database of the schema before follow-ups could be snoozed keeps them all,
// with their transitions.
func TestUpgradeOfFollowUps(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	old := storetest.Raw(t, path)
	provider, err := goose.NewProvider(goose.DialectSQLite3, old, os.DirFS("migrations"))
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), 6)
	require.NoError(t, err)
	for i, state := range []string{"open", "claimed", "done", "explained", "withdrawn"} {
		claimer, outcome, note := "", "", ""
		switch state {
		case "claimed":
			claimer = "U1"
		case "done":
			outcome, note = "other", "a note"
		}
		for _, query := range []string{
			`insert into feedback (id, sender, channel, kind, sender_id, rating, comment, customer_id, customer_name, customer_email,
                      agent_id, agent_name, agent_email, ticket_id, ticket_subject, ticket_url, ticket_urgent, ticket_replies,
                      site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect)
values ('%[1]d', 'feedback', 'ticket', 'smiley', '%[1]d', 1, '', '', '', '', '', '', '', '', '', '', 0, 0, '', '', '{}', 1, 20000, 1, 0)`,
			`insert into outbox (key, feedback_id, mention, channel, rank, queued_ms, revision) values ('%[1]d', '%[1]d', '', 'ticket', 0, 1, 1)`,
			`insert into followup values ('u%[1]d', '%[1]d', '%[2]s', '%[3]s', '%[4]s', '%[5]s', 1, 2, 1, 3, 'U1')`,
			`insert into transition (followup_id, at_ms, made_by, from_state, to_state, outcome, note)
values ('u%[1]d', 1, 'customer', '', 'open', '', ''), ('u%[1]d', 3, 'U1', 'open', '%[2]s', '%[4]s', '%[5]s')`,
		} {
			_, err := old.ExecContext(t.Context(), fmt.Sprintf(query+` -- %[1]d %[2]s %[3]s %[4]s %[5]s`, i, state, claimer, outcome, note))
			require.NoError(t, err, query)
		}
	}
	s := storetest.Open(t, path)
	for i, want := range []followup.State{"open", "claimed", "done", "explained", "withdrawn"} {
		c, err := s.Snapshot(t.Context(), strconv.Itoa(i))
		require.NoError(t, err)
		assert.Equal(t, []any{want, "u" + strconv.Itoa(i), time.UnixMilli(2).UTC(), 1}, []any{c.FollowUp.State, c.FollowUp.ID, c.FollowUp.DueAt, c.FollowUp.Openings})
		assert.Equal(t, want == "claimed", c.FollowUp.Claimer == "U1")
		assert.Equal(t, want == "done", c.FollowUp.Note == "a note")
	}
	d := &fixture{Store: s, path: path, raw: old}
	assert.EqualValues(t, 10, d.one(t, `select count(*) from transition`))
	assert.EqualValues(t, 1, d.one(t, `select count(*) from transition where claimer = 'U1'`))
	assert.Empty(t, d.rows(t, `pragma foreign_key_check`))
	_, err = s.Remind(t.Context(), noon())
	require.NoError(t, err)
	assert.EqualValues(t, 1, d.one(t, `select count(*) from outbox where notice = 'missed'`), "what is due is said at last")
}

// TestUpgradeOfNames: what was kept under misleading names is read under the present ones.
func TestUpgradeOfNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "smileybot.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	old := storetest.Raw(t, path)
	provider, err := goose.NewProvider(goose.DialectSQLite3, old, os.DirFS("migrations"))
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), 11)
	require.NoError(t, err)
	for _, query := range []string{
		`insert into feedback (id, sender, channel, kind, sender_id, rating, comment, customer_id, customer_name, customer_email,
                      agent_id, agent_name, agent_email, ticket_id, ticket_subject, ticket_url, ticket_urgent, ticket_replies,
                      site, follow_up_of, set_ns, occurred_ms, day, received_ms, suspect)
values ('f1', 'feedback', 'ticket', 'smiley', 'their-1', 1, '', '', '', '', 'a-7', 'Bart', '', '', '', '', 0, 0, '', '', '{}', 1, 0, 1, 0)`,
		`insert into act (feedback_id, at_ms, made_by, what, reason) values ('f1', 5, 'U1', 'void', 'a test')`,
		`insert into agent (ref, id, name, seen) values (3, 'a-7', 'Bart', 0)`,
		`insert into tally (kind, unit, channel, agent, first, voided, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
values ('smiley', 'day', '', 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), ('smiley', 'day', '', 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
		`insert into counted (id, zone) values (1, 'Europe/Amsterdam')`,
		`insert into outgoing (event_id, feedback_id, type, body, at_ms, aside) values ('e1', 'f1', 'followup.opened', '{}', 1, 1)`,
	} {
		_, err := old.ExecContext(t.Context(), query)
		require.NoError(t, err, query)
	}
	d := &fixture{Store: storetest.Open(t, path), path: path, raw: old}
	assert.Equal(t, "their-1", d.standing(t, "f1").Feedback.Key.ID)
	voided, err := d.Moderation(t.Context(), "void:f1:1")
	require.NoError(t, err)
	assert.Equal(t, feedback.Moderation{Action: feedback.ModerationVoid, By: "U1", Reason: "a test", At: time.UnixMilli(5).UTC()}, voided)
	q := score.NewQuery(score.MetricSmileys, score.Period{Unit: score.UnitRange})
	q.GroupBy = score.ByAgent
	report, err := d.Report(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, report.Groups, 1)
	assert.Equal(t, "Bart", report.Groups[0].Name)
	assert.EqualValues(t, 1, report.Groups[0].Score.N)
	assert.EqualValues(t, 1, d.one(t, `select poison from outgoing`))
	assert.Equal(t, "Europe/Amsterdam", d.one(t, `select zone from tally_settings`))
}
