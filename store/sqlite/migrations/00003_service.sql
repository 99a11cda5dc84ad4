-- +goose Up
-- How rated tickets were served, counted ahead of the question: blobs as
-- feedback.ServiceCount encodes them. '' is every channel, every agent.
create table service (
    id      integer not null primary key,
    channel text    not null,
    agent   text    not null,
    unit    text    not null check (unit in ('day', 'month')),
    first   integer not null, -- the local day in days since 1970-01-01, or the month in months since the year 0
    counts  blob    not null,
    unique (channel, agent, unit, first)
) strict;

-- Tickets that count, or count no longer, and are not in service yet: blobs as
-- feedback.EncodeServed writes them. Many are counted at once, because a blob
-- costs the same to write for one as for a hundred.
create table service_change (
    id      integer not null primary key,
    month   integer not null,
    n       integer not null, -- how many tickets
    changes blob    not null
) strict;
create index service_change_by_month on service_change (month);

-- The one row that says by which office hours service was counted.
create table service_rules (
    id    integer not null primary key check (id = 1),
    rules text    not null
) strict;

-- All ratings of a ticket, and all of a customer.
create index feedback_by_ticket on feedback (sender, ticket_id) where ticket_id <> '';
create index feedback_by_customer on feedback (customer_id, occurred_ms) where customer_id <> '';
create index feedback_by_email on feedback (lower(customer_email), occurred_ms) where customer_email <> '';
