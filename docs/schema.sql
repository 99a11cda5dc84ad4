-- The schema that the migrations make. Generated: go test ./store -run TestSchemaPage -update
-- Times are UTC milliseconds since 1970 in columns named …_ms, days are days since 1970-01-01, ids are UUIDv7.

CREATE TABLE agent (
    id  integer not null primary key,
    external_id   text    not null,
    name text    not null,
    last_day integer not null, -- the latest local day on which such a feedback counted
    unique (external_id, name),
    check (external_id <> '' or name <> '')
) strict;

CREATE TABLE covered (
    key         text not null, -- of the outbox
    feedback_id text not null references feedback (id),
    primary key (key, feedback_id)
) strict, without rowid;
CREATE INDEX covered_by_feedback on covered (feedback_id);

CREATE TABLE delivery (
    sender      text    not null,
    delivery_id text    not null,
    feedback_id text    not null,
    received_ms integer not null,
    primary key (sender, delivery_id)
) strict, without rowid;
CREATE INDEX delivery_by_age on delivery (received_ms);

CREATE TABLE edit (
    id    integer not null primary key,
    at_ms integer not null
) strict;
CREATE INDEX edit_by_time on edit (at_ms);

CREATE TABLE feedback (
    id                   text    not null primary key,
    sender               text    not null, -- who fired the webhook: feedback, helpscout, …
    channel              text    not null,
    kind                 text    not null check (kind = 'smiley' or kind = 'nps' or kind = 'csat' or kind = 'ces' or kind = 'nls' or kind = 'review'),
    external_id            text    not null, -- the sender's own name of what was rated
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
    suspect              integer not null check (suspect in (0, 1)), voided_ms integer, voided_by text not null default '', void_reason text not null default '' check ((void_reason = '') = (voided_ms is null)), confirmed integer not null default 0 check (confirmed in (0, 1)), at_risk integer not null default 0 check (at_risk in (0, 1)), risk_told integer not null default 0 check (risk_told in (0, 1)), forgotten_ms integer
    check (forgotten_ms is null or (comment = '' and customer_id = '' and customer_name = '' and customer_email = '')), rating_raw text not null default '', claims text not null default '', former integer not null default 0 check (former in (0, 1)),
    unique (sender, channel, kind, external_id),
    check (case kind
        when 'smiley' then rating between 1 and 3
        when 'ces' then rating between 1 and 7
        when 'csat' then rating between 1 and 5
        when 'review' then rating between 1 and 5
        else rating between 0 and 10 end)
) strict;
CREATE INDEX feedback_at_risk on feedback (customer_id) where at_risk = 1;
CREATE INDEX feedback_at_risk_email on feedback (lower(customer_email)) where at_risk = 1;
CREATE INDEX feedback_by_agent on feedback (agent_email, occurred_ms) where agent_email <> '';
CREATE INDEX feedback_by_agent_day on feedback (agent_id, agent_name, kind, day) where agent_id <> '' or agent_name <> '';
CREATE INDEX feedback_by_customer on feedback (customer_id, occurred_ms) where customer_id <> '';
CREATE INDEX feedback_by_day on feedback (kind, channel, day);
CREATE INDEX feedback_by_email on feedback (lower(customer_email), occurred_ms) where customer_email <> '';
CREATE INDEX feedback_by_ticket on feedback (sender, ticket_id) where ticket_id <> '';
CREATE INDEX feedback_commented on feedback (day) where comment <> '';
CREATE INDEX feedback_following on feedback (day) where follow_up_of <> '';
CREATE INDEX feedback_following_first on feedback (sender, follow_up_of) where follow_up_of <> '';
CREATE INDEX feedback_former on feedback (id) where former = 1;

CREATE TABLE "followup" (
    id             text    not null primary key,
    feedback_id    text    not null unique references feedback (id),
    state          text    not null check (state = 'open' or state = 'claimed' or state = 'snoozed' or state = 'done' or state = 'explained' or state = 'withdrawn'),
    claimer        text    not null, -- a Slack user
    outcome        text    not null,
    note           text    not null,
    opened_ms      integer not null, -- the latest opening
    due_ms         integer not null,
    openings       integer not null check (openings >= 1),
    snoozed_ms     integer,          -- the end of the latest snooze since it opened
    snoozes        integer not null default 0, -- since it opened
    reminded       integer not null default 0 check (reminded in (0, 1)),  -- it was said that it is due
    escalated      integer not null default 0 check (escalated in (0, 1)), -- the leads were told that it is overdue
    was_state      text    not null default '' check (was_state = '' or was_state = 'open' or was_state = 'claimed' or was_state = 'snoozed' or was_state = 'explained'), -- when its feedback was voided
    was_claimer    text    not null default '',
    was_snoozed_ms integer,
    changed_ms     integer not null,
    changed_by     text    not null, was_explained integer not null default 0 check (was_explained in (0, 1)), was_happy integer not null default 0 check (was_happy in (0, 1)), -- a Slack user, customer, or clock
    check (state <> 'claimed' or claimer <> ''),
    check (state in ('claimed', 'snoozed') or claimer = ''),
    check (state <> 'snoozed' or snoozed_ms is not null),
    check ((snoozes > 0) = (snoozed_ms is not null)),
    check ((state = 'done') = (outcome <> '')),
    check (note = '' or state = 'done'),
    check (was_state = '' or state = 'withdrawn')
) strict;
CREATE INDEX followup_by_end on followup (changed_ms) where state = 'done';
CREATE INDEX followup_by_opening on followup (opened_ms, state, due_ms, changed_ms);
CREATE INDEX followup_by_state on followup (state);
CREATE INDEX followup_claimed on followup (claimer, opened_ms) where claimer <> '';
CREATE INDEX followup_due on followup (due_ms) where state in ('open', 'claimed');
CREATE INDEX followup_queue on followup (opened_ms, id) where (state = 'open' or state = 'claimed' or state = 'snoozed');
CREATE INDEX followup_snoozed on followup (snoozed_ms) where state = 'snoozed';
CREATE INDEX followup_unreminded on followup (due_ms) where state in ('open', 'claimed') and reminded = 0;

CREATE TABLE forgotten (
    who   blob    not null primary key,
    at_ms integer not null
) strict, without rowid;

CREATE TABLE history (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    field       text    not null check (field in ('rating', 'comment')),
    old         text    not null,
    new         text    not null,
    occurred_ms integer not null,
    recorded_ms integer not null,
    applied     integer not null check (applied in (0, 1)) -- 0: it was older or said what was known
) strict;
CREATE INDEX history_by_feedback on history (feedback_id, occurred_ms);

CREATE TABLE home (
    person       text    not null primary key, -- a Slack user
    opened_ms    integer not null,
    published_ms integer not null default 0,
    waiting      text    not null default '',  -- a fingerprint of what it shows as waiting
    hash         text    not null default ''   -- Slack's name of the state of the view
) strict, without rowid;

CREATE TABLE import_change (
    feedback_id   text    not null,
    import_id     integer not null references import_run (id),
    before        text,             -- the feedback before, as JSON; null when the import created it
    after_print   integer not null, -- a fingerprint of the feedback after
    history_id    integer not null, -- later rows of history are of the import
    moderation_id integer not null, -- later moderations are of the import
    primary key (feedback_id, import_id)
) strict, without rowid;

CREATE TABLE import_run (
    id        integer not null primary key, -- the number of the import
    source    text    not null,             -- the name of its file
    at_ms     integer not null,
    changed   integer not null default 0,   -- how many rows changed something
    undone_ms integer
) strict;

CREATE TABLE kept (
    id          integer not null primary key,
    sender      text    not null,
    channel     text    not null,
    kind        text    not null,
    external_id text    not null,
    event       text    not null, -- JSON
    received_ms integer not null,
    who_id      blob, -- hashes of the customer, as in forgotten; null when it is not known
    who_email   blob
) strict;
CREATE INDEX kept_by_age on kept (received_ms);
CREATE INDEX kept_by_customer on kept (who_id) where who_id is not null;
CREATE INDEX kept_by_email on kept (who_email) where who_email is not null;
CREATE INDEX kept_by_key on kept (sender, channel, kind, external_id);

CREATE TABLE lease (
    duty   text    not null primary key,
    holder text    not null, -- the name of a bot, '' when it was released
    term   integer not null, -- counts the holders
    beat   integer not null  -- rises while the holder is alive
) strict;

CREATE TABLE "moderation" (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    at_ms       integer not null,
    actor     text    not null, -- a Slack user, or import
    action        text    not null check (action in ('confirm', 'void', 'restore')),
    reason      text    not null
, revision integer not null default 0) strict;
CREATE INDEX moderation_by_feedback on moderation (feedback_id, id);

CREATE TABLE "outbox" (
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
    retry_ms        integer not null default 0, erasure text not null default '' check (erasure = '' or erasure = 'wanted' or erasure = 'failed'), stuck_ts text, withheld integer not null default 0,   -- not before
    check ((ts is null) = (shown = 0)),
    check (attempt_ms is null or ts is null),
    check (doubt_ms is null or attempt_ms is not null),
    check (recheck_ms is null or recheck_from_ms is not null),
    check (feedback_id is not null or (notice is not null and channel = ''))
) strict;
CREATE INDEX outbox_by_feedback on outbox (feedback_id);
CREATE INDEX outbox_doubts on outbox (attempt_ms) where attempt_ms is not null;
CREATE INDEX outbox_edits on outbox (slack_channel, rank, queued_ms) where ts is not null and shown < revision;
CREATE INDEX outbox_erasures on outbox (key) where erasure <> '';
CREATE INDEX outbox_former on outbox (key) where former_ts is not null;
CREATE INDEX outbox_notices on outbox (queued_ms) where notice is not null and ts is null and attempt_ms is null;
CREATE INDEX outbox_paced on outbox (posted_ms) where posted_ms is not null;
CREATE INDEX outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null and withheld < revision;
CREATE INDEX outbox_rechecks on outbox (recheck_ms) where recheck_ms is not null;
CREATE INDEX outbox_retries on outbox (retry_ms) where retry_ms > 0;
CREATE INDEX outbox_stuck on outbox (key) where stuck_ts is not null;

CREATE TABLE outgoing (
    id          integer not null primary key,
    event_id    text    not null unique, -- a UUIDv7; the same at every attempt
    feedback_id text    not null references feedback (id),
    type        text    not null check (type in ('followup.opened', 'followup.claimed', 'followup.done', 'followup.explained')),
    body        text    not null,        -- as it is sent
    at_ms       integer not null,
    attempts    integer not null default 0,
    retry_ms    integer not null default 0, -- not before
    poison       integer not null default 0 check (poison in (0, 1)) -- it failed for a reason of its own
) strict;
CREATE INDEX outgoing_by_feedback on outgoing (feedback_id, id);

CREATE TABLE pause (
    method   text    not null primary key,
    until_ms integer not null
) strict;

CREATE TABLE payload (
    id          integer not null primary key,
    feedback_id text    not null,
    received_ms integer not null,
    body        blob    not null
) strict;
CREATE INDEX payload_by_age on payload (received_ms);
CREATE INDEX payload_by_feedback on payload (feedback_id);

CREATE TABLE payload_also (
    feedback_id text    not null,
    payload_id  integer not null references payload (id) on delete cascade,
    primary key (feedback_id, payload_id)
) strict, without rowid;
CREATE INDEX payload_also_by_payload on payload_also (payload_id);

CREATE TABLE probe (
    id    integer not null primary key check (id = 1),
    at_ms integer not null
) strict;

CREATE TABLE pull (
    sender       text    not null primary key,
    source       text    not null,            -- what is read, without secrets; when another is set, all begins anew
    cursor       text    not null default '', -- up to where the site was read, in the site's words
    began_ms     integer not null,            -- of the first pull of this source
    history_ms   integer,                     -- when all that was there at first had been read; null until then
    complete_ms  integer,                     -- of the last pull that read everything; null before
    succeeded_ms integer,                     -- of the last pull that succeeded; null before
    next_ms      integer not null,            -- no request before
    failures     integer not null default 0,  -- in a row
    reason       text    not null default ''  -- of the last failure; '' after a success
) strict, without rowid;

CREATE TABLE pull_review (
    sender     text    not null,
    review     text    not null, -- its id
    missing_ms integer,          -- since when the site has it no more; null while it is there
    primary key (sender, review)
) strict, without rowid;

CREATE TABLE recheck (
    id      integer not null primary key check (id = 1),
    last_id text    not null -- the last feedback that is done
) strict;

CREATE TABLE recount (
    id         integer not null primary key check (id = 1),
    zone       text    not null, -- the settings that it counts by, as in tally_settings and service_rules
    rules      text    not null,
    pass       integer not null, -- its pass through the feedback, from 0
    done       integer not null, -- how many rows of the pass are done
    sender     text    not null, -- the last row that is done: of a ticket its sender,
    last_id    text    not null  -- and its id; or the id of a feedback
) strict;

CREATE TABLE refusal (
    id          integer not null primary key,
    sender      text    not null,
    status      integer not null check (status in (400, 422)),
    detail      text    not null, -- what was wrong, without the sender's values
    received_ms integer not null,
    body        blob    not null
) strict;

CREATE TABLE routine (
    name    text    not null primary key,
    done_ms integer not null,
    told    integer not null default 0 check (told in (0, 1)) -- of the alert: that the drop it found is still the same
) strict, without rowid;

CREATE TABLE service_rules (
    id    integer not null primary key check (id = 1),
    rules text    not null
) strict;

CREATE TABLE tally (
    kind    text    not null,
    unit    text    not null check (unit in ('day', 'month')),
    channel text    not null, -- '' is all channels
    agent   integer not null, -- agent.ref, 0 is everybody
    period_start   integer not null, -- the day, in days since 1970-01-01, or the month, in months since the year 0
    voided  integer not null,
    v0      integer not null, -- how many gave a 0; for smileys 1 is red, 2 yellow, 3 green
    v1      integer not null,
    v2      integer not null,
    v3      integer not null,
    v4      integer not null,
    v5      integer not null,
    v6      integer not null,
    v7      integer not null,
    v8      integer not null,
    v9      integer not null,
    v10     integer not null,
    primary key (kind, unit, channel, agent, period_start)
) strict, without rowid;
CREATE INDEX tally_by_agent on tally (agent) where agent <> 0;

CREATE TABLE "tally_settings" (
    id   integer not null primary key check (id = 1),
    zone text    not null
) strict;

CREATE TABLE ticket_service (
    sender      text    not null,
    ticket_id   text    not null,
    day         integer not null, -- the local day of the opening, in days since 1970-01-01
    first_reply integer, -- whole office minutes after the opening; null is unknown, here and below
    resolution  integer,
    within_4h   integer check (within_4h in (0, 1)),
    same_day    integer check (same_day in (0, 1)),
    one_reply   integer check (one_reply in (0, 1)),
    scopes      text    not null, opened_ms integer not null default 0, mistaken integer not null default 0 check (mistaken in (0, 1)), -- the channel and agent of each rating: [["chat", "a-7"]]
    primary key (day, sender, ticket_id)
) strict, without rowid;
CREATE UNIQUE INDEX ticket_service_by_ticket on ticket_service (sender, ticket_id);

CREATE TABLE ticket_service_day (
    day     integer not null primary key,
    version integer not null
) strict;

CREATE TABLE "transition" (
    id          integer not null primary key,
    followup_id text    not null references "followup" (id),
    at_ms       integer not null,
    made_by     text    not null,
    from_state  text    not null, -- '' for none
    to_state    text    not null,
    claimer     text    not null default '', -- who is on it from then on; not known before this column was
    outcome     text    not null,
    note        text    not null
, revision integer not null default 0) strict;
CREATE INDEX transition_by_followup on transition (followup_id, id);
