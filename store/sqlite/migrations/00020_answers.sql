-- +goose Up
-- The answers of a period, for the customers who gave them and for a day until a moment: through a
-- channel, and about an agent.
create index feedback_by_day on feedback (kind, channel, day);
create index feedback_by_agent_day on feedback (agent_id, agent_name, kind, day) where agent_id <> '' or agent_name <> '';

-- When a ticket was opened, for a day until a moment, and whether a reply or a solution cannot be
-- right. The next start fills both, because the rules of counting have changed.
alter table ticket_service add column opened_ms integer not null default 0;
alter table ticket_service add column mistaken integer not null default 0 check (mistaken in (0, 1));
