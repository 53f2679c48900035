-- name: OfferHandOver :exec
INSERT INTO hand_overs (id, consultation_id, epoch, from_doctor, to_doctor, reason, note_enc, offered_at)
VALUES (@id, @consultation_id, @epoch, @from_doctor, @to_doctor, @reason, @note_enc, @now);

-- name: PendingHandOver :one
SELECT * FROM hand_overs WHERE consultation_id = @consultation_id AND result = 'PENDING';

-- name: ResolveHandOver :execrows
UPDATE hand_overs SET result = @result, resolved_at = @now WHERE id = @id AND result = 'PENDING';

-- name: LatestHandOver :one
SELECT h.*, f.display_name AS from_name, t.display_name AS to_name FROM hand_overs h
JOIN users f ON f.id = h.from_doctor JOIN users t ON t.id = h.to_doctor
WHERE h.consultation_id = @consultation_id ORDER BY h.offered_at DESC, h.id DESC LIMIT 1;

-- name: HandOversTo :many
-- What colleagues ask a doctor to take over and still may.
SELECT h.id AS hand_over_id, h.reason, h.note_enc, h.offered_at AS asked_at, f.display_name AS from_name, sqlc.embed(c), r.name_enc, r.sex, r.birth_date, bed_of(c.visitors, r.id, r.bed)::text AS bed,
  r.preferred_language, r.hearing_impaired, o.name AS institution
FROM hand_overs h JOIN consultations c ON c.id = h.consultation_id JOIN users f ON f.id = h.from_doctor
JOIN residents r ON r.id = c.resident_id JOIN organisations o ON o.id = c.inviting_org_id
WHERE h.to_doctor = @doctor_id AND h.result = 'PENDING' AND h.epoch = c.epoch
  AND c.state IN ('ACCEPTED', 'SCHEDULED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH') ORDER BY h.offered_at, h.id;

-- name: MoveGrant :exec
-- Another doctor holds it; when it was accepted stays.
UPDATE consultations SET doctor_id = @doctor_id, assigned_by = NULL, updated_at = @now WHERE id = @id;

-- name: HandDraftOver :exec
UPDATE report_drafts SET author_id = @author_id, content_enc = @content_enc, revision = revision + 1, updated_at = @now WHERE consultation_id = @consultation_id;

-- name: EndHandOvers :exec
-- The grant that was to be handed over is gone.
UPDATE hand_overs SET result = 'WITHDRAWN', resolved_at = @now WHERE consultation_id = @consultation_id AND result = 'PENDING';
