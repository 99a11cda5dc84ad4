-- +goose Up
-- A rating as its sender has it, when its scale is not ours.
alter table feedback add column rating_raw text not null default '';
