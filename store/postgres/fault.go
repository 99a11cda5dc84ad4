package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"smileybot/store"
)

// errLostCommit is the error of a transaction that was not committed, as its mark shows.
var errLostCommit = errors.New("the transaction was not committed")

// Codes of PostgreSQL.
const (
	featureNotSupported = "0A000"
	readOnlyTransaction = "25006"
	unknownStatement    = "26000"
	statementExists     = "42P05"
)

// readsOnly reports whether an error says that the server takes no writes.
func readsOnly(err error) bool {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	return ok && failed.Code == readOnlyTransaction
}

// losesNames reports whether an error says that the session has other named statements than the
// connection has made: a pooler gives each transaction another session.
func losesNames(err error) bool {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (failed.Code == unknownStatement || failed.Code == statementExists)
}

// lostConnection reports whether an error says that the connection ended, or may have.
func lostConnection(err error) bool {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		return failed.Severity == "FATAL" || failed.Severity == "PANIC" || strings.HasPrefix(failed.Code, "08")
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || pgconn.SafeToRetry(err)
}

// passes reports whether a transaction that was lost may succeed when it runs again.
func passes(err error) bool {
	if errors.Is(err, errUnknown) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		failed, refused := errors.AsType[*pgconn.PgError](err)
		return !refused || mayPass(failed.Code)
	}
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		return mayPass(failed.Code)
	}
	return errors.Is(err, errLostCommit) || lostConnection(err)
}

// mayPass reports whether a code of PostgreSQL, see its documentation's appendix A, is of an error that
// ends by itself.
func mayPass(code string) bool {
	switch code {
	case "40001", "40P01", // serialization failure, deadlock
		unknownStatement, statementExists, // the next connection names no statements
		"55P03",                   // lock timeout
		"25P02", "25P03", "25P04", // the transaction was ended, by a timeout of its session
		"53300",                            // too many connections
		"57014",                            // statement timeout
		"57P01", "57P02", "57P03", "57P05": // shutting down, crash, starting up, idle session
		return true
	}
	return strings.HasPrefix(code, "08")
}

// A lostError is the error of a transaction that was lost. It has the words of its cause and nothing of
// its chain: that of a job would name a fault that the others do not have.
type lostError string

func lostBy(err error) lostError { return lostError(err.Error()) }

func (l lostError) Error() string { return string(l) }

// ofJob marks an error of the database that is not the job's own fault as [store.ErrUnavailable].
func (s settings) ofJob(err error) error {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || strings.HasPrefix(failed.Code, "23") || failed.Code == "P0001" { // a constraint, a trigger's own refusal
		return err
	}
	return s.unavailable(err)
}

// unavailable is an error as a [store.Fault] if it shows one, else as a [store.ErrUnavailable].
func (s settings) unavailable(err error) error {
	if err = s.asFault(err); errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

// asFault returns an error as the fault of the database that it shows. An error that shows none is
// returned as it is.
func (s settings) asFault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*store.Fault](err); ok {
		return err
	}
	place := s.place()
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		if f := byCode(place, s.write.User, failed.Code); f != nil {
			return f
		}
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok || lostConnection(err) {
		return unreachable(place, err)
	}
	return err
}

// unreachable is the fault of a database that does not answer. Its reason has the system's words, such
// as "connection refused", and not those of pgconn, which name the user.
func unreachable(place string, err error) *store.Fault {
	why, remedy := "no answer", "start PostgreSQL, or correct SMILEYBOT_DATABASE; senders try again meanwhile"
	var host *net.DNSError
	var operation *net.OpError
	switch {
	case errors.As(err, &host):
		why = "its host is not known"
	case errors.As(err, &operation):
		why = operation.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		why = "no answer in time"
	case strings.Contains(err.Error(), "refused TLS"):
		why, remedy = "it has no TLS", "turn on ssl in postgresql.conf, or correct sslmode in SMILEYBOT_DATABASE"
	case strings.Contains(err.Error(), "tls"), strings.Contains(err.Error(), "x509"):
		why, remedy = "TLS failed", "name the authority of its certificate with sslrootcert in SMILEYBOT_DATABASE, and the host as the certificate does"
	}
	return &store.Fault{
		Kind:   store.ErrUnreachable,
		Reason: fmt.Sprintf("the database %s cannot be reached: %s", place, why),
		Remedy: remedy,
	}
}

// byCode is the fault that a code of PostgreSQL shows, nil when it shows none.
func byCode(place, user, code string) *store.Fault {
	f := func(kind error, reason, remedy string) *store.Fault {
		return &store.Fault{Kind: kind, Reason: fmt.Sprintf(reason, place), Remedy: remedy}
	}
	switch code {
	case "28P01", "28000":
		return f(store.ErrDenied, "the database %s refuses the login of "+user, "correct user and password in SMILEYBOT_DATABASE, or pg_hba.conf")
	case "42501":
		return f(store.ErrDenied, user+" has no rights in the database %s", "make "+user+" the owner of the database: alter database … owner to "+user)
	case "3D000":
		return f(store.ErrPlace, "there is no database %s", "create it, or correct SMILEYBOT_DATABASE")
	case "3F000":
		return f(store.ErrPlace, "the database %s has no schema for tables", "create the schema that search_path names")
	case readOnlyTransaction:
		return f(store.ErrReadOnly, "the database %s takes no writes: it is a standby, or set to read-only", "let SMILEYBOT_DATABASE name the primary; with several hosts add target_session_attrs=read-write")
	case "53100":
		return f(store.ErrFull, "the disk of the database %s is full", "make room there; senders try again meanwhile")
	case "53300":
		return f(store.ErrUnreachable, "the database %s has no connection left", "raise max_connections or lower pool_max_conns in SMILEYBOT_DATABASE")
	case "57P01", "57P02":
		return f(store.ErrUnreachable, "the database %s is shutting down", "start PostgreSQL; senders try again meanwhile")
	case "57P03":
		return f(store.ErrUnreachable, "the database %s is starting or shutting down", "wait until it has started, or start PostgreSQL; senders try again meanwhile")
	case "XX001", "XX002":
		return f(store.ErrDamaged, "the database %s is damaged", "restore a backup of it")
	}
	return nil
}
