-- +goose Up
-- Which bot does what may be done once, and, with a duty of its own, that a bot is there.
create table lease (
    duty   text collate "C" not null primary key,
    holder text collate "C" not null, -- the name of a bot, '' when it was released
    term   bigint           not null, -- counts the holders
    beat   bigint           not null  -- rises while the holder is alive
);
