-- +goose Up
-- export_jobs.acting_as: the role in which the sign-in acted that asked; NULL: in all roles of the person.
ALTER TABLE export_jobs ADD COLUMN acting_as uuid REFERENCES memberships (id);
