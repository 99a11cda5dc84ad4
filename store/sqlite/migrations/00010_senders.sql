-- +goose Up
-- A rating as its sender has it, when its scale is not ours.
alter table feedback add column rating_raw text not null default '';

-- A delivery can tell of several feedbacks. Its payload is kept under the first; these are
-- the others, so that it goes with whichever of them is forgotten.
create table payload_also (
    feedback_id text    not null,
    payload_id  integer not null references payload (id) on delete cascade,
    primary key (feedback_id, payload_id)
) strict, without rowid;
create index payload_also_by_payload on payload_also (payload_id);
