-- name: AddVital :exec
INSERT INTO vitals (id, resident_id, consultation_id, code, loinc, value, qualifier, unit, flag, confirmed, position, device, source, taken_at, taken_by, recorded_at)
VALUES (@id, @resident_id, @consultation_id, @code, @loinc, sqlc.narg(value)::float8, @qualifier, @unit, @flag, @confirmed, @position, @device, @source, @taken_at, @taken_by, @now);

-- name: CaseVitals :many
SELECT v.id, v.code, coalesce(v.value, 0)::float8 AS value, (v.value IS NOT NULL)::boolean AS has_value, v.qualifier, v.unit, v.flag, v.confirmed,
  v.position, v.device, v.source, v.taken_at, u.display_name AS taken_by
FROM vitals v JOIN users u ON u.id = v.taken_by
WHERE v.consultation_id = @consultation_id ORDER BY v.taken_at DESC, v.id DESC;

-- name: AddAttachment :exec
INSERT INTO attachments (id, organisation_id, resident_id, consultation_id, kind, content_type, size, width, height, sha256, blob_key, created_by, created_at)
VALUES (@id, @organisation_id, @resident_id, @consultation_id, @kind, @content_type, @size, @width, @height, @sha256, @blob_key, @created_by, @now);

-- name: CountPhotos :one
SELECT count(*) FROM attachments WHERE consultation_id = @consultation_id AND kind = 'PHOTO';

-- name: AttachmentByID :one
SELECT * FROM attachments WHERE id = @id;

-- name: CasePhotos :many
SELECT * FROM attachments WHERE consultation_id = @consultation_id AND kind = 'PHOTO' ORDER BY created_at, id;

-- name: PutBlob :exec
INSERT INTO blobs (key, content) VALUES (@key, @content);

-- name: GetBlob :one
SELECT content FROM blobs WHERE key = @key;

-- name: AttachmentShown :many
-- Consultations through which an attachment of a resident (a portrait, a consent's signature) may be looked at.
SELECT c.id FROM consultations c WHERE c.resident_id = @resident_id AND c.state NOT IN ('DRAFT', 'VOIDED')
ORDER BY c.created_at DESC LIMIT 20;

-- name: LatestConsent :one
-- The newest that is not withdrawn, those that still hold first; an emergency approval serves its own consultation only. One that was given to
-- another institution does not cover what this one does: its text names who uses the data. Without an institution any is looked for.
SELECT k.* FROM consents k LEFT JOIN consultations x ON x.id = k.consultation_id
WHERE k.resident_id = @resident_id AND k.withdrawn_at IS NULL AND k.signed_at <= @now
  AND (k.signer_kind <> 'INSTITUTION_EMERGENCY' OR k.consultation_id = @consultation_id)
  AND (sqlc.narg(inviting_org_id)::uuid IS NULL OR x.id IS NULL OR x.inviting_org_id = sqlc.narg(inviting_org_id)::uuid)
ORDER BY (k.valid_until > @now) DESC, (k.signer_kind <> 'INSTITUTION_EMERGENCY') DESC, k.signed_at DESC, k.id DESC LIMIT 1;

-- name: ConsentByID :one
SELECT * FROM consents WHERE id = @id;

-- name: CaseDraft :one
SELECT * FROM report_drafts WHERE consultation_id = @consultation_id;

-- name: AddDraft :execrows
INSERT INTO report_drafts (consultation_id, author_id, content_enc, revision, updated_at)
VALUES (@consultation_id, @author_id, @content_enc, 1, @now) ON CONFLICT (consultation_id) DO NOTHING;

-- name: SaveDraft :execrows
UPDATE report_drafts SET author_id = @author_id, content_enc = @content_enc, revision = revision + 1, updated_at = @now
WHERE consultation_id = @consultation_id AND revision = @revision;

-- name: RemoveDraft :exec
DELETE FROM report_drafts WHERE consultation_id = @consultation_id;

-- name: AddReport :exec
INSERT INTO reports (id, consultation_id, version, author_id, content_enc, digest, seal, seal_kid, signed_at, late, late_reason_enc, factor, factor_at, signer)
VALUES (@id, @consultation_id, @version, @author_id, @content_enc, @digest, @seal, @seal_kid, @now, @late, @late_reason_enc, @factor, sqlc.narg(factor_at), @signer);

-- name: CaseReports :many
SELECT * FROM reports WHERE consultation_id = @consultation_id ORDER BY version;

-- name: AddAdvice :exec
INSERT INTO advice_items (id, consultation_id, report_id, position, kind, text_enc, detail_enc)
VALUES (@id, @consultation_id, @report_id, @position, @kind, @text_enc, @detail_enc);

-- name: CaseAdvice :many
SELECT a.*, coalesce(d.display_name, '')::text AS decider, coalesce(x.display_name, '')::text AS executor, coalesce(b.display_name, '')::text AS reader
FROM advice_items a LEFT JOIN users d ON d.id = a.decided_by LEFT JOIN users x ON x.id = a.executed_by LEFT JOIN users b ON b.id = a.read_back_by
WHERE a.consultation_id = @consultation_id ORDER BY a.report_id, a.position;

-- name: AdviceByID :one
SELECT * FROM advice_items WHERE id = @id;

-- name: DecideAdvice :execrows
UPDATE advice_items SET decision = @decision, decision_reason_enc = @decision_reason_enc, decided_by = @decided_by, decided_at = @now
WHERE id = @id AND decision = '';

-- name: ExecuteAdvice :execrows
UPDATE advice_items SET executed_by = @executed_by, executed_at = @now, execution_note_enc = @execution_note_enc
WHERE id = @id AND executed_at IS NULL;

-- name: AddAdoption :exec
INSERT INTO adoptions (id, consultation_id, report_id, attending_id, content_enc, digest, seal, seal_kid, signed_at, decision, factor, factor_at, signer)
VALUES (@id, @consultation_id, @report_id, @attending_id, @content_enc, @digest, @seal, @seal_kid, @now, @decision, @factor, sqlc.narg(factor_at), @signer);

-- name: CaseAdoption :one
SELECT * FROM adoptions WHERE consultation_id = @consultation_id ORDER BY signed_at DESC, id DESC LIMIT 1;

-- name: AddMessage :exec
INSERT INTO chat_messages (id, consultation_id, sender_id, body_enc, sent_at)
VALUES (@id, @consultation_id, @sender_id, @body_enc, @now);

-- name: MessageByID :one
SELECT * FROM chat_messages WHERE id = @id;

-- name: CaseMessages :many
SELECT m.*, u.display_name,
  (m.sender_id = ANY (c.visitors || c.submitter_id) OR c.visitors IS NULL
    AND EXISTS (SELECT 1 FROM memberships s WHERE s.user_id = m.sender_id AND s.organisation_id = c.inviting_org_id AND s.role IN ('NURSE', 'ATTENDING')))::boolean AS care_side
FROM chat_messages m JOIN users u ON u.id = m.sender_id JOIN consultations c ON c.id = m.consultation_id
WHERE m.consultation_id = @consultation_id ORDER BY m.sent_at, m.id;

-- name: AddFollowUp :exec
INSERT INTO follow_ups (id, consultation_id, resident_id, organisation_id, doctor_id, due_on, created_at)
VALUES (@id, @consultation_id, @resident_id, @organisation_id, @doctor_id, @due_on, @now);

-- name: CaseFollowUps :many
SELECT * FROM follow_ups WHERE consultation_id = @consultation_id ORDER BY due_on, id;

-- name: FollowUpByID :one
SELECT * FROM follow_ups WHERE id = @id;

-- name: FinishFollowUp :execrows
UPDATE follow_ups SET state = 'DONE', note_enc = @note_enc, done_by = @done_by, done_at = @now WHERE id = @id AND state = 'OPEN';
