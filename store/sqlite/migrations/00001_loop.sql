-- +goose Up
-- Times are UTC milliseconds since 1970 in columns named …_ms; ids are UUIDv7.

-- One answer of one customer about one thing, as all events so far make it.
create table feedback (
    id                   text    not null primary key,
    sender               text    not null, -- who fired the webhook: feedback, helpscout, …
    channel              text    not null,
    kind                 text    not null check (kind in ('smiley', 'nps', 'csat', 'ces', 'nls', 'review')),
    sender_id            text    not null, -- the sender's own name of what was rated
    rating               integer not null, -- the score; for smileys 1 red, 2 yellow, 3 green
    comment              text    not null, -- '' is none
    customer_id          text    not null,
    customer_name        text    not null,
    customer_email       text    not null,
    agent_id             text    not null,
    agent_name           text    not null,
    agent_email          text    not null,
    ticket_id            text    not null,
    ticket_subject       text    not null,
    ticket_url           text    not null,
    ticket_urgent        integer not null check (ticket_urgent in (0, 1)),
    ticket_opened_ms     integer,
    ticket_replied_ms    integer,
    ticket_resolved_ms   integer,
    ticket_replies       integer not null,
    site                 text    not null,
    follow_up_of         text    not null,
    set_ns               text    not null, -- JSON: field -> when what set it occurred, in nanoseconds since 1970
    occurred_ms          integer not null, -- the earliest known
    day                  integer not null, -- its local day, in days since 1970-01-01: where it is tallied
    received_ms          integer not null, -- when the first event arrived
    suspect              integer not null check (suspect in (0, 1)),
    unique (sender, channel, kind, sender_id),
    check (case kind
        when 'smiley' then rating between 1 and 3
        when 'ces' then rating between 1 and 7
        when 'csat' then rating between 1 and 5
        when 'review' then rating between 1 and 5
        else rating between 0 and 10 end)
) strict;

-- Every rating and every comment an event reported.
create table history (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    field       text    not null check (field in ('rating', 'comment')),
    old         text    not null,
    new         text    not null,
    occurred_ms integer not null,
    recorded_ms integer not null,
    applied     integer not null check (applied in (0, 1)) -- 0: it was older or said what was known
) strict;
create index history_by_feedback on history (feedback_id, occurred_ms);

-- Deliveries taken, by the id the sender gave them: a repeat is recognised for 30 days.
create table delivery (
    sender      text    not null,
    delivery_id text    not null,
    feedback_id text    not null,
    received_ms integer not null,
    primary key (sender, delivery_id)
) strict, without rowid;
create index delivery_by_age on delivery (received_ms);

-- What senders sent, as it came, for 30 days.
create table payload (
    id          integer not null primary key,
    feedback_id text    not null,
    received_ms integer not null,
    body        blob    not null
) strict;
create index payload_by_age on payload (received_ms);
create index payload_by_feedback on payload (feedback_id);

-- The last deliveries that proved their sender and were refused.
create table refusal (
    id          integer not null primary key,
    sender      text    not null,
    status      integer not null check (status in (400, 422)),
    detail      text    not null, -- what was wrong, without the sender's values
    received_ms integer not null,
    body        blob    not null
) strict;

-- How many feedbacks count on a local day with a value. Sums of it are the scores.
create table tally (
    kind    text    not null,
    day     integer not null,
    channel text    not null,
    value   integer not null,
    n       integer not null check (n >= 0),
    primary key (kind, day, channel, value)
) strict, without rowid;

-- The task to ask an unhappy customer what was wrong; at most one a feedback.
create table followup (
    id          text    not null primary key,
    feedback_id text    not null unique references feedback (id),
    state       text    not null check (state in ('open', 'claimed', 'done', 'explained', 'withdrawn')),
    claimer     text    not null, -- a Slack user
    outcome     text    not null,
    note        text    not null,
    opened_ms   integer not null, -- the latest opening
    due_ms      integer not null,
    openings    integer not null check (openings >= 1),
    changed_ms  integer not null,
    changed_by  text    not null, -- a Slack user, or customer
    check ((state = 'claimed') = (claimer <> '')),
    check ((state = 'done') = (outcome <> '')),
    check (note = '' or state = 'done')
) strict;
create index followup_queue on followup (opened_ms, id) where state in ('open', 'claimed');
create index followup_by_state on followup (state);

-- Every transition of every follow-up.
create table transition (
    id          integer not null primary key,
    followup_id text    not null references followup (id),
    at_ms       integer not null,
    made_by     text    not null,
    from_state  text    not null, -- '' for none
    to_state    text    not null,
    outcome     text    not null,
    note        text    not null
) strict;
create index transition_by_followup on transition (followup_id, id);

-- What is to stand in Slack: the living message of a feedback, or a notice said
-- once. It holds no text, only which revision is wanted and which one is shown.
create table outbox (
    key             text    not null primary key, -- the feedback's id, or the notice's key
    feedback_id     text    not null references feedback (id),
    notice          text,                         -- what the notice says; null for the living message
    mention         text    not null,             -- the Slack user a notice is for
    channel         text    not null,             -- the feedback's channel, which is routed to a Slack channel
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
    check (recheck_ms is null or recheck_from_ms is not null)
) strict;
create index outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null;
create index outbox_edits on outbox (slack_channel, rank, queued_ms) where ts is not null and shown < revision;
create index outbox_doubts on outbox (attempt_ms) where attempt_ms is not null;
create index outbox_rechecks on outbox (recheck_ms) where recheck_ms is not null;
create index outbox_former on outbox (key) where former_ts is not null;
create index outbox_paced on outbox (posted_ms) where posted_ms is not null;
create index outbox_notices on outbox (queued_ms) where notice is not null and ts is null and attempt_ms is null;
create index outbox_retries on outbox (retry_ms) where retry_ms > 0;

-- Until when Slack asked us to be silent, by method.
create table pause (
    method   text    not null primary key,
    until_ms integer not null
) strict;

-- When messages were edited in the last minute, so that a restart keeps the pace.
create table edit (
    id    integer not null primary key,
    at_ms integer not null
) strict;
create index edit_by_time on edit (at_ms);

-- The one row that a readiness check writes.
create table probe (
    id    integer not null primary key check (id = 1),
    at_ms integer not null
) strict;
