-- name: AllOrganisations :many
SELECT * FROM organisations ORDER BY kind, name, id;

-- name: OrganisationsAround :many
-- The given ones and those they have an agreement with, in force or not.
SELECT o.* FROM organisations o
WHERE o.id = ANY (@own::uuid[]) OR EXISTS (
  SELECT 1 FROM agreements g
  WHERE (g.inviting_org_id = ANY (@own::uuid[]) AND g.invited_org_id = o.id)
     OR (g.invited_org_id = ANY (@own::uuid[]) AND g.inviting_org_id = o.id))
ORDER BY o.kind, o.name, o.id;

-- name: OrganisationByID :one
SELECT * FROM organisations WHERE id = @id;

-- name: LicencesOf :many
SELECT * FROM licences WHERE organisation_id = ANY (@organisations::uuid[]) ORDER BY kind, valid_from, id;

-- name: DepartmentsOf :many
SELECT * FROM departments WHERE organisation_id = ANY (@organisations::uuid[]) AND active ORDER BY code;

-- name: DepartmentByID :one
SELECT * FROM departments WHERE id = @id AND active;

-- name: InsertOrganisation :exec
INSERT INTO organisations (id, kind, type_code, name, credit_code, level, region_code, reporting_parent_id, address, phone)
VALUES (@id, @kind, @type_code, @name, @credit_code, @level, @region_code, @reporting_parent_id, @address, @phone);

-- name: InsertLicence :exec
INSERT INTO licences (id, organisation_id, kind, number, department_codes, valid_from, valid_to)
VALUES (@id, @organisation_id, @kind, @number, @department_codes, @valid_from, @valid_to);

-- name: InsertDepartment :exec
INSERT INTO departments (id, organisation_id, code, name, phone)
VALUES (@id, @organisation_id, @code, @name, @phone);

-- name: AgreementsOf :many
SELECT g.*, a.name AS inviting_name, b.name AS invited_name
FROM agreements g JOIN organisations a ON a.id = g.inviting_org_id JOIN organisations b ON b.id = g.invited_org_id
WHERE @everything::boolean OR g.inviting_org_id = ANY (@own::uuid[]) OR g.invited_org_id = ANY (@own::uuid[])
ORDER BY g.valid_to DESC, g.number;

-- name: AgreementNamed :one
SELECT g.*, a.name AS inviting_name, b.name AS invited_name
FROM agreements g JOIN organisations a ON a.id = g.inviting_org_id JOIN organisations b ON b.id = g.invited_org_id
WHERE g.id = @id;

-- name: AgreementNumberKnown :one
SELECT EXISTS (SELECT 1 FROM agreements WHERE number = @number)::boolean AS known;

-- name: InsertAgreement :exec
INSERT INTO agreements (id, number, inviting_org_id, invited_org_id, service_types, department_codes, valid_from, valid_to,
  clause_purpose, clause_conditions, clause_content, clause_process, clause_rights, clause_liability)
VALUES (@id, @number, @inviting_org_id, @invited_org_id, @service_types, @department_codes, @valid_from, @valid_to,
  @clause_purpose, @clause_conditions, @clause_content, @clause_process, @clause_rights, @clause_liability);

-- name: Accounts :many
-- Everybody, or who holds a role in one of the organisations now or later. Disabled accounts stay in the list.
SELECT u.* FROM users u
WHERE @everything::boolean OR EXISTS (
  SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = ANY (@own::uuid[])
    AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz))
ORDER BY u.disabled_at IS NOT NULL, u.username;

-- name: LockAccount :one
-- Rows that only refer to the account do not wait for it: a command that waits has written one already.
SELECT * FROM users WHERE id = @id FOR NO KEY UPDATE;

-- name: MembershipsHeld :many
-- Memberships that are in force now or will be.
SELECT m.*, o.name AS organisation_name, o.kind AS organisation_kind, o.address AS organisation_address,
  coalesce(d.name, '')::text AS department_name
FROM memberships m JOIN organisations o ON o.id = m.organisation_id LEFT JOIN departments d ON d.id = m.department_id
WHERE m.user_id = ANY (@users::uuid[]) AND (m.valid_to IS NULL OR m.valid_to > @now::timestamptz)
ORDER BY m.valid_from, m.id;

-- name: LicencesOfPeople :many
-- The newest first.
SELECT * FROM professional_licences WHERE user_id = ANY (@users::uuid[]) ORDER BY user_id, valid_from DESC, id DESC;

-- name: InsertAccount :exec
INSERT INTO users (id, username, display_name, password_hash, must_change_password, locale)
VALUES (@id, @username, @display_name, @password_hash, @must_change_password, @locale);

-- name: InsertMembership :exec
INSERT INTO memberships (id, user_id, organisation_id, department_id, role, valid_from)
VALUES (@id, @user_id, @organisation_id, @department_id, @role, @valid_from);

-- name: InsertProfessionalLicence :exec
INSERT INTO professional_licences (id, user_id, organisation_id, kind, number, title_code, independent_since, valid_from, valid_to)
VALUES (@id, @user_id, @organisation_id, @kind, @number, @title_code, @independent_since, @valid_from, @valid_to);

-- name: DutyShiftsBetween :many
SELECT s.*, u.display_name AS user_name, coalesce(d.name, '')::text AS department_name
FROM duty_shifts s JOIN users u ON u.id = s.user_id LEFT JOIN departments d ON d.id = s.department_id
WHERE s.organisation_id = ANY (@organisations::uuid[]) AND s.starts_at < @before AND s.ends_at > @after
ORDER BY s.starts_at, s.id;

-- name: DutyShiftByID :one
SELECT s.*, u.display_name AS user_name, coalesce(d.name, '')::text AS department_name
FROM duty_shifts s JOIN users u ON u.id = s.user_id LEFT JOIN departments d ON d.id = s.department_id
WHERE s.id = @id;

-- name: DutyShiftOverlaps :one
SELECT EXISTS (
  SELECT 1 FROM duty_shifts WHERE user_id = @user_id AND starts_at < @ends_at AND ends_at > @starts_at)::boolean AS overlaps;

-- name: InsertDutyShift :exec
INSERT INTO duty_shifts (id, organisation_id, department_id, user_id, role, starts_at, ends_at)
VALUES (@id, @organisation_id, @department_id, @user_id, @role, @starts_at, @ends_at);

-- name: DeleteDutyShift :exec
DELETE FROM duty_shifts WHERE id = @id;

-- name: UrgencyTargets :many
SELECT * FROM urgency_targets;

-- name: SetUrgencyTarget :one
UPDATE urgency_targets SET accept_seconds = @accept_seconds, report_seconds = @report_seconds, revision = revision + 1,
  updated_at = @now, updated_by = @user_id
WHERE urgency = @urgency AND revision = @revision
RETURNING *;

-- name: AppendAudit :exec
-- A change that is not one of a consultation. Detail holds codes and numbers only.
INSERT INTO access_log (id, at, user_id, role, action, object_type, object_id, result)
VALUES (@id, @at, @user_id, @role, @action, @object_type, @object_id, @detail);

-- name: LogListed :exec
-- Residents whom a list named in full: each once in an hour for the same reader and list, since lists are read again by themselves.
INSERT INTO access_log (id, at, user_id, role, action, object_type, object_id)
SELECT gen_random_uuid(), sqlc.arg(now)::timestamptz, @user_id::uuid, @role, @action, 'resident', r FROM unnest(@residents::uuid[]) AS r
WHERE NOT EXISTS (SELECT 1 FROM access_log l WHERE l.object_type = 'resident' AND l.object_id = r AND l.at > sqlc.arg(now)::timestamptz - interval '1 hour' AND l.user_id = @user_id::uuid AND l.action = @action);

-- name: MetaValue :one
SELECT value FROM meta WHERE key = @key;

-- name: SetMeta :exec
INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: CountAccounts :one
SELECT count(*) FROM users;
