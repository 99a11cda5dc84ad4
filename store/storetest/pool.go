package storetest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"smileybot/store"
	"smileybot/store/postgres"
)

// A pool has databases with empty tables. A test takes one and gives it back, because to empty the few
// tables that it filled takes a third of the time that a new database does.
type pool struct {
	mu       sync.Mutex
	template string // the name of a database that the others are copies of
	free     []string
}

// shape counts what a test may add to a schema or remove from it.
const shape = `(select count(*) from pg_class) + (select count(*) from pg_trigger) + (select count(*) from pg_proc)
	+ (select count(*) from pg_constraint) + (select count(*) from pg_attribute where not attisdropped)`

// remember keeps the rows that are in a database from the beginning, and its shape, in a schema of their own.
const remember = `
create schema pristine;
do $$ declare name text; filled boolean; begin
	for name in select tablename from pg_tables where schemaname = 'public' loop
		execute format('select exists (select 1 from public.%I)', name) into filled;
		if filled then execute format('create table pristine.%I as table public.%I', name, name); end if;
	end loop;
end $$;
create table pristine.shape (n bigint);
insert into pristine.shape select ` + shape + `;`

// restore gives a database the rows that are remembered, and ends the sessions that a test left open: all
// but those of a list. It fails when the schema has changed. Small tables are not truncated, which would write new files.
const restore = `
do $$ declare name text; of oid; begin
	perform pg_terminate_backend(pid, 5000) from pg_stat_activity
	where datname = current_database() and pid <> pg_backend_pid() and pid <> all ('{KEPT}');
	if ` + shape + ` <> (select n from pristine.shape) then raise exception 'the schema has changed'; end if;
	set local session_replication_role = replica;
	for name, of in select relname, oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
		if pg_relation_size(of) > 1000000 then execute format('truncate public.%I cascade', name);
		elsif pg_relation_size(of) > 0 then execute format('delete from public.%I', name);
		end if;
	end loop;
	for name in select tablename from pg_tables where schemaname = 'pristine' and tablename <> 'shape' loop
		execute format('insert into public.%I overriding system value select * from pristine.%I', name, name);
	end loop;
	perform setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
	from pg_sequences where schemaname = 'public' and last_value is not null and sequencename not like 'goose%';
end $$`

// take returns the URL of a database with empty tables, which goes back to the pool with the test.
func (s *server) take(tb testing.TB) string {
	tb.Helper()
	name, err := s.pool.take(tb.Context(), s)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanLimit)
		defer cancel()
		if s.restore(ctx, name) != nil { // the test has changed the schema
			require.NoError(tb, s.drop(name))
			return
		}
		s.pool.mu.Lock()
		defer s.pool.mu.Unlock()
		s.pool.free = append(s.pool.free, name)
	})
	return s.keptURL(name)
}

func (s *server) restore(ctx context.Context, name string) error {
	var kept []string
	if s.sessions != nil {
		for _, process := range s.sessions.settle(name) {
			kept = append(kept, strconv.Itoa(int(process)))
		}
	}
	return run(ctx, s.keptURL(name), strings.Replace(restore, "KEPT", strings.Join(kept, ","), 1))
}

func (p *pool) take(ctx context.Context, s *server) (name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		name, p.free = p.free[last], p.free[:last]
		return name, nil
	}
	if p.template == "" {
		if p.template, err = s.makeTemplate(ctx); err != nil {
			return "", err
		}
	}
	name = databaseName()
	return name, s.admin(ctx, `create database `+name+` template `+p.template)
}

// makeTemplate makes a database with the tables and returns its name.
func (s *server) makeTemplate(ctx context.Context) (name string, err error) {
	name = databaseName()
	if err := s.admin(ctx, `create database `+name+` template template0`); err != nil {
		return "", err
	}
	made, err := postgres.Open(ctx, s.url(name), store.Options{Location: time.UTC})
	if err != nil {
		return "", err
	}
	return name, errors.Join(made.Close(), run(ctx, s.url(name), remember))
}

// drop drops all databases.
func (p *pool) drop(s *server) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.template != "" {
		err = s.drop(p.template)
	}
	for _, name := range p.free {
		err = errors.Join(err, s.drop(name))
	}
	return err
}
