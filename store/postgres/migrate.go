package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"smileybot/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// leastVersion is the oldest PostgreSQL that is tested, as server_version_num counts.
const leastVersion = 14_00_00

// survey reads what a database is before anything is written to it.
func survey(ctx context.Context, s settings, conn *pgx.Conn) (have int64, err error) {
	var version int
	var schema *string
	var versions, others bool
	err = conn.QueryRow(ctx, `
select current_setting('server_version_num')::int, current_schema()::text, to_regclass('goose_db_version') is not null,
    exists (select 1 from pg_tables where schemaname = current_schema() and tablename not in ('goose_db_version', 'goose_lock'))`,
	).Scan(&version, &schema, &versions, &others)
	switch {
	case err != nil:
		return 0, s.asFault(err)
	case version < leastVersion:
		return 0, &store.Fault{
			Kind: store.ErrPlace, Reason: fmt.Sprintf("the database %s is PostgreSQL %d", s.place(), version/10000),
			Remedy: fmt.Sprintf("use PostgreSQL %d or newer", leastVersion/10000),
		}
	case schema == nil:
		return 0, byCode(s.place(), s.write.User, "3F000")
	case versions:
		err = conn.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&have)
	}
	if err == nil && (!versions && others || have > 0 && have < first()) {
		err = &store.Fault{
			Kind: store.ErrForeign, Reason: fmt.Sprintf("the database %s has tables of another program", s.place()),
			Remedy: "create a database for smileybot alone; nothing in this one was changed",
		}
	}
	return have, s.asFault(err)
}

// surveyed is survey with a connection of its own.
func surveyed(ctx context.Context, s settings) (have int64, err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return 0, err
	}
	have, err = survey(ctx, s, conn)
	_ = conn.Close(ctx)
	return have, err
}

// first is the number of the oldest migration, and last of the newest.
func first() int64 { return numbers()[0] }
func last() int64  { return numbers()[len(numbers())-1] }

func numbers() []int64 {
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	var found []int64
	for _, name := range names {
		n, _ := goose.NumericComponent(name)
		found = append(found, n)
	}
	slices.Sort(found)
	return found
}

// migrate brings the schema up to date, each migration in a transaction of its own, and calls
// progress, if it is not nil, before each and at the end. One process does it at a time.
func migrate(ctx context.Context, s settings, progress func(done, total int64)) error {
	have, err := surveyed(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case have > last():
		return newer(have)
	case have == last():
		return nil
	}
	db := stdlib.OpenDB(*s.write)
	defer db.Close()
	p, err := provider(db)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	all := numbers()
	for done := slices.IndexFunc(all, func(n int64) bool { return n > have }); err == nil; done++ {
		progress(int64(min(done, len(all))), int64(len(all)))
		_, err = p.UpByOne(ctx)
	}
	if !errors.Is(err, goose.ErrNoNextVersion) {
		return fmt.Errorf("bringing the schema up to date: %w", err)
	}
	return nil
}

// provider is goose on a database. Processes exclude each other by a row of a table and not by an
// advisory lock, which a pooler would lose.
func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(200*time.Millisecond, 5*60*5))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLocker(locker))
}

// newer is the error of a schema that a newer program has made.
func newer(have int64) error {
	return fmt.Errorf("it has schema %d and this smileybot knows up to %d: install the newer smileybot that wrote it, or restore a backup", have, last())
}

// current refuses a schema that is not this program's, and does not change it.
func current(ctx context.Context, s settings) error {
	have, err := surveyed(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case have > last():
		return newer(have)
	case have == 0:
		return errors.New("it is empty: is SMILEYBOT_DATABASE right? 'smileybot serve' creates the tables")
	case have < last():
		return fmt.Errorf("it has schema %d and this smileybot wants %d: start 'smileybot serve' of this version once", have, last())
	}
	return nil
}
