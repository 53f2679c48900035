-- name: AddReferral :exec
INSERT INTO referrals (id, consultation_id, resident_id, direction, from_org_id, to_org_id, to_name, department_code, urgency, reason_enc,
  green_channel, green_requested_at, created_by, created_at, close_due_on, updated_at)
VALUES (@id, @consultation_id, @resident_id, @direction, @from_org_id, sqlc.narg(to_org_id), @to_name, @department_code, @urgency, @reason_enc,
  @green_channel, sqlc.narg(green_requested_at), @created_by, @now, @close_due_on, @now);

-- name: LockReferral :one
SELECT * FROM referrals WHERE id = @id FOR UPDATE;

-- name: MoveReferral :execrows
UPDATE referrals SET state = @state, accepted_at = @accepted_at, refused_at = @refused_at, refused_by_patient = @refused_by_patient,
  refusal_enc = @refusal_enc, arrived_at = @arrived_at, closed_at = @closed_at, outcome_enc = @outcome_enc, returned_at = @returned_at,
  green_met_at = @green_met_at, green_note_enc = @green_note_enc, revision = revision + 1, updated_at = @now
WHERE id = @id AND state = @from_state AND revision = @revision;

-- name: AddReferralStep :exec
INSERT INTO referral_steps (id, referral_id, step, actor_id, actor_role, at) VALUES (@id, @referral_id, @step, @actor_id, @actor_role, @now);

-- name: Referrals :many
-- Those of one consultation, or those that leave or enter the organisations, desks as a whole, bedsides without what those who visit asked for; who
-- visits also these; a doctor also those of own consultations.
SELECT f.*, c.serial, c.inviting_org_id, c.visitors, c.submitter_id, r.name_enc, bed_of(c.visitors, r.id, r.bed)::text AS bed, r.sex, r.birth_date, s.name AS from_name, coalesce(d.name, f.to_name)::text AS to_display, u.display_name AS created_by_name
FROM referrals f
JOIN consultations c ON c.id = f.consultation_id
JOIN residents r ON r.id = f.resident_id
JOIN organisations s ON s.id = f.from_org_id
LEFT JOIN organisations d ON d.id = f.to_org_id
JOIN users u ON u.id = f.created_by
WHERE (sqlc.narg(consultation_id)::uuid IS NULL OR f.consultation_id = sqlc.narg(consultation_id))
  AND (sqlc.narg(id)::uuid IS NULL OR f.id = sqlc.narg(id))
  AND (f.from_org_id = ANY (@desks::uuid[]) OR f.to_org_id = ANY (@desks::uuid[])
    OR (f.from_org_id = ANY (@bedsides::uuid[]) OR f.to_org_id = ANY (@bedsides::uuid[])) AND (c.visitors IS NULL OR NOT c.inviting_org_id = ANY (@bedsides::uuid[]))
    OR c.visitors IS NOT NULL AND @user_id::uuid = ANY (c.visitors || c.submitter_id) AND c.inviting_org_id = ANY (@works::uuid[])
    OR c.doctor_id = sqlc.narg(doctor_id)::uuid
    OR EXISTS (SELECT 1 FROM departments m WHERE m.id = ANY (@departments::uuid[]) AND m.organisation_id = f.to_org_id AND m.code = f.department_code))
  AND (NOT @open_only::boolean OR f.state IN ('REQUESTED', 'ACCEPTED', 'ARRIVED', 'CLOSED'))
ORDER BY (f.state IN ('REQUESTED', 'ACCEPTED', 'ARRIVED')) DESC, f.created_at DESC, f.id DESC LIMIT 200;

-- name: ReferralSteps :many
SELECT s.*, u.display_name AS actor_name FROM referral_steps s JOIN users u ON u.id = s.actor_id
WHERE s.referral_id = ANY (@referrals::uuid[]) ORDER BY s.at, s.id;

-- name: ReferralPlaces :many
-- Where somebody may be referred to: the two sides and the active hospitals with which either has an agreement in force.
SELECT DISTINCT o.id, o.name, o.kind FROM organisations o
WHERE o.active AND (o.id = ANY (@sides::uuid[]) OR o.id IN (
  SELECT a.invited_org_id FROM agreements a WHERE a.inviting_org_id = ANY (@sides::uuid[]) AND a.terminated_at IS NULL AND @day::date BETWEEN a.valid_from AND a.valid_to))
ORDER BY o.name, o.id;
