-- +goose Up
-- Events that came before the first rating of their feedback: a comment, or a deletion.
create table kept (
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
create index kept_by_key on kept (sender, channel, kind, external_id);
create index kept_by_age on kept (received_ms);
create index kept_by_customer on kept (who_id) where who_id is not null;
create index kept_by_email on kept (who_email) where who_email is not null;

-- What the events of a feedback said of its agent, its customer and its rating, in JSON; '' of a feedback of a
-- single event. Who they are depends on events that may arrive later.
alter table feedback add column claims text not null default '';
-- 1 when the claims name a customer by an id or an address that customer_id and customer_email do not have.
alter table feedback add column former integer not null default 0 check (former in (0, 1));
create index feedback_former on feedback (id) where former = 1;
