-- +goose Up
-- export_jobs.acting_as: the role in which the sign-in acted that asked; NULL: in all roles of the person.
ALTER TABLE export_jobs ADD COLUMN acting_as uuid REFERENCES memberships (id);

-- membership_invitations: a role that is offered to somebody who belongs to another organisation. It gives nothing until the person accepts it.
CREATE TABLE membership_invitations (
  id              uuid PRIMARY KEY,
  username        text NOT NULL, -- as it was entered
  user_id         uuid REFERENCES users (id), -- whose user name it was then; NULL: nobody's, which whoever invites cannot tell
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  department_id   uuid REFERENCES departments (id),
  role            text NOT NULL,
  licence_enc     bytea, -- the licence that is entered with the role
  invited_by      uuid NOT NULL REFERENCES users (id),
  invited_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL CHECK (expires_at > invited_at),
  state           text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED')),
  closed_at       timestamptz CHECK ((closed_at IS NULL) = (state = 'OPEN')),
  membership_id   uuid REFERENCES memberships (id) CHECK ((membership_id IS NOT NULL) = (state = 'ACCEPTED'))
);
CREATE UNIQUE INDEX membership_invitations_one ON membership_invitations (organisation_id, username, role, coalesce(department_id, organisation_id)) WHERE state = 'OPEN';
CREATE INDEX membership_invitations_person ON membership_invitations (user_id) WHERE state = 'OPEN';
CREATE INDEX membership_invitations_organisation ON membership_invitations (organisation_id, invited_at DESC);
