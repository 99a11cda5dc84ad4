package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"smileybot/feedback"
	"smileybot/store"
	"smileybot/store/postgres"
	"smileybot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(storetest.Stopping(m)) }

func noon() time.Time { return time.Date(2026, time.November, 20, 11, 0, 0, 0, time.UTC) }

func open(tb testing.TB, address string) *store.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), address, storetest.Options(tb))
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// take stores a rating and returns its error.
func take(tb testing.TB, s *store.Store, id string) error {
	tb.Helper()
	delivery := store.Delivery{Sender: "feedback", ID: "d-" + id, Body: []byte("{}"), ReceivedAt: noon()}
	_, err := s.Ingest(tb.Context(), delivery, storetest.Smiley(id, feedback.Red, noon()))
	return err
}

// query runs a statement next to the store and returns its only value, if it has one.
func query(tb testing.TB, address, statement string) (n int64) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	require.NoError(tb, err)
	defer conn.Close(tb.Context())
	rows, err := conn.Query(tb.Context(), statement)
	require.NoError(tb, err)
	for rows.Next() {
		require.NoError(tb, rows.Scan(&n))
	}
	require.NoError(tb, rows.Err())
	return n
}
