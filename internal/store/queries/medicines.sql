-- name: MedicationsOf :many
SELECT m.*, coalesce(v.display_name, '')::text AS verified_by_name, coalesce(o.name, '')::text AS rx_asked_name FROM medications m LEFT JOIN users v ON v.id = m.verified_by
LEFT JOIN organisations o ON o.id = m.rx_asked_id
WHERE m.resident_id = @resident_id AND (m.stopped_on IS NULL OR m.stopped_on > @stopped_since::date)
ORDER BY (m.stopped_on IS NULL) DESC, m.started_on DESC, m.id DESC LIMIT 100;

-- name: CountMedications :one
SELECT count(*) FROM medications WHERE resident_id = @resident_id AND stopped_on IS NULL;

-- name: LockMedication :one
SELECT * FROM medications WHERE id = @id FOR UPDATE;

-- name: AddMedication :exec
INSERT INTO medications (id, resident_id, source, name_enc, dose_enc, frequency, route, note_enc, started_on, expires_on,
  rx_number, rx_institution, rx_pharmacist, rx_reviewed_at, rx_supply_weeks, long_rx_assessed, rx_state, rx_asked_id, allergy_override_enc, created_by, created_at, updated_at)
VALUES (@id, @resident_id, @source, @name_enc, @dose_enc, @frequency, @route, @note_enc, @started_on, @expires_on,
  @rx_number, @rx_institution, @rx_pharmacist, @rx_reviewed_at, @rx_supply_weeks, @long_rx_assessed, @rx_state, sqlc.narg(rx_asked_id), @allergy_override_enc, @created_by, @now, @now);

-- name: VerifyMedication :execrows
UPDATE medications SET verified_by = @verified_by, verified_at = @now, revision = revision + 1, updated_at = @now
WHERE id = @id AND stopped_on IS NULL AND verified_at IS NULL;

-- name: StopMedication :execrows
UPDATE medications SET stopped_on = @stopped_on, stop_reason_enc = @stop_reason_enc, revision = revision + 1, updated_at = @now
WHERE id = @id AND stopped_on IS NULL;

-- name: AllergiesOf :many
SELECT a.*, u.display_name AS created_by_name FROM allergies a JOIN users u ON u.id = a.created_by
WHERE a.resident_id = @resident_id AND a.ended_at IS NULL ORDER BY a.created_at, a.id LIMIT 50;

-- name: LockAllergy :one
SELECT * FROM allergies WHERE id = @id FOR UPDATE;

-- name: AddAllergy :exec
INSERT INTO allergies (id, resident_id, kind, substance_enc, reaction_enc, severity, noted_on, created_by, created_at)
VALUES (@id, @resident_id, @kind, @substance_enc, @reaction_enc, @severity, @noted_on, @created_by, @now);

-- name: EndAllergy :execrows
UPDATE allergies SET ended_by = @ended_by, ended_at = @now, end_reason_enc = @end_reason_enc WHERE id = @id AND ended_at IS NULL;

-- name: AssessmentsOf :many
-- The newest of each scale.
SELECT DISTINCT ON (a.scale) a.*, u.display_name AS assessed_by_name FROM risk_assessments a JOIN users u ON u.id = a.assessed_by
WHERE a.resident_id = @resident_id ORDER BY a.scale, a.assessed_on DESC, a.created_at DESC;

-- name: AddAssessment :exec
INSERT INTO risk_assessments (id, resident_id, scale, score, level, note_enc, assessed_on, assessed_by, created_at)
VALUES (@id, @resident_id, @scale, @score, @level, @note_enc, @assessed_on, @assessed_by, @now);
