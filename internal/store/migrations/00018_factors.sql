-- +goose Up
-- The person behind an act: security keys and passkeys (WebAuthn) beside code generators, and who has to use a second factor when.

-- second_factors: of a key, secret_enc holds its name, public key and transports as one sealed document. The counters of wrong tries
-- stand on every factor of a person and are raised together.
ALTER TABLE second_factors
  DROP CONSTRAINT second_factors_kind_check,
  ADD CONSTRAINT second_factors_kind_check CHECK (kind IN ('TOTP', 'WEBAUTHN')),
  ADD COLUMN credential_id bytea, -- by which the browser names a key
  ADD COLUMN sign_count    bigint NOT NULL DEFAULT 0, -- of the key's last use; one that runs backwards was copied
  ADD COLUMN refused_at    timestamptz, -- the key was found to have been copied
  ADD CONSTRAINT second_factors_key CHECK ((kind = 'WEBAUTHN') = (credential_id IS NOT NULL));
CREATE UNIQUE INDEX second_factors_credential ON second_factors (credential_id) WHERE credential_id IS NOT NULL;

ALTER TABLE second_factor_checks
  DROP CONSTRAINT second_factor_checks_method_check,
  ADD CONSTRAINT second_factor_checks_method_check CHECK (method IN ('TOTP', 'RECOVERY', 'WEBAUTHN'));

-- key_challenges: what a browser was asked to sign, for one answer within five minutes.
CREATE TABLE key_challenges (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users (id),
  session_id uuid NOT NULL, -- the sign-in that asked
  purpose    text NOT NULL CHECK (purpose IN ('REGISTER', 'CHECK')),
  data       jsonb NOT NULL, -- the challenge and what it was asked of
  expires_at timestamptz NOT NULL
);
CREATE INDEX key_challenges_expires ON key_challenges (expires_at);

-- factor_rules: what an organisation asks of the holders of a role. organisations.second_factor_required stays for servers of the
-- version before, which may run beside for the length of an upgrade; nothing reads it any more.
CREATE TABLE factor_rules (
  organisation_id uuid NOT NULL REFERENCES organisations (id),
  role            text NOT NULL,
  at_acts         boolean NOT NULL DEFAULT false, -- taking an online follow-up (G-IH-06), and every signature
  sign_in_since   timestamptz, -- asked at every sign-in that began later; NULL: not asked
  PRIMARY KEY (organisation_id, role)
);
INSERT INTO factor_rules (organisation_id, role, at_acts)
SELECT o.id, r, true FROM organisations o, unnest(ARRAY['CONSULTANT', 'ATTENDING']) r WHERE o.second_factor_required;

ALTER TABLE auth_sessions
  ADD COLUMN factor    text NOT NULL DEFAULT '', -- with which the sign-in was confirmed
  ADD COLUMN factor_at timestamptz;

ALTER TABLE users ADD COLUMN factors_reset_at timestamptz; -- by an administrator; until something is set up again the person is told so

-- What an auditor reads: everything, newest first.
CREATE INDEX access_log_at ON access_log (at DESC, id DESC);
