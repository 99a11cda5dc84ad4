-- +goose Up
-- Reviews are pulled from sites that send no webhooks.

-- How far the pull of a sender is.
create table pull (
    sender       text   collate "C" not null primary key,
    source       text   collate "C" not null,            -- what is read, without secrets; when another is set, all begins anew
    cursor       text   collate "C" not null default '', -- up to where the site was read, in the site's words
    began_ms     bigint not null,                        -- of the first pull of this source
    history_ms   bigint,                                 -- when all that was there at first had been read; null until then
    complete_ms  bigint,                                 -- of the last pull that read everything; null before
    succeeded_ms bigint,                                 -- of the last pull that succeeded; null before
    next_ms      bigint not null,                        -- no request before
    failures     bigint not null default 0,              -- in a row
    reason       text   collate "C" not null default ''  -- of the last failure; '' after a success
);

-- The reviews that a site had, for sites of which everything is read.
create table pull_review (
    sender     text   collate "C" not null,
    review     text   collate "C" not null, -- its id
    missing_ms bigint,                      -- since when the site has it no more; null while it is there
    primary key (sender, review)
);
