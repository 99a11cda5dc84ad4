package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/store"
)

// TestFaultOfACode: what a server reports is a fault with words for an operator, and says whether to try
// again.
func TestFaultOfACode(t *testing.T) {
	t.Parallel()
	s, err := parse("postgres://bot:sesame@db.example.org:5433/smileybot")
	require.NoError(t, err)
	for code, want := range map[string]struct {
		kind   error
		passes bool
	}{
		"28P01": {store.ErrDenied, false}, "42501": {store.ErrDenied, false}, "25006": {store.ErrReadOnly, false},
		"53100": {store.ErrFull, false}, "53300": {store.ErrUnreachable, true}, "57P01": {store.ErrUnreachable, true},
		"57P03": {store.ErrUnreachable, true}, "3D000": {store.ErrPlace, false}, "XX001": {store.ErrDamaged, false},
		"40001": {store.ErrUnavailable, true}, "40P01": {store.ErrUnavailable, true}, "42601": {store.ErrUnavailable, false},
	} {
		failed := &pgconn.PgError{Severity: "ERROR", Code: code, Message: "words"}
		require.ErrorIs(t, s.unavailable(failed), want.kind, code)
		require.ErrorIs(t, s.unavailable(failed), store.ErrUnavailable, code)
		assert.Equal(t, want.passes, passes(failed), code)
	}
	constraint := &pgconn.PgError{Code: "23505"}
	assert.Equal(t, error(constraint), s.ofJob(constraint), "it is the job's own")
	assert.Equal(t, "postgres://db.example.org:5433/smileybot", Name("postgres://bot:sesame@db.example.org:5433/smileybot"))
}

// TestUnreachable: a server that does not answer has a reason in words, each with its remedy, and without the user.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for words, err := range map[string]error{
		"no answer; start PostgreSQL":                errors.New("failed to connect to user=bot"),
		"no answer in time; start PostgreSQL":        fmt.Errorf("bot: %w", context.DeadlineExceeded),
		"its host is not known; start":               &net.DNSError{Name: "db", IsNotFound: true},
		"connection refused; start":                  &net.OpError{Op: "dial", Err: errors.New("connection refused")},
		"it has no TLS; turn on ssl":                 errors.New("tls error: server refused TLS connection"),
		"TLS failed; name the authority of its cert": errors.New("tls: x509: certificate signed by unknown authority"),
	} {
		fault := unreachable("smileybot on db:5432", err)
		require.ErrorIs(t, fault, store.ErrUnreachable)
		assert.Contains(t, fault.Error(), "cannot be reached: "+words)
		assert.NotContains(t, fault.Error(), "bot:")
		assert.NotContains(t, fault.Error(), "user=")
	}
}

// TestStorableText: what PostgreSQL does not store is replaced.
func TestStorableText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "zoë": "zoë", "a\x00b": "a\uFFFDb", "a\xffb": "a\uFFFDb", "\x00\xff": "\uFFFD\uFFFD"} {
		assert.Equal(t, want, storable(text))
	}
}
