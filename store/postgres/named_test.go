package postgres_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

// openEngine opens an engine that is closed with the test.
func openEngine(tb testing.TB, address string) store.Engine {
	tb.Helper()
	e, err := postgres.OpenEngine(tb.Context(), address)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, e.Close()) })
	return e
}

// names counts the named statements of the session that writes.
func names(tb testing.TB, e store.Engine) (n int64) {
	tb.Helper()
	require.NoError(tb, e.Write(tb.Context(), func(t *store.Unit) error {
		return t.Row(`select count(*) from pg_prepared_statements`).Scan(&n)
	}))
	return n
}

// TestNamedStatements: the session that writes has named statements where it is the bot's own, and none
// behind a pooler.
func TestNamedStatements(t *testing.T) {
	t.Parallel()
	address := storetest.ServerWithTables(t)
	assert.Positive(t, names(t, openEngine(t, address)))
	assert.Zero(t, names(t, openEngine(t, address+"&default_query_exec_mode=cache_describe")), "the URL says so")
	assert.Zero(t, names(t, openEngine(t, storetest.Pooled(t, address))))
}

// TestLostNames: a session that has lost its named statements, or has those of another client, is given
// up, and the write succeeds without names.
func TestLostNames(t *testing.T) {
	t.Parallel()
	for what, statement := range map[string]string{
		"lost": `execute smileybot_lost`, "of another": `prepare smileybot_twice as select 1; prepare smileybot_twice as select 1`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := openEngine(t, storetest.ServerWithTables(t))
			tries := 0
			require.NoError(t, e.Write(t.Context(), func(t *store.Unit) error {
				if tries++; tries > 1 {
					return nil
				}
				for one := range strings.SplitSeq(statement, "; ") {
					if _, err := t.Affect(one); err != nil {
						return err
					}
				}
				return nil
			}))
			assert.Equal(t, 2, tries)
			assert.Zero(t, names(t, e))
		})
	}
}

// TestPlansAreRenewed: the plans of named statements are discarded now and then, so that none is used for
// long that was right for a smaller table.
func TestPlansAreRenewed(t *testing.T) {
	t.Parallel()
	p, by := storetest.Through(t, storetest.ServerWithTables(t))
	var discarded atomic.Int64
	p.SetCut(func(sent []byte) storetest.Cut {
		if bytes.Contains(sent, []byte("discard plans")) {
			discarded.Add(1)
		}
		return storetest.NotCut
	})
	names(t, openEngine(t, by))
	assert.EqualValues(t, 1, discarded.Load())
}

// TestKeyWithoutStatistics: the search for the key of a feedback reads its unique index, also before the
// table has statistics.
func TestKeyWithoutStatistics(t *testing.T) {
	t.Parallel()
	address := storetest.ServerWithTables(t)
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	for first, last := 1, 10; last <= 10_000; first, last = last+1, last*10 {
		_, err := conn.Exec(t.Context(), `
insert into feedback (id, sender, channel, kind, external_id, rating, comment, customer_id, customer_name, customer_email,
    agent_id, agent_name, agent_email, ticket_id, ticket_subject, ticket_url, ticket_urgent, ticket_replies, site, follow_up_of,
    set_ns, occurred_ms, day, received_ms, suspect)
select 'f-' || n, 'feedback', 'ticket', 'smiley', n, 3, '', '', '', '', '', '', '', '', '', '', 0, 0, '', '', '{}', 1, 20000, 1, 0
from generate_series($1::int, $2::int) n`, first, last)
		require.NoError(t, err)
		rows, err := conn.Query(t.Context(), `
explain select id from feedback where sender = 'feedback' and channel = 'ticket' and kind = 'smiley' and external_id = '7'`)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		assert.Contains(t, strings.Join(plan, "\n"), "feedback_sender_channel_kind_external_id_key", "%d rows", last)
	}
}
