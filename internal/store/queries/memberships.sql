-- name: MembershipByID :one
SELECT m.*, o.kind AS organisation_kind FROM memberships m JOIN organisations o ON o.id = m.organisation_id WHERE m.id = @id;

-- name: EndMembership :execrows
-- One that was to begin later never begins.
UPDATE memberships SET valid_to = greatest(valid_from, sqlc.arg(now)::timestamptz) WHERE id = @id AND (valid_to IS NULL OR valid_to > sqlc.arg(now)::timestamptz);

-- name: SetActingAs :execrows
-- NULL: in all roles.
UPDATE auth_sessions SET acting_as = sqlc.narg(membership)::uuid WHERE id = @id AND user_id = @user_id AND revoked_at IS NULL;
