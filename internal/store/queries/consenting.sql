-- name: AddConsent :exec
INSERT INTO consents (id, resident_id, consultation_id, signer_kind, signer_name_enc, relation, capacity, method, text_version, text_locale, text_hash,
  tick_medical, tick_sensitive, tick_provision, tick_recording, tick_teaching, signature_attachment_id, approver_id, reason_enc, witness_id, signed_at, valid_until,
  second_witness_id, evidence_attachment_id, phone_enc)
VALUES (@id, @resident_id, @consultation_id, @signer_kind, @signer_name_enc, @relation, @capacity, @method, @text_version, @text_locale, @text_hash,
  @tick_medical, @tick_sensitive, @tick_provision, @tick_recording, @tick_teaching, sqlc.narg(signature_attachment_id), sqlc.narg(approver_id), @reason_enc, @witness_id, @signed_at, @valid_until,
  sqlc.narg(second_witness_id), sqlc.narg(evidence_attachment_id), @phone_enc);

-- name: ConsentsOf :many
SELECT * FROM consents WHERE resident_id = @resident_id ORDER BY signed_at DESC, id DESC LIMIT 20;

-- name: FollowEmergency :many
-- The emergency approvals of a consultation that a consent now follows.
UPDATE consents SET followed_by_id = @followed_by_id WHERE consultation_id = @consultation_id AND signer_kind = 'INSTITUTION_EMERGENCY' AND followed_by_id IS NULL
RETURNING id;

-- name: LockConsent :one
SELECT * FROM consents WHERE id = @id FOR UPDATE;

-- name: WithdrawConsent :execrows
UPDATE consents SET withdrawn_at = @now, withdrawn_by = @withdrawn_by, withdrawn_name_enc = @withdrawn_name_enc,
  withdrawal_reason_enc = @withdrawal_reason_enc, withdrawal_recorded_by = @recorded_by
WHERE id = @id AND withdrawn_at IS NULL;

-- name: OpenConsultationsOfResident :many
SELECT id FROM consultations WHERE resident_id = @resident_id
  AND state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'TRIAGED', 'OFFERED', 'ACCEPTED', 'SCHEDULED', 'WAITING', 'IN_PROGRESS', 'ABORTED_TECH')
ORDER BY id;

-- name: ConsentsToFollow :many
-- CRITICAL requests that went with an emergency approval, or with nothing, and have no consent of a person yet.
SELECT c.id, c.serial, c.resident_id, r.name_enc, bed_of(c.visitors, r.id, r.bed)::text AS bed, coalesce(e.signed_at, c.submitted_at)::timestamptz AS since
FROM consultations c
JOIN residents r ON r.id = c.resident_id
LEFT JOIN consents e ON e.id = c.consent_id
WHERE (c.visitors IS NULL AND c.inviting_org_id = ANY (@organisations::uuid[]) OR c.visitors IS NOT NULL AND @user_id::uuid = ANY (c.visitors || c.submitter_id)
    AND c.inviting_org_id = ANY (@works::uuid[])) AND c.urgency = 'CRITICAL' AND NOT c.drill AND c.submitted_at IS NOT NULL AND c.submitted_at > @since::timestamptz
  AND c.state NOT IN ('CANCELLED', 'CLOSED_NO_SERVICE', 'VOIDED', 'NO_SHOW')
  AND (c.consent_id IS NULL OR e.signer_kind = 'INSTITUTION_EMERGENCY' AND e.followed_by_id IS NULL)
  AND NOT EXISTS (SELECT 1 FROM consents p WHERE p.resident_id = c.resident_id AND p.signer_kind <> 'INSTITUTION_EMERGENCY' AND p.withdrawn_at IS NULL
    AND p.signed_at <= c.submitted_at AND p.valid_until > c.submitted_at)
ORDER BY since, c.id LIMIT 50;

-- name: AddConsentCode :exec
INSERT INTO consent_codes (id, consultation_id, signer_kind, signer_name_enc, phone_enc, code_hmac, requested_by, sent_at, expires_at)
VALUES (@id, @consultation_id, @signer_kind, @signer_name_enc, @phone_enc, @code_hmac, @requested_by, @now, @expires_at);

-- name: ConsentCodesSince :one
-- How many were sent for a resident, whose telephone or whose family's would ring for every further draft.
SELECT count(*)::int AS sent, coalesce(max(k.sent_at), 'epoch')::timestamptz AS last FROM consent_codes k JOIN consultations c ON c.id = k.consultation_id
WHERE c.resident_id = @resident_id AND k.sent_at > sqlc.arg(since)::timestamptz;

-- name: TryConsentCode :one
-- Each try counts, whatever becomes of it; a code that is used, over or tried too often gives no row.
UPDATE consent_codes SET attempts = attempts + 1
WHERE id = @id AND consultation_id = @consultation_id AND used_at IS NULL AND expires_at > @now AND attempts < @most::int
RETURNING *;

-- name: UseConsentCode :execrows
UPDATE consent_codes SET used_at = @now WHERE id = @id AND used_at IS NULL;

-- name: DropConsentCode :exec
DELETE FROM consent_codes WHERE id = @id;

-- name: SMSChannelOf :one
SELECT * FROM notification_channels WHERE organisation_id = @organisation_id AND kind = 'SMS_WEBHOOK' AND enabled
ORDER BY created_at, id LIMIT 1;

-- name: VitalTrends :many
-- Numeric readings of a resident since an instant, oldest first.
SELECT code, value::float8 AS value, flag, taken_at FROM vitals WHERE resident_id = @resident_id AND taken_at >= @since AND value IS NOT NULL
ORDER BY taken_at DESC, id DESC LIMIT 600;
