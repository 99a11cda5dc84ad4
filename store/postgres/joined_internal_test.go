package postgres

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"smileybot/store"
)

// TestJoinedText: inserts of one row become one of several, and other statements stay as they are.
func TestJoinedText(t *testing.T) {
	t.Parallel()
	row := func(query string, args ...any) store.Statement { return store.Statement{Query: query, Args: args} }
	const (
		plain  = "\ninsert into history (id, field, at) values ($1, '', $2)"
		twice  = `insert into outbox (key, feedback_id, rank) values ($1, $1, 7) on conflict (key) do nothing`
		upsert = `insert into tally (kind, day, n) values ($1, $2, 1)
on conflict (day, kind) do update set n = tally.n + excluded.n`
		single   = `insert into probe (id, at_ms) values (1, $1) on conflict (id) do update set at_ms = excluded.at_ms`
		computed = `insert into ticket (id, n) values ($1, nullif($2, 0) - 1)`
		chosen   = `insert into history (id) select $1 where not exists (select 1 from history)`
		guarded  = `insert into lease (id) values ($1) on conflict (id) do update set n = $2`
		update   = `update feedback set day = $1 where id = $2`
	)
	for name, c := range map[string]struct{ from, to []store.Statement }{
		"no statement": {nil, nil},
		"one row":      {[]store.Statement{row(plain, "a", 1)}, []store.Statement{row(plain, "a", 1)}},
		"rows": {
			[]store.Statement{row(plain, "a", 1), row(plain, "b", 2)},
			[]store.Statement{row("\ninsert into history (id, field, at) values ($1,'',$2), ($3,'',$4)", "a", 1, "b", 2)},
		},
		"a placeholder twice": {
			[]store.Statement{row(twice, "a"), row(twice, "a")},
			[]store.Statement{row(`insert into outbox (key, feedback_id, rank) values ($1,$1,7), ($2,$2,7) on conflict (key) do nothing`, "a", "a")},
		},
		"keys": {
			[]store.Statement{row(upsert, "a", 1), row(upsert, "a", 2), row(upsert, "a", 1)},
			[]store.Statement{row(`insert into tally (kind, day, n) values ($1,$2,1), ($3,$4,1)
on conflict (day, kind) do update set n = tally.n + excluded.n`, "a", 1, "a", 2), row(upsert, "a", 1)},
		},
		"a key that all have":   {[]store.Statement{row(single, 1), row(single, 2)}, []store.Statement{row(single, 1), row(single, 2)}},
		"an expression":         {[]store.Statement{row(computed, 1, 2), row(computed, 1, 2)}, []store.Statement{row(computed, 1, 2), row(computed, 1, 2)}},
		"a select":              {[]store.Statement{row(chosen, 1), row(chosen, 2)}, []store.Statement{row(chosen, 1), row(chosen, 2)}},
		"an argument elsewhere": {[]store.Statement{row(guarded, 1, 2), row(guarded, 2, 2)}, []store.Statement{row(guarded, 1, 2), row(guarded, 2, 2)}},
		"an update":             {[]store.Statement{row(update, 1, 2), row(update, 2, 2)}, []store.Statement{row(update, 1, 2), row(update, 2, 2)}},
	} {
		assert.Equal(t, c.to, joined(c.from), name)
	}
	many := slices.Repeat([]store.Statement{row(plain, "a", 1)}, 2*maxRows+7)
	var rows []int
	for _, s := range joined(many) {
		rows = append(rows, len(s.Args)/2)
	}
	assert.Equal(t, []int{maxRows, maxRows, 4, 2, 1}, rows)
}

// TestRunsKeepTheOrder: the statements of a part stay in their order, and those without a part in that of
// all.
func TestRunsKeepTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var batch []store.Statement
		for i := range rapid.IntRange(0, 40).Draw(t, "statements") {
			batch = append(batch, store.Statement{
				Query: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "query"), Args: []any{i},
				Part: rapid.SampledFrom([]int{0, 1, 1, 2, 2, 3, 3}).Draw(t, "part"),
			})
		}
		all := slices.Concat(runs(batch)...)
		require.Len(t, all, len(batch))
		place := make(map[int]int)
		for at, s := range all {
			number, ok := s.Args[0].(int)
			require.True(t, ok)
			place[number] = at
		}
		for i, s := range batch {
			for j, other := range batch[:i] {
				if s.Part == 0 || other.Part == 0 || s.Part == other.Part {
					require.Less(t, place[j], place[i], "statements "+strconv.Itoa(j)+" and "+strconv.Itoa(i))
				}
			}
		}
	})
}

// TestRunsOfASet: what ratings write is about one run a table.
func TestRunsOfASet(t *testing.T) {
	t.Parallel()
	var batch []store.Statement
	for part := 1; part <= 20; part++ {
		for _, query := range []string{"feedback", "history", "comment", "outbox", "followup", "delivery"} {
			if query == "comment" && part%2 == 0 || query == "followup" && part%3 > 0 {
				continue
			}
			batch = append(batch, store.Statement{Query: query, Part: part})
		}
	}
	assert.Len(t, runs(batch), 7, "six, and the deliveries after the follow-ups")
}
