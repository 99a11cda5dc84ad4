-- +goose Up
-- How rated tickets were served: a row per ticket in place of encoded counts. The next
-- start fills it, because no row of service_rules says by which office hours it is.
drop table service;
drop table service_change;
delete from service_rules;

create table ticket_service (
    sender      text    not null,
    ticket_id   text    not null,
    day         integer not null, -- the local day of the opening, in days since 1970-01-01
    first_reply integer, -- whole office minutes after the opening; null is unknown, here and below
    resolution  integer,
    within_4h   integer check (within_4h in (0, 1)),
    same_day    integer check (same_day in (0, 1)),
    one_reply   integer check (one_reply in (0, 1)),
    scopes      text    not null, -- the channel and agent of each rating: [["chat", "a-7"]]
    primary key (day, sender, ticket_id)
) strict, without rowid;
create unique index ticket_service_by_ticket on ticket_service (sender, ticket_id);

-- A number for each day that rises with every change of the day's tickets.
create table ticket_service_day (
    day     integer not null primary key,
    version integer not null
) strict;
