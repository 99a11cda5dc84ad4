-- +goose Up
-- The outbox also holds what is said once in the lead channel, about no single
-- feedback.
create table outbox_wider (
    key             text    not null primary key, -- the feedback's id, or the notice's key
    feedback_id     text    references feedback (id), -- null for what is about none
    notice          text,                         -- what the notice says; null for the living message
    mention         text    not null,             -- the Slack user a notice is for
    channel         text    not null,             -- the feedback's channel, which is routed to a Slack channel; '' is the lead channel
    rank            integer not null,             -- 0 red, 1 yellow, 2 green: who goes first
    queued_ms       integer not null,             -- since when it waits to be posted
    revision        integer not null check (revision >= 1),
    shown           integer not null default 0 check (shown between 0 and revision), -- 0: never posted
    slack_channel   text    not null default '',  -- where it stands, or where it was tried
    ts              text,                         -- Slack's name of the message; null until it is posted
    posted_ms       integer,
    attempt_ms      integer,                      -- when the post without a known result began
    doubt_ms        integer,                      -- when that attempt ended; null while it runs
    recheck_ms      integer,                      -- when to look for a second message
    recheck_from_ms integer,                      -- and from which attempt on
    former_ts       text,                         -- messages that could no longer be edited, to be deleted; separated by spaces
    retry_ms        integer not null default 0,   -- not before
    check ((ts is null) = (shown = 0)),
    check (attempt_ms is null or ts is null),
    check (doubt_ms is null or attempt_ms is not null),
    check (recheck_ms is null or recheck_from_ms is not null),
    check (feedback_id is not null or (notice is not null and channel = ''))
) strict;
insert into outbox_wider select key, feedback_id, notice, mention, channel, rank, queued_ms, revision, shown, slack_channel, ts, posted_ms,
                                attempt_ms, doubt_ms, recheck_ms, recheck_from_ms, former_ts, retry_ms from outbox;
drop table outbox;
alter table outbox_wider rename to outbox;
create index outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null;
create index outbox_edits on outbox (slack_channel, rank, queued_ms) where ts is not null and shown < revision;
create index outbox_doubts on outbox (attempt_ms) where attempt_ms is not null;
create index outbox_rechecks on outbox (recheck_ms) where recheck_ms is not null;
create index outbox_former on outbox (key) where former_ts is not null;
create index outbox_paced on outbox (posted_ms) where posted_ms is not null;
create index outbox_notices on outbox (queued_ms) where notice is not null and ts is null and attempt_ms is null;
create index outbox_retries on outbox (retry_ms) where retry_ms > 0;

-- What is done by the clock, and up to which moment it is done.
create table routine (
    name    text    not null primary key,
    done_ms integer not null,
    told    integer not null default 0 check (told in (0, 1)) -- of the alert: that the drop it found is still the same
) strict, without rowid;

-- What a digest counts.
create index followup_by_opening on followup (opened_ms, state, due_ms, changed_ms);
create index followup_by_end on followup (changed_ms) where state = 'done';
create index feedback_commented on feedback (day) where comment <> '';
create index feedback_following on feedback (day) where follow_up_of <> '';
