-- +goose Up
-- A message that is not posted, because it says nothing that needs a reader, shows the revision that
-- is wanted without a timestamp. There may be many, so the queue of posts leaves them out.
drop index outbox_posts;
create index outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null and shown < revision;
