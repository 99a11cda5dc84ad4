-- +goose Up
-- The revision of a message that is not posted, because it says nothing that needs a reader; 0 without
-- one. There may be many, so the queue of posts leaves them out.
alter table outbox add column withheld integer not null default 0;
drop index outbox_posts;
create index outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null and withheld < revision;
