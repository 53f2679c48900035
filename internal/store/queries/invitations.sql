-- name: ExpireInvitations :exec
-- Those of an organisation whose time is over make room for new ones.
UPDATE membership_invitations SET state = 'EXPIRED', closed_at = expires_at
WHERE organisation_id = @organisation_id AND state = 'OPEN' AND expires_at <= sqlc.arg(now)::timestamptz;

-- name: OpenInvitations :one
-- How many of an organisation wait, and whether the same role is offered to the same user name already.
SELECT count(*)::int AS waiting, coalesce(bool_or(username = @username AND role = @role AND department_id IS NOT DISTINCT FROM sqlc.narg(department_id)::uuid), false)::boolean AS same
FROM membership_invitations WHERE organisation_id = @organisation_id AND state = 'OPEN';

-- name: InsertInvitation :exec
INSERT INTO membership_invitations (id, username, user_id, organisation_id, department_id, role, licence_enc, invited_by, invited_at, expires_at)
VALUES (@id, @username, sqlc.narg(user_id), @organisation_id, @department_id, @role, sqlc.narg(licence_enc), @invited_by, @now, @expires_at);

-- name: LockInvitation :one
SELECT * FROM membership_invitations WHERE id = @id FOR UPDATE;

-- name: Invitations :many
-- Of organisations, of a person (then only what can still be accepted), or one by its id; the newest first.
SELECT i.*, o.name AS organisation_name, o.kind AS organisation_kind, o.address AS organisation_address, coalesce(d.name, '')::text AS department_name, b.display_name AS invited_by_name
FROM membership_invitations i JOIN organisations o ON o.id = i.organisation_id JOIN users b ON b.id = i.invited_by LEFT JOIN departments d ON d.id = i.department_id
WHERE (sqlc.narg(id)::uuid IS NULL OR i.id = sqlc.narg(id)::uuid)
  AND (sqlc.narg(person)::uuid IS NULL OR i.user_id = sqlc.narg(person)::uuid AND i.state = 'OPEN' AND i.expires_at > sqlc.arg(now)::timestamptz AND o.active)
  AND (sqlc.narg(organisations)::uuid[] IS NULL OR i.organisation_id = ANY (sqlc.narg(organisations)::uuid[]))
ORDER BY i.invited_at DESC, i.id DESC LIMIT 300;

-- name: CloseInvitation :execrows
UPDATE membership_invitations SET state = @state, closed_at = sqlc.arg(now)::timestamptz, membership_id = sqlc.narg(membership_id)
WHERE id = @id AND state = 'OPEN' AND expires_at > sqlc.arg(now)::timestamptz;

-- name: AuditInvitation :exec
-- What a person answered: in the log of the person's own organisation, which is where the longest role of elsewhere is held, and of the one that invited.
INSERT INTO access_log (id, at, user_id, role, action, object_type, object_id, result, organisation_id, actor_org_id)
VALUES (@id, @at, @user_id, '', @action, 'membership_invitation', @object_id, @result, @organisation_id,
  (SELECT m.organisation_id FROM memberships m WHERE m.user_id = @user_id AND m.organisation_id <> @organisation_id AND m.valid_from <= @at AND (m.valid_to IS NULL OR m.valid_to > @at)
    ORDER BY m.valid_from, m.id LIMIT 1));
