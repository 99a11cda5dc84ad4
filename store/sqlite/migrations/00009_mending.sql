-- +goose Up
-- Messages beside the one of the row that Slack does not let be deleted; separated by
-- spaces.
alter table outbox add column stuck_ts text;
create index outbox_stuck on outbox (key) where stuck_ts is not null;

-- What the customer had said when the feedback was voided: a comment, a green answer.
alter table followup add column was_explained integer not null default 0 check (was_explained in (0, 1));
alter table followup add column was_happy integer not null default 0 check (was_happy in (0, 1));
update followup set was_explained = 1 where was_state <> '' and feedback_id in (select id from feedback where comment <> '');
