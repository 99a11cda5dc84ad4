-- +goose Up
-- Names that say what they are. Nothing but names changes.

-- The sender's id of what was rated; it read as the id of the sender.
alter table feedback rename column sender_id to external_id;

-- A moderation: an action on a feedback, and who took it.
alter table act rename column what to action;
alter table act rename column made_by to actor;
alter table act rename to moderation;
drop index act_by_feedback;
create index moderation_by_feedback on moderation (feedback_id, id);

-- The first day of a tally's period, or its month.
alter table tally rename column first to period_start;

-- An agent's own row number, the sender's id of the agent, and the latest local day on
-- which a feedback about the agent counted.
alter table agent rename column id to external_id;
alter table agent rename column ref to id;
alter table agent rename column seen to last_day;

-- The settings that the tallies were computed with.
alter table counted rename to tally_settings;

-- An event that the ticket system rejects while it accepts others.
alter table outgoing rename column aside to poison;
