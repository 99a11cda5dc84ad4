-- +goose Up
-- What the ticket system is still to be told of follow-ups, in order. It holds ids and
-- codes only, so that nothing of it has to be forgotten.
create table outgoing (
    id          integer not null primary key,
    event_id    text    not null unique, -- a UUIDv7; the same at every attempt
    feedback_id text    not null references feedback (id),
    type        text    not null check (type in ('followup.opened', 'followup.claimed', 'followup.done', 'followup.explained')),
    body        text    not null,        -- as it is sent
    at_ms       integer not null,
    attempts    integer not null default 0,
    retry_ms    integer not null default 0, -- not before
    aside       integer not null default 0 check (aside in (0, 1)) -- it failed for a reason of its own
) strict;
create index outgoing_by_feedback on outgoing (feedback_id, id);
