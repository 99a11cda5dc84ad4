-- +goose Up
-- Imports can be undone.

create table import_run (
    id        integer not null primary key, -- the number of the import
    source    text    not null,             -- the name of its file
    at_ms     integer not null,
    changed   integer not null default 0,   -- how many rows changed something
    undone_ms integer
) strict;

-- The agents about whom feedback is left.
create index tally_by_agent on tally (agent) where agent <> 0;

-- What an import changed, once for each feedback.
create table import_change (
    feedback_id   text    not null,
    import_id     integer not null references import_run (id),
    before        text,             -- the feedback before, as JSON; null when the import created it
    after_print   integer not null, -- a fingerprint of the feedback after
    history_id    integer not null, -- later rows of history are of the import
    moderation_id integer not null, -- later moderations are of the import
    primary key (feedback_id, import_id)
) strict, without rowid;

-- The undo of an import deletes feedback, and what refers to it must be found.
drop index outbox_notices_of;
create index outbox_by_feedback on outbox (feedback_id);
