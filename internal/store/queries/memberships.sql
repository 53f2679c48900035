-- name: MembershipByID :one
SELECT m.*, o.kind AS organisation_kind FROM memberships m JOIN organisations o ON o.id = m.organisation_id WHERE m.id = @id;

-- name: EndMembership :execrows
-- One that was to begin later never begins.
UPDATE memberships SET valid_to = greatest(valid_from, sqlc.arg(now)::timestamptz) WHERE id = @id AND (valid_to IS NULL OR valid_to > sqlc.arg(now)::timestamptz);

-- name: SetActingAs :execrows
-- NULL: in all roles.
UPDATE auth_sessions SET acting_as = sqlc.narg(membership)::uuid WHERE id = @id AND user_id = @user_id AND revoked_at IS NULL;

-- name: MembershipsOfSignIns :many
-- Those in force in which sign-ins act: all of the person, or the chosen one.
SELECT a.id AS sign_in, m.role, m.organisation_id, m.department_id
FROM auth_sessions a
JOIN memberships m ON m.user_id = a.user_id AND (a.acting_as IS NULL OR a.acting_as = m.id)
JOIN organisations o ON o.id = m.organisation_id AND o.active
LEFT JOIN departments d ON d.id = m.department_id
WHERE a.id = ANY(@sign_ins::uuid[]) AND m.valid_from <= @at::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @at::timestamptz)
  AND (m.department_id IS NULL OR d.active)
ORDER BY m.valid_from, m.id;
