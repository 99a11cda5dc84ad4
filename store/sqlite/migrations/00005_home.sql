-- +goose Up
-- People who have opened their Home tab, and what it shows them.
create table home (
    person       text    not null primary key, -- a Slack user
    opened_ms    integer not null,
    published_ms integer not null default 0,
    waiting      text    not null default '',  -- a fingerprint of what it shows as waiting
    hash         text    not null default ''   -- Slack's name of the state of the view
) strict, without rowid;

-- What waits for one person.
create index followup_claimed on followup (claimer, opened_ms) where state = 'claimed';

-- The latest ratings of one person's answers.
create index feedback_by_agent on feedback (agent_email, occurred_ms) where agent_email <> '';
