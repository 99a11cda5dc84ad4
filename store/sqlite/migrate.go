package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versions opens goose on a database and returns the version of its schema and the one
// this program wants.
func versions(ctx context.Context, db *sql.DB) (p *goose.Provider, have, want int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, 0, err
	}
	p, err = goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, 0, 0, fmt.Errorf("reading the migrations: %w", err)
	}
	have, want, err = p.GetVersions(ctx)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	if have > want {
		return nil, 0, 0, fmt.Errorf("it has schema %d and this smileybot knows up to %d: install the newer smileybot that wrote it, or restore a backup", have, want)
	}
	return p, have, want, nil
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	p, have, want, err := versions(ctx, db)
	if err != nil || have == want {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema up to date: %w", err)
	}
	return nil
}

// current refuses a schema that is not this program's, and does not change it.
func current(ctx context.Context, db *sql.DB) error {
	_, have, want, err := versions(ctx, db)
	if err != nil {
		return err
	}
	if have < want {
		return fmt.Errorf("it has schema %d and this smileybot wants %d: start 'smileybot serve' of this version once", have, want)
	}
	return nil
}
