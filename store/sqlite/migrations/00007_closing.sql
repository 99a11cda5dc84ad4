-- +goose Up
-- A suspect click that a person has confirmed is not suspect again. at_risk marks the
-- answers that put their customer at risk, risk_told those of a streak that the leads
-- were told of. forgotten_ms is when what it told of its customer was erased.
alter table feedback add column confirmed integer not null default 0 check (confirmed in (0, 1));
alter table feedback add column at_risk integer not null default 0 check (at_risk in (0, 1));
alter table feedback add column risk_told integer not null default 0 check (risk_told in (0, 1));
alter table feedback add column forgotten_ms integer
    check (forgotten_ms is null or (comment = '' and customer_id = '' and customer_name = '' and customer_email = ''));
create index feedback_at_risk on feedback (customer_id) where at_risk = 1;
create index feedback_at_risk_email on feedback (lower(customer_email)) where at_risk = 1;
create index feedback_following_first on feedback (sender, follow_up_of) where follow_up_of <> '';

-- What people said of whether a feedback counts.
create table act (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    at_ms       integer not null,
    made_by     text    not null, -- a Slack user, or import
    what        text    not null check (what in ('confirm', 'void', 'restore')),
    reason      text    not null
) strict;
create index act_by_feedback on act (feedback_id, id);

-- A follow-up can be snoozed. Both tables are made anew, because the states of the one
-- are checked and the other refers to it.
create table followup_snoozable (
    id             text    not null primary key,
    feedback_id    text    not null unique references feedback (id),
    state          text    not null check (state in ('open', 'claimed', 'snoozed', 'done', 'explained', 'withdrawn')),
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
    was_state      text    not null default '' check (was_state in ('', 'open', 'claimed', 'snoozed', 'explained')), -- when its feedback was voided
    was_claimer    text    not null default '',
    was_snoozed_ms integer,
    changed_ms     integer not null,
    changed_by     text    not null, -- a Slack user, customer, or clock
    check (state <> 'claimed' or claimer <> ''),
    check (state in ('claimed', 'snoozed') or claimer = ''),
    check (state <> 'snoozed' or snoozed_ms is not null),
    check ((snoozes > 0) = (snoozed_ms is not null)),
    check ((state = 'done') = (outcome <> '')),
    check (note = '' or state = 'done'),
    check (was_state = '' or state = 'withdrawn')
) strict;
insert into followup_snoozable (id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings, changed_ms, changed_by)
select id, feedback_id, state, claimer, outcome, note, opened_ms, due_ms, openings, changed_ms, changed_by from followup;
create table transition_claimed (
    id          integer not null primary key,
    followup_id text    not null references followup_snoozable (id),
    at_ms       integer not null,
    made_by     text    not null,
    from_state  text    not null, -- '' for none
    to_state    text    not null,
    claimer     text    not null default '', -- who is on it from then on; not known before this column was
    outcome     text    not null,
    note        text    not null
) strict;
insert into transition_claimed (id, followup_id, at_ms, made_by, from_state, to_state, claimer, outcome, note)
select id, followup_id, at_ms, made_by, from_state, to_state, case to_state when 'claimed' then made_by else '' end, outcome, note from transition;
drop table transition;
drop table followup;
alter table followup_snoozable rename to followup;
alter table transition_claimed rename to transition;
create index transition_by_followup on transition (followup_id, id);
create index followup_queue on followup (opened_ms, id) where state in ('open', 'claimed', 'snoozed');
create index followup_by_state on followup (state);
create index followup_claimed on followup (claimer, opened_ms) where claimer <> '';
create index followup_due on followup (due_ms) where state in ('open', 'claimed');
create index followup_by_opening on followup (opened_ms, state, due_ms, changed_ms);
create index followup_by_end on followup (changed_ms) where state = 'done';
create index followup_unreminded on followup (due_ms) where state in ('open', 'claimed') and reminded = 0;
create index followup_snoozed on followup (snoozed_ms) where state = 'snoozed';

-- The feedback that a bulletin is about.
create table covered (
    key         text not null, -- of the outbox
    feedback_id text not null references feedback (id),
    primary key (key, feedback_id)
) strict, without rowid;
create index covered_by_feedback on covered (feedback_id);

-- An erasure is an edit that takes what was personal out of a message. What Slack does
-- not let be edited is deleted instead; what it does not let be deleted either is kept
-- here, to be told.
alter table outbox add column erasure text not null default '' check (erasure in ('', 'wanted', 'failed'));
create index outbox_notices_of on outbox (feedback_id) where notice is not null;
create index outbox_erasures on outbox (key) where erasure <> '';

-- Customers who were forgotten, by a hash, for as long as senders may repeat old events.
create table forgotten (
    who   blob    not null primary key,
    at_ms integer not null
) strict, without rowid;
