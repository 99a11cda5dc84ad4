-- +goose Up
-- Reviews are pulled from sites that send no webhooks.

-- How far the pull of a sender is.
create table pull (
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

-- The reviews that a site had, for sites of which everything is read.
create table pull_review (
    sender     text    not null,
    review     text    not null, -- its id
    missing_ms integer,          -- since when the site has it no more; null while it is there
    primary key (sender, review)
) strict, without rowid;
