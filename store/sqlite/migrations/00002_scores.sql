-- +goose Up
-- A voided feedback stays, and does not count.
alter table feedback add column voided_ms integer; -- null: it counts
alter table feedback add column voided_by text not null default ''; -- a Slack user, or import
alter table feedback add column void_reason text not null default '' check ((void_reason = '') = (voided_ms is null));

-- Who gave the answers that were rated, by each id and name that a sender used.
create table agent (
    ref  integer not null primary key,
    id   text    not null,
    name text    not null,
    seen integer not null, -- the latest local day on which such a feedback counted
    unique (id, name),
    check (id <> '' or name <> '')
) strict;

-- How many answers count, and how many were voided, on a local day or in a month.
-- Each feedback is in eight rows: its day and its month, its channel and all, its
-- agent, if it names one, and all. So a score over years is a sum of few rows. The tallies before did
-- not know agents; they are counted anew when serve starts, see counted.
drop table tally;
create table tally (
    kind    text    not null,
    unit    text    not null check (unit in ('day', 'month')),
    channel text    not null, -- '' is all channels
    agent   integer not null, -- agent.ref, 0 is everybody
    first   integer not null, -- the day, in days since 1970-01-01, or the month, in months since the year 0
    voided  integer not null,
    v0      integer not null, -- how many gave a 0; for smileys 1 is red, 2 yellow, 3 green
    v1      integer not null,
    v2      integer not null,
    v3      integer not null,
    v4      integer not null,
    v5      integer not null,
    v6      integer not null,
    v7      integer not null,
    v8      integer not null,
    v9      integer not null,
    v10     integer not null,
    primary key (kind, unit, channel, agent, first)
) strict, without rowid;

-- The one row that says in the days of which time zone the tallies are counted.
create table counted (
    id   integer not null primary key check (id = 1),
    zone text    not null
) strict;
