-- name: AppendAccessFor :exec
-- An access that needs a word: why, or with which result.
INSERT INTO access_log (id, at, user_id, role, action, object_type, object_id, result, reason_enc, resident_id)
VALUES (@id, @at, @user_id, @role, @action, @object_type, @object_id, @result, sqlc.narg(reason_enc), sqlc.narg(resident_id));

-- name: Accesses :many
-- Openings of residents' records that concern some institutions: records of theirs, and what their own people opened elsewhere.
WITH found AS (
  (SELECT l.id, l.at FROM access_log l WHERE l.organisation_id = ANY (@organisations::uuid[]) AND l.resident_id IS NOT NULL
    AND (sqlc.narg(resident)::uuid IS NULL OR l.resident_id = sqlc.narg(resident)) AND (sqlc.narg(person)::uuid IS NULL OR l.user_id = sqlc.narg(person))
    AND (sqlc.narg(since)::timestamptz IS NULL OR l.at >= sqlc.narg(since)) AND (sqlc.narg(before)::timestamptz IS NULL OR l.at < sqlc.narg(before))
    AND (NOT @emergency::boolean OR l.result = 'BREAK_GLASS')
    AND (sqlc.narg(after_at)::timestamptz IS NULL OR (l.at, l.id) < (sqlc.narg(after_at), @after_id::uuid))
    ORDER BY l.at DESC, l.id DESC LIMIT @page_size)
  UNION
  (SELECT l.id, l.at FROM access_log l WHERE l.actor_org_id = ANY (@organisations::uuid[]) AND l.resident_id IS NOT NULL
    AND (sqlc.narg(resident)::uuid IS NULL OR l.resident_id = sqlc.narg(resident)) AND (sqlc.narg(person)::uuid IS NULL OR l.user_id = sqlc.narg(person))
    AND (sqlc.narg(since)::timestamptz IS NULL OR l.at >= sqlc.narg(since)) AND (sqlc.narg(before)::timestamptz IS NULL OR l.at < sqlc.narg(before))
    AND (NOT @emergency::boolean OR l.result = 'BREAK_GLASS')
    AND (sqlc.narg(after_at)::timestamptz IS NULL OR (l.at, l.id) < (sqlc.narg(after_at), @after_id::uuid))
    ORDER BY l.at DESC, l.id DESC LIMIT @page_size)
)
SELECT l.id, l.at, l.user_id, coalesce(u.display_name, '')::text AS user_name, coalesce(o.name, '')::text AS user_organisation, l.role, l.action, l.object_type, l.object_id,
  l.result, l.reason_enc, r.id AS resident_id, r.name_enc, r.bed, coalesce(c.serial, '')::text AS serial
FROM found f JOIN access_log l ON l.id = f.id JOIN residents r ON r.id = l.resident_id
LEFT JOIN users u ON u.id = l.user_id LEFT JOIN organisations o ON o.id = l.actor_org_id
LEFT JOIN consultations c ON l.object_type = 'consultation' AND c.id = l.object_id
ORDER BY l.at DESC, l.id DESC LIMIT @page_size;

-- name: ResidentByID :one
SELECT * FROM residents WHERE id = @id;

-- name: CurrentResidentByIdentity :many
SELECT id FROM residents WHERE identity_number_hmac = ANY (@hashes::bytea[]) AND left_on IS NULL ORDER BY id LIMIT 2;

-- name: ResidentBySerial :one
SELECT resident_id FROM consultations WHERE serial = @serial;

-- name: EmergencySearches :one
-- How often somebody has asked for a stranger's record since an instant, found or not.
SELECT count(*) FROM access_log WHERE user_id = @user_id AND action = 'openBreakGlass' AND at > sqlc.arg(since)::timestamptz;

-- name: AddBreakGlass :exec
INSERT INTO break_glass (id, user_id, role, actor_org_id, resident_id, organisation_id, reason_enc, opened_at, expires_at)
VALUES (@id, @user_id, @role, @actor_org_id, @resident_id, @organisation_id, @reason_enc, @opened_at, @expires_at);

-- name: BreakGlassByID :one
SELECT * FROM break_glass WHERE id = @id;

-- name: LockBreakGlass :one
SELECT * FROM break_glass WHERE id = @id FOR UPDATE;

-- name: BreakGlassInForce :one
-- The role in which somebody has broken the glass of a resident's record, while it holds: not after it was found to be unjustified.
SELECT role FROM break_glass WHERE user_id = @user_id AND resident_id = @resident_id AND opened_at <= sqlc.arg(now)::timestamptz AND expires_at > sqlc.arg(now)::timestamptz
  AND justified IS NOT FALSE
ORDER BY opened_at DESC LIMIT 1;

-- name: ReviewBreakGlass :execrows
UPDATE break_glass SET reviewed_by = @reviewed_by, reviewed_at = @now, justified = @justified, note_enc = @note_enc WHERE id = @id AND reviewed_at IS NULL;

-- name: BreakGlasses :many
-- What was broken at some institutions, the unreviewed first, then the newest.
SELECT g.*, u.display_name AS user_name, o.name AS user_organisation, r.name_enc, r.bed, coalesce(v.display_name, '')::text AS reviewer,
  (SELECT count(*) FROM access_log l WHERE l.resident_id = g.resident_id AND l.user_id = g.user_id AND l.result = 'BREAK_GLASS'
    AND l.at >= g.opened_at AND l.at <= g.expires_at) AS opened
FROM break_glass g JOIN users u ON u.id = g.user_id JOIN organisations o ON o.id = g.actor_org_id JOIN residents r ON r.id = g.resident_id
LEFT JOIN users v ON v.id = g.reviewed_by
WHERE g.organisation_id = ANY (@organisations::uuid[])
ORDER BY g.reviewed_at IS NOT NULL, g.opened_at DESC LIMIT 200;

-- name: InstitutionAdministrators :many
SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.organisation_id = @organisation_id AND m.role = 'INST_ADMIN' AND u.disabled_at IS NULL
  AND m.valid_from <= sqlc.arg(now)::timestamptz AND (m.valid_to IS NULL OR m.valid_to > sqlc.arg(now)::timestamptz);

-- name: AuditRows :many
-- The whole log for an auditor, newest first: openings of records (ACCESS), signing in and accounts (SECURITY), and what administrators
-- and people at work did besides (WORK). What it was done to is named, a resident by the sealed name; nothing clinical is in it.
SELECT l.id, l.at, l.user_id, coalesce(u.display_name, '')::text AS user_name, coalesce(w.name, '')::text AS user_organisation, l.role, l.action,
  l.object_type, l.result, coalesce(t.display_name, o.name, c.serial, '')::text AS object, r.id AS resident_id, r.name_enc
FROM access_log l
LEFT JOIN users u ON u.id = l.user_id LEFT JOIN organisations w ON w.id = l.actor_org_id
LEFT JOIN users t ON l.object_type = 'user' AND t.id = l.object_id
LEFT JOIN organisations o ON l.object_type = 'organisation' AND o.id = l.object_id
LEFT JOIN consultations c ON l.object_type = 'consultation' AND c.id = l.object_id
LEFT JOIN residents r ON r.id = l.resident_id
WHERE (sqlc.narg(person)::uuid IS NULL OR l.user_id = sqlc.narg(person))
  AND (sqlc.narg(since)::timestamptz IS NULL OR l.at >= sqlc.narg(since)) AND (sqlc.narg(before)::timestamptz IS NULL OR l.at < sqlc.narg(before))
  AND (@kind::text = '' OR @kind = CASE WHEN l.resident_id IS NOT NULL THEN 'ACCESS' WHEN l.object_type IN ('auth_session', 'user') THEN 'SECURITY' ELSE 'WORK' END)
  AND (NOT @failed::boolean OR l.action LIKE '%\_FAILED' OR l.action IN ('SESSION_REVOKED', 'SECOND_FACTOR_COPIED') OR l.result = 'BREAK_GLASS')
  AND (sqlc.narg(after_at)::timestamptz IS NULL OR (l.at, l.id) < (sqlc.narg(after_at), @after_id::uuid))
ORDER BY l.at DESC, l.id DESC LIMIT @page_size;
