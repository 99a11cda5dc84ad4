-- +goose Up
-- How far a recount after a change of the settings is, so that it continues after a kill.
create table recount (
    id         integer not null primary key check (id = 1),
    zone       text    not null, -- the settings that it counts by, as in tally_settings and service_rules
    rules      text    not null,
    pass       integer not null, -- its pass through the feedback, from 0
    done       integer not null, -- how many rows of the pass are done
    sender     text    not null, -- the last row that is done: of a ticket its sender,
    last_id    text    not null  -- and its id; or the id of a feedback
) strict;
