-- name: UserByUsername :one
SELECT * FROM users WHERE username = @username;

-- name: SignInUser :one
SELECT * FROM users WHERE id = @id;

-- name: LockUser :one
SELECT * FROM users WHERE id = @id FOR UPDATE;

-- name: CountFailedLogin :one
-- The fifth failure in a row locks for a minute, each further one for twice as long, at most an hour. A failure that
-- arrives while the account is locked changes nothing (no row).
UPDATE users SET failed_logins = failed_logins + 1,
  locked_until = CASE
    WHEN failed_logins < 4 THEN NULL
    WHEN failed_logins < 10 THEN sqlc.arg(at)::timestamptz + 2 ^ (failed_logins - 4) * interval '1 minute'
    ELSE sqlc.arg(at)::timestamptz + interval '1 hour' END
WHERE id = @id AND (locked_until IS NULL OR locked_until <= @at::timestamptz)
RETURNING failed_logins, locked_until;

-- name: ClearFailedLogins :exec
UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = @id AND (failed_logins > 0 OR locked_until IS NOT NULL);

-- name: CountFailedCheck :one
-- As CountFailedLogin, for a person who is signed in and is asked again.
UPDATE auth_sessions SET failed_checks = failed_checks + 1,
  checks_locked_until = CASE
    WHEN failed_checks < 4 THEN NULL
    WHEN failed_checks < 10 THEN sqlc.arg(at)::timestamptz + 2 ^ (failed_checks - 4) * interval '1 minute'
    ELSE sqlc.arg(at)::timestamptz + interval '1 hour' END
WHERE id = @id AND (checks_locked_until IS NULL OR checks_locked_until <= @at::timestamptz)
RETURNING checks_locked_until;

-- name: ClearFailedChecks :exec
UPDATE auth_sessions SET failed_checks = 0, checks_locked_until = NULL WHERE id = @id AND failed_checks > 0;

-- name: RehashPassword :exec
-- Only where the password has not changed meanwhile.
UPDATE users SET password_hash = @next WHERE id = @id AND password_hash = @current;

-- name: ChangePassword :execrows
UPDATE users SET password_hash = @next, must_change_password = false, password_changed_at = @at::timestamptz, failed_logins = 0,
  locked_until = NULL, updated_at = @at::timestamptz
WHERE id = @id AND password_hash = @current AND disabled_at IS NULL;

-- name: ResetPassword :execrows
UPDATE users SET password_hash = @hash, must_change_password = true, password_changed_at = @at::timestamptz, failed_logins = 0,
  locked_until = NULL, disabled_at = NULL, updated_at = @at::timestamptz
WHERE id = @id;

-- name: DisableUser :execrows
UPDATE users SET disabled_at = @at::timestamptz, updated_at = @at::timestamptz WHERE id = @id AND disabled_at IS NULL;

-- name: SetLocale :execrows
UPDATE users SET locale = @locale, updated_at = @at::timestamptz WHERE id = @id;

-- name: InsertAuthSession :exec
INSERT INTO auth_sessions (id, user_id, generation, rotated_at, created_at, expires_at, user_agent)
VALUES (@id, @user_id, 1, @at::timestamptz, @at::timestamptz, @expires_at, @user_agent);

-- name: AuthSession :one
SELECT * FROM auth_sessions WHERE id = @id;

-- name: LockAuthSession :one
SELECT * FROM auth_sessions WHERE id = @id FOR UPDATE;

-- name: RotateAuthSession :one
-- The compare-and-set of a refresh: of several at once exactly one gets a row. Life slides with each rotation, but not
-- beyond the absolute end. Rotations that follow each other within the grace of 30 s share its beginning.
UPDATE auth_sessions SET generation = generation + sqlc.arg(step)::integer,
  grace_from = CASE WHEN sqlc.arg(step)::integer > 1 THEN generation + sqlc.arg(step)::integer
                    WHEN rotated_at < sqlc.arg(burst)::timestamptz THEN generation
                    ELSE grace_from END,
  rotated_at = @at::timestamptz, user_agent = @user_agent,
  expires_at = CASE WHEN sqlc.arg(idle_end)::timestamptz < created_at + interval '30 days' THEN sqlc.arg(idle_end)::timestamptz
                    ELSE created_at + interval '30 days' END
WHERE id = @id AND generation = @generation AND revoked_at IS NULL AND expires_at > @at::timestamptz
RETURNING *;

-- name: RevokeAuthSession :execrows
UPDATE auth_sessions SET revoked_at = @at::timestamptz, revoke_code = @code WHERE id = @id AND revoked_at IS NULL;

-- name: RevokeAuthSessionsOf :many
-- All sign-ins of a user, but the one to keep (NULL: none is kept).
UPDATE auth_sessions SET revoked_at = @at::timestamptz, revoke_code = @code
WHERE user_id = @user_id AND revoked_at IS NULL AND id IS DISTINCT FROM sqlc.narg('keep')::uuid
RETURNING id;

-- name: PruneAuthSessions :execrows
-- Sign-ins that ended long ago, unless a socket's row still names them.
DELETE FROM auth_sessions a WHERE a.expires_at < @before::timestamptz
  AND NOT EXISTS (SELECT FROM signaling_sessions s WHERE s.auth_session_id = a.id);

-- name: SignedIn :one
SELECT u.id, u.username, u.display_name, u.locale, u.must_change_password, u.disabled_at, u.factors_reset_at, a.acting_as, a.expires_at, a.revoked_at,
  (a.factor_at IS NULL AND EXISTS (SELECT 1 FROM factor_rules r JOIN memberships m ON m.organisation_id = r.organisation_id AND m.role = r.role
    WHERE m.user_id = u.id AND r.sign_in_since <= a.created_at
      AND m.valid_from <= @at::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @at::timestamptz)))::boolean AS factor_due
FROM auth_sessions a JOIN users u ON u.id = a.user_id
WHERE a.id = @session_id AND a.user_id = @user_id;

-- name: MembershipsInForce :many
SELECT m.id, m.role, m.organisation_id, o.name AS organisation_name, o.kind AS organisation_kind, o.address AS organisation_address,
  m.department_id, coalesce(d.name, '')::text AS department_name
FROM memberships m
JOIN organisations o ON o.id = m.organisation_id AND o.active
LEFT JOIN departments d ON d.id = m.department_id
WHERE m.user_id = @user_id AND m.valid_from <= @at::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @at::timestamptz)
  AND (m.department_id IS NULL OR d.active)
ORDER BY m.valid_from, m.id;

-- name: LogSignIn :exec
INSERT INTO access_log (id, at, user_id, action, object_type, object_id, result)
VALUES (@id, @at, @user_id, @action, @object_type, @object_id, @result);
