-- name: DeclarationsOf :many
-- What institutions have declared: of each duty the one that lasts longest.
SELECT DISTINCT ON (d.organisation_id, d.code) d.*, u.display_name FROM organisation_declarations d JOIN users u ON u.id = d.declared_by
WHERE d.organisation_id = ANY (@organisations::uuid[]) ORDER BY d.organisation_id, d.code, d.valid_to DESC, d.declared_at DESC;

-- name: DeclarationsOn :many
-- What institutions had declared for a day.
SELECT organisation_id, code, dated_on, valid_to FROM organisation_declarations
WHERE organisation_id = ANY (@organisations::uuid[]) AND dated_on <= @day::date AND valid_to >= @day::date;

-- name: AddDeclaration :exec
INSERT INTO organisation_declarations (id, organisation_id, code, document, dated_on, valid_to, declared_by, declared_at)
VALUES (@id, @organisation_id, @code, @document, @dated_on::date, @valid_to::date, @declared_by, @now);

-- name: GateFacts :one
-- What the gates ask of how a consultation went and of the institution that answers (G-RM-01, 09, 10, G-IH-10, 13). foreign_doctor: the doctor
-- has no place in a department of the invited institution.
SELECT
  (SELECT count(*) FROM offers o WHERE o.consultation_id = @consultation_id AND o.result = 'DECLINED')::int AS declines,
  (SELECT count(*) FROM offers o WHERE o.consultation_id = @consultation_id AND o.result = 'DECLINED' AND o.reason_code <> '')::int AS reasoned,
  EXISTS (SELECT 1 FROM reports r WHERE r.consultation_id = @consultation_id)::boolean AS signed,
  coalesce((SELECT min(months) FROM retention_classes WHERE code IN ('A', 'B')), 0)::int AS record_months,
  coalesce((SELECT months FROM retention_classes WHERE code = 'C'), 0)::int AS process_months,
  (SELECT count(*) FROM adverse_events e WHERE e.organisation_id = sqlc.narg(invited_org_id)::uuid AND e.type = 'PRIVACY' AND e.reviewed_at IS NULL)::int AS leaks,
  (sqlc.narg(doctor_id)::uuid IS NOT NULL AND sqlc.narg(invited_org_id)::uuid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM memberships m
    WHERE m.user_id = sqlc.narg(doctor_id)::uuid AND m.organisation_id = sqlc.narg(invited_org_id)::uuid AND m.role = 'CONSULTANT'
      AND m.valid_from <= @at::timestamptz AND (m.valid_to IS NULL OR m.valid_to > @at::timestamptz)))::boolean AS foreign_doctor;

-- name: CoverageOn :one
-- How the residents of an institution were covered by contracts with family doctors on a day; special as of that day.
SELECT count(r.id)::int AS residents, count(c.id)::int AS contracted, count(r.id) FILTER (WHERE g.special)::int AS special, count(c.id) FILTER (WHERE g.special)::int AS special_contracted
FROM residents r
CROSS JOIN LATERAL (SELECT risk_groups(r.ability_level, r.condition_codes, r.birth_date, marks_of(r.id, sqlc.arg(day)::date), sqlc.arg(day)::date) && sqlc.arg(special)::text[] AS special) g
LEFT JOIN fd_contracts c ON c.resident_id = r.id AND c.state IN ('SIGNED', 'TERMINATED') AND c.starts_on <= sqlc.arg(day)::date AND c.ended_on > sqlc.arg(day)::date
WHERE r.organisation_id = @organisation_id AND r.admitted_on <= sqlc.arg(day)::date AND (r.left_on IS NULL OR r.left_on > sqlc.arg(day)::date);

-- name: PharmacistPlaces :many
-- Where a pharmacist can be asked to review what an institution's residents were prescribed: there, and at the hospitals with an agreement in force.
SELECT o.id, o.name FROM organisations o
WHERE o.active AND (o.id = @organisation_id OR EXISTS (SELECT 1 FROM agreements g WHERE g.inviting_org_id = @organisation_id AND g.invited_org_id = o.id AND g.terminated_at IS NULL
    AND g.valid_from <= @day::date AND g.valid_to >= @day::date))
  AND EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organisation_id = o.id AND m.role = 'PHARMACIST' AND u.disabled_at IS NULL
    AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now))
ORDER BY (o.id = @organisation_id), o.name;

-- name: Prescriptions :many
-- What pharmacists of institutions are asked to review, then what they decided lately; or one of them.
SELECT m.*, r.name_enc AS resident_name_enc, r.organisation_id AS home_id, r.sex, r.birth_date, r.condition_codes, h.name AS home, e.display_name AS entered_by_name
FROM medications m JOIN residents r ON r.id = m.resident_id JOIN organisations h ON h.id = r.organisation_id JOIN users e ON e.id = m.created_by
WHERE m.rx_asked_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR m.id = sqlc.narg(id)::uuid)
  AND (sqlc.narg(id)::uuid IS NOT NULL OR m.rx_state = 'ASKED' AND m.stopped_on IS NULL OR m.rx_state <> 'ASKED' AND m.rx_reviewed_at > @since)
ORDER BY (m.rx_state = 'ASKED') DESC, CASE WHEN m.rx_state = 'ASKED' THEN m.created_at END, m.rx_reviewed_at DESC NULLS LAST, m.id LIMIT 200;

-- name: ReviewPrescription :execrows
UPDATE medications SET rx_state = @state, rx_pharmacist = @pharmacist, rx_reviewer_id = @reviewer_id::uuid, rx_reviewed_at = @now::timestamptz, rx_note_enc = @note_enc,
  revision = revision + 1, updated_at = @now::timestamptz
WHERE id = @id AND rx_state = 'ASKED';
