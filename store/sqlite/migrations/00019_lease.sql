-- +goose Up
-- Which bot does what may be done once, and, with a duty of its own, that a bot is there.
create table lease (
    duty   text    not null primary key,
    holder text    not null, -- the name of a bot, '' when it was released
    term   integer not null, -- counts the holders
    beat   integer not null  -- rises while the holder is alive
) strict;
