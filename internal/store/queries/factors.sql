-- The second factor of a person ------------------------------------------------------------------------------------------

-- name: FactorDemanded :one
-- Whether the account has a second factor, and whether a role that the person holds in these organisations asks for one: at acts or at
-- the sign-in. One that was refused as copied still asks: a recovery code, or an administrator, helps.
SELECT EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = @user_id AND f.confirmed_at IS NOT NULL)::boolean AS enrolled,
  EXISTS (SELECT 1 FROM factor_rules r JOIN memberships m ON m.organisation_id = r.organisation_id AND m.role = r.role
    WHERE m.user_id = @user_id AND r.organisation_id = ANY (@organisations::uuid[]) AND r.at_acts
      AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))::boolean AS at_acts,
  EXISTS (SELECT 1 FROM factor_rules r JOIN memberships m ON m.organisation_id = r.organisation_id AND m.role = r.role
    WHERE m.user_id = @user_id AND r.organisation_id = ANY (@organisations::uuid[]) AND r.sign_in_since IS NOT NULL
      AND m.valid_from <= @now::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))::boolean AS at_sign_in;

-- name: FactorsOf :many
-- What the person has set up and confirmed, the oldest first.
SELECT * FROM second_factors WHERE user_id = @user_id AND confirmed_at IS NOT NULL ORDER BY confirmed_at, id;

-- name: LockPerson :exec
-- Changes of what a person has set up come one after the other.
SELECT 1 FROM users WHERE id = @user_id FOR UPDATE;

-- name: TOTPOf :one
SELECT * FROM second_factors WHERE user_id = @user_id AND kind = 'TOTP';

-- name: BeginTOTP :execrows
-- One that was begun and never confirmed gives way.
INSERT INTO second_factors (id, user_id, kind, secret_enc, created_at) VALUES (@id, @user_id, 'TOTP', @secret_enc, @now)
ON CONFLICT (user_id) WHERE kind = 'TOTP' DO UPDATE SET id = @id, secret_enc = @secret_enc, created_at = @now, last_step = 0
  WHERE second_factors.confirmed_at IS NULL;

-- name: ConfirmTOTP :exec
UPDATE second_factors SET confirmed_at = @now WHERE id = @id;

-- name: UseTOTP :execrows
-- A code is used once: its step is later than the last one.
UPDATE second_factors SET last_step = @step, last_used_at = @now WHERE id = @id AND last_step < @step;

-- name: RemoveTOTP :execrows
DELETE FROM second_factors WHERE user_id = @user_id AND kind = 'TOTP';

-- name: AddKey :exec
INSERT INTO second_factors (id, user_id, kind, secret_enc, credential_id, sign_count, created_at, confirmed_at)
VALUES (@id, @user_id, 'WEBAUTHN', @secret_enc, @credential_id, @sign_count, @now::timestamptz, @now::timestamptz);

-- name: KeyOf :one
SELECT * FROM second_factors WHERE id = @id AND user_id = @user_id AND kind = 'WEBAUTHN' FOR UPDATE;

-- name: KeyByCredential :one
SELECT * FROM second_factors WHERE credential_id = @credential_id AND user_id = @user_id AND kind = 'WEBAUTHN' FOR UPDATE;

-- name: UseKey :execrows
-- The counter only rises; keys that do not count say zero each time.
UPDATE second_factors SET sign_count = @sign_count, secret_enc = @secret_enc, last_used_at = @now::timestamptz
WHERE id = @id AND refused_at IS NULL AND (sign_count < @sign_count OR sign_count = 0 AND @sign_count = 0);

-- name: RefuseKey :exec
UPDATE second_factors SET refused_at = @now WHERE id = @id AND refused_at IS NULL;

-- name: RenameKey :exec
UPDATE second_factors SET secret_enc = @secret_enc WHERE id = @id;

-- name: RemoveKey :exec
DELETE FROM second_factors WHERE id = @id;

-- name: AddKeyChallenge :exec
INSERT INTO key_challenges (id, user_id, session_id, purpose, data, expires_at) VALUES (@id, @user_id, @session_id, @purpose, @data, @expires_at);

-- name: TakeKeyChallenge :one
-- A challenge is answered once, in the sign-in that asked for it.
DELETE FROM key_challenges WHERE id = @id AND user_id = @user_id AND session_id = @session_id AND purpose = @purpose AND expires_at > @now::timestamptz
RETURNING data;

-- name: DropKeyRegistrations :exec
-- As DropUnconfirmed, for keys that were asked for.
DELETE FROM key_challenges WHERE user_id = @user_id AND purpose = 'REGISTER';

-- name: PruneKeyChallenges :execrows
DELETE FROM key_challenges WHERE expires_at < @before;

-- name: FactorLock :one
SELECT locked_until FROM second_factors WHERE user_id = @user_id ORDER BY locked_until DESC NULLS LAST LIMIT 1;

-- name: CountFailedFactor :one
-- As wrong passwords, but for the person and not for a sign-in: whoever has the password opens as many sign-ins as he likes.
-- Every factor of the person counts on.
UPDATE second_factors SET failed = failed + 1, locked_until = CASE
    WHEN failed < 4 THEN NULL
    WHEN failed < 10 THEN sqlc.arg(at)::timestamptz + 2 ^ (failed - 4) * interval '1 minute'
    ELSE sqlc.arg(at)::timestamptz + interval '1 hour' END
WHERE user_id = @user_id AND (locked_until IS NULL OR locked_until <= @at::timestamptz)
RETURNING locked_until;

-- name: ClearFailedFactor :exec
UPDATE second_factors SET failed = 0, locked_until = NULL WHERE user_id = @user_id AND failed > 0;

-- name: RemoveFactors :execrows
DELETE FROM second_factors WHERE user_id = @user_id;

-- name: AddRecovery :exec
INSERT INTO recovery_codes (id, user_id, code_hmac) VALUES (@id, @user_id, @code_hmac);

-- name: RemoveRecovery :exec
DELETE FROM recovery_codes WHERE user_id = @user_id;

-- name: UseRecovery :execrows
UPDATE recovery_codes SET used_at = @now WHERE user_id = @user_id AND code_hmac = ANY (@hashes::bytea[]) AND used_at IS NULL;

-- name: RecoveryLeft :one
SELECT count(*) FROM recovery_codes WHERE user_id = @user_id AND used_at IS NULL;

-- name: SignInConfirmed :exec
UPDATE auth_sessions SET factor = @method, factor_at = @now WHERE id = @id AND revoked_at IS NULL;

-- name: SetFactorRule :exec
-- A sign-in rule that stands keeps its beginning.
INSERT INTO factor_rules (organisation_id, role, at_acts, sign_in_since)
VALUES (@organisation_id, @role, @at_acts, CASE WHEN sqlc.arg(at_sign_in)::boolean THEN @now::timestamptz END)
ON CONFLICT (organisation_id, role) DO UPDATE SET at_acts = @at_acts,
  sign_in_since = CASE WHEN sqlc.arg(at_sign_in)::boolean THEN coalesce(factor_rules.sign_in_since, @now::timestamptz) END;

-- name: FactorRulesOf :many
SELECT * FROM factor_rules WHERE organisation_id = ANY (@organisations::uuid[]) AND (at_acts OR sign_in_since IS NOT NULL) ORDER BY organisation_id, role;

-- name: FactorsHeld :many
-- Who of these people has a second factor.
SELECT DISTINCT user_id FROM second_factors WHERE user_id = ANY (@users::uuid[]) AND confirmed_at IS NOT NULL;

-- name: DropUnconfirmed :exec
-- Nothing that was begun before the first factor was set up may be finished after it.
DELETE FROM second_factors WHERE user_id = @user_id AND confirmed_at IS NULL;

-- name: SetFactorsReset :exec
UPDATE users SET factors_reset_at = sqlc.narg(at) WHERE id = @user_id AND factors_reset_at IS DISTINCT FROM sqlc.narg(at);
