package soak

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store/database"
)

// channels are the feedback's, each with a Slack channel of its own, since Slack takes a
// message a second for each.
var channels = []string{"ticket", "chat", "panel", "email", "phone", "social", "review"}

func slackChannel(channel string) string {
	return "C0" + map[string]string{
		"lead": "LEAD", "ticket": "TICKET", "chat": "CHAT", "panel": "PANEL", "email": "EMAIL", "phone": "PHONE", "social": "SOCIAL", "review": "REVIEW",
	}[channel]
}

// An event is one webhook of a sender.
type event struct {
	delivery, id, channel string
	at                    time.Time
	smiley                string  // "" is none said
	comment               *string // nil is none said
	filler                int     // bytes that mean nothing
}

func (e event) body() string {
	text := fmt.Sprintf(`{"id":%q,"channel":%q,"occurred_at":%q,"customer":{"id":"c-%s","name":"Jan"},"agent":{"id":"a-1","name":"Bart"}`,
		e.id, e.channel, e.at.Format(time.RFC3339Nano), e.id)
	if e.smiley != "" {
		text += fmt.Sprintf(`,"smiley":%q`, e.smiley)
	}
	if e.comment != nil {
		text += fmt.Sprintf(`,"comment":%q`, *e.comment)
	}
	if e.filler > 0 {
		text += fmt.Sprintf(`,"filler":%q`, strings.Repeat("x", e.filler))
	}
	return text + "}"
}

// A rated is what the ledger knows of a feedback: what the latest event said of each field.
type rated struct {
	id, channel        string // smileybot's id, and the sender's channel
	smiley, comment    string
	smileyAt, comments time.Time
}

// A ledger is what was acknowledged, kept by the sender.
type ledger struct {
	mu     sync.Mutex
	events []event
	rated  map[string]*rated // by the sender's id
}

// take writes an acknowledged event down.
func (l *ledger) take(e event, feedbackID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	r := l.rated[e.id]
	if r == nil {
		r = &rated{channel: e.channel}
		l.rated[e.id] = r
	}
	r.id = feedbackID
	if e.smiley != "" && e.at.After(r.smileyAt) {
		r.smiley, r.smileyAt = e.smiley, e.at
	}
	if e.comment != nil && e.at.After(r.comments) {
		r.comment, r.comments = *e.comment, e.at
	}
}

// any picks an event that was acknowledged.
func (l *ledger) any(random *rand.Rand) (event, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		return event{}, false
	}
	return l.events[random.IntN(len(l.events))], true
}

// all are the events that were acknowledged up to now.
func (l *ledger) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clip(l.events)
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rated)
}

// A book is a database that is only read.
type book struct {
	*sql.DB

	file bool // of SQLite
}

func openBook(tb testing.TB, path string) book {
	tb.Helper()
	driver, source := "sqlite3", "file:"+path+"?mode=rw&_query_only=true"
	if database.OnServer(path) {
		driver, source = "pgx", path
	}
	db, err := sql.Open(driver, source)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return book{DB: db, file: driver == "sqlite3"}
}

// rows are the rows that a query finds, as texts.
func (b book) rows(tb testing.TB, query string) [][]string {
	tb.Helper()
	rows, err := b.QueryContext(tb.Context(), query)
	require.NoError(tb, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(tb, err)
	var found [][]string
	for rows.Next() {
		row, places := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		require.NoError(tb, rows.Scan(places...))
		found = append(found, row)
	}
	require.NoError(tb, rows.Err())
	return found
}

// agrees checks the database against the ledger, and in itself: every page and reference,
// the tallies against a full count, and the follow-ups' lives.
func (b book) agrees(tb testing.TB, l *ledger) {
	tb.Helper()
	if b.file {
		assert.Equal(tb, [][]string{{"ok"}}, b.rows(tb, `pragma integrity_check`))
		assert.Empty(tb, b.rows(tb, `pragma foreign_key_check`))
	}
	kept := make(map[string][]string)
	for _, row := range b.rows(tb, `select external_id, id, rating, comment from feedback`) {
		kept[row[0]] = row[1:]
	}
	smileys := map[string]string{"red": "1", "yellow": "2", "green": "3"}
	for id, r := range l.rated {
		assert.Equal(tb, []string{r.id, smileys[r.smiley], r.comment}, kept[id], "what was acknowledged of %s", id)
	}
	delivered := make(map[string]bool)
	for _, row := range b.rows(tb, `select delivery_id from delivery`) {
		delivered[row[0]] = true
	}
	for _, e := range l.events {
		assert.True(tb, delivered[e.delivery], "delivery %s was acknowledged", e.delivery)
	}
	assert.Equal(tb,
		b.rows(tb, `select channel, day, count(case when rating = 1 then 1 end), count(case when rating = 2 then 1 end), count(case when rating = 3 then 1 end) from feedback group by channel, day order by channel, day`),
		b.rows(tb, `select channel, period_start, v1, v2, v3 from tally where unit = 'day' and channel <> '' and agent = 0 and v1 + v2 + v3 > 0 order by channel, period_start`), "tallies")
	b.lawful(tb)
}

// lawful checks the follow-ups: each is in the state that its feedback calls for, and came
// there by steps that there are.
func (b book) lawful(tb testing.TB) {
	tb.Helper()
	for _, row := range b.rows(tb, `
select f.external_id, f.rating, case when f.comment <> '' then 1 else 0 end, coalesce(u.state, '') from feedback f left join followup u on u.feedback_id = f.id`) {
		states := map[string][]string{
			"10": {"open", "claimed"}, "20": {"open", "claimed"}, // unhappy and unexplained
			"11": {"", "explained", "claimed", "withdrawn"}, "21": {"", "explained", "claimed", "withdrawn"},
			"30": {"", "withdrawn"}, "31": {"", "withdrawn"},
		}[row[1]+row[2]]
		assert.Contains(tb, states, row[3], "follow-up of %s: smiley %s, explained %s", row[0], row[1], row[2])
	}
	steps := map[string][]string{
		"": {"open"}, "open": {"claimed", "explained", "withdrawn"}, "claimed": {"withdrawn"},
		"explained": {"open", "withdrawn"}, "withdrawn": {"open"},
	}
	at := make(map[string]string)
	for _, row := range b.rows(tb, `select followup_id, from_state, to_state from transition order by id`) {
		assert.Equal(tb, at[row[0]], row[1], "transition of %s", row[0])
		assert.Contains(tb, steps[row[1]], row[2], "transition of %s", row[0])
		at[row[0]] = row[2]
	}
	for _, row := range b.rows(tb, `select id, state from followup`) {
		assert.Equal(tb, at[row[0]], row[1], "follow-up %s", row[0])
	}
}
