-- +goose Up
-- The texts that are stored are looked at once by the rule of what says something.
create table recheck (
    id      integer not null primary key check (id = 1),
    last_id text    not null -- the last feedback that is done
) strict;
insert into recheck (id, last_id) select 1, '' where exists (select 1 from feedback);
