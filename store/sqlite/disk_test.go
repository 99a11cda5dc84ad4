package sqlite_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
)

// TestFullDisk: when the disk is full nothing that was acknowledged is lost,
// what was not returns an error, and with room again writing goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, big := range []int{1 << 10, 64 << 10, 1 << 20} {
		t.Run(strconv.Itoa(big), func(t *testing.T) {
			t.Parallel()
			d := newFixture(t)
			pages := d.one(t, `pragma page_count`).(int64)
			var limit atomic.Int64
			limit.Store(pages + 12)
			require.NoError(t, d.engine.HookWriter(func(conn driver.Conn) (driver.Conn, error) {
				_, err := conn.(*sqlite3.SQLiteConn).Exec(fmt.Sprintf(`pragma max_page_count = %d`, limit.Load()), nil)
				return conn, err
			}))
			body := string(make([]byte, big))
			var acknowledged []string
			full := 0
			for i := range 30 {
				var writes []func() error
				for j := range 4 {
					writes = append(writes, d.taking(t.Context(), red(fmt.Sprintf("%d.%d", i, j)), "{}"))
				}
				id := fmt.Sprintf("%d.big", i)
				if i > 0 {
					writes = append(writes, d.taking(t.Context(), red(id), body))
				}
				for j, err := range d.together(t, writes...) {
					switch {
					case err != nil:
						full++
						require.ErrorIs(t, err, store.ErrUnavailable)
					case j == 4:
						acknowledged = append(acknowledged, id)
					default:
						acknowledged = append(acknowledged, fmt.Sprintf("%d.%d", i, j))
					}
				}
			}
			require.NotZero(t, full)
			require.NotEmpty(t, acknowledged)
			require.ErrorIs(t, d.together(t, d.taking(t.Context(), red("big"), body+string(make([]byte, 64<<10))))[0], store.ErrFull, "also in a command, which no guard watches")
			known := d.known(t)
			assert.Len(t, known, len(acknowledged))
			for _, id := range acknowledged {
				assert.True(t, known[id], id)
			}
			assert.EqualValues(t, len(acknowledged), d.one(t, everything))

			limit.Store(1 << 20)
			require.NoError(t, d.taking(t.Context(), red("after"), body)())
			require.NoError(t, d.Ready(t.Context(), noon()))
			assert.True(t, d.known(t)["after"])
		})
	}
}

// TestNoConnection: a database that cannot be opened again fails every
// write, and the first that can be made is made.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var broken atomic.Bool
	broken.Store(true)
	require.NoError(t, d.engine.HookWriter(func(conn driver.Conn) (driver.Conn, error) {
		if broken.Load() {
			return nil, errors.Join(errors.New("no such disk"), conn.Close())
		}
		return conn, nil
	}))
	for range 3 {
		require.ErrorIs(t, d.taking(t.Context(), red("1"), "{}")(), store.ErrUnavailable)
		require.ErrorIs(t, d.Ready(t.Context(), noon()), store.ErrUnavailable)
	}
	broken.Store(false)
	require.NoError(t, d.taking(t.Context(), red("1"), "{}")())
	require.NoError(t, d.Ready(t.Context(), noon()))
}

// TestLockedOut: while another process writes for longer than we wait, a write
// fails and can be made afterwards.
func TestLockedOut(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	require.NoError(t, d.engine.HookWriter(func(conn driver.Conn) (driver.Conn, error) {
		_, err := conn.(*sqlite3.SQLiteConn).Exec(`pragma busy_timeout = 1`, nil)
		return conn, err
	}))
	other, err := d.raw.Conn(t.Context())
	require.NoError(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), `begin immediate`)
	require.NoError(t, err)
	require.ErrorIs(t, d.taking(t.Context(), red("1"), "{}")(), store.ErrUnavailable)
	_, err = other.ExecContext(t.Context(), `rollback`)
	require.NoError(t, err)
	require.NoError(t, d.taking(t.Context(), red("1"), "{}")())
}

// TestNotReadyAfterARefusal: a disk that is too full for a delivery may have room for the
// probe; what a delivery has just met counts, until one is taken or half a minute is over.
func TestNotReadyAfterARefusal(t *testing.T) {
	t.Parallel()
	d := newFixture(t)
	var broken atomic.Bool
	broken.Store(true)
	require.NoError(t, d.engine.HookWriter(func(conn driver.Conn) (driver.Conn, error) {
		if broken.Load() {
			return nil, errors.Join(errors.New("no such disk"), conn.Close())
		}
		return conn, nil
	}))
	require.ErrorIs(t, d.taking(t.Context(), red("1"), "{}")(), store.ErrUnavailable)
	broken.Store(false)
	require.ErrorIs(t, d.Ready(t.Context(), after(29)), store.ErrUnavailable)
	require.NoError(t, d.Ready(t.Context(), after(31)))
	require.NoError(t, d.taking(t.Context(), red("1"), "{}")())
	require.NoError(t, d.Ready(t.Context(), after(1)))
}
