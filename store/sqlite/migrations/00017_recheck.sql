-- +goose Up
-- From which revision of the message on it shows a transition or a moderation; 0 before this column was.
alter table transition add column revision integer not null default 0;
alter table moderation add column revision integer not null default 0;

-- The texts that are stored are looked at once by the rule of what says something.
create table recheck (
    id      integer not null primary key check (id = 1),
    last_id text    not null -- the last feedback that is done
) strict;
insert into recheck (id, last_id) select 1, '' where exists (select 1 from feedback);
