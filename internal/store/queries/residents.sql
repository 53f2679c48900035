-- name: CurrentResidents :many
-- Residents who have not left, with what their cards show. Zero ids and year 1 stand for none.
SELECT sqlc.embed(r),
  EXISTS (SELECT 1 FROM consents k LEFT JOIN consultations x ON x.id = k.consultation_id WHERE k.resident_id = r.id AND k.method = 'DRAWN' AND k.withdrawn_at IS NULL
    AND k.valid_until > @now AND (x.id IS NULL OR x.inviting_org_id = r.organisation_id))::boolean AS consent_valid,
  coalesce((SELECT a.id FROM attachments a WHERE a.resident_id = r.id AND a.kind = 'PORTRAIT' ORDER BY a.created_at DESC LIMIT 1),
    '00000000-0000-0000-0000-000000000000')::uuid AS portrait_id,
  coalesce((SELECT min(f.due_on) FROM follow_ups f WHERE f.resident_id = r.id AND f.state = 'OPEN'), '0001-01-01')::date AS follow_up_due_on,
  coalesce((SELECT max(c.created_at) FROM consultations c WHERE c.resident_id = r.id
    AND c.state NOT IN ('DRAFT', 'VOIDED')), '0001-01-01 00:00:00+00')::timestamptz AS last_consultation_at
FROM residents r
WHERE r.organisation_id = ANY (@organisations::uuid[]) AND r.left_on IS NULL;

-- name: ResidentCardByID :one
SELECT sqlc.embed(r),
  EXISTS (SELECT 1 FROM consents k LEFT JOIN consultations x ON x.id = k.consultation_id WHERE k.resident_id = r.id AND k.method = 'DRAWN' AND k.withdrawn_at IS NULL
    AND k.valid_until > @now AND (x.id IS NULL OR x.inviting_org_id = r.organisation_id))::boolean AS consent_valid,
  coalesce((SELECT a.id FROM attachments a WHERE a.resident_id = r.id AND a.kind = 'PORTRAIT' ORDER BY a.created_at DESC LIMIT 1),
    '00000000-0000-0000-0000-000000000000')::uuid AS portrait_id,
  coalesce((SELECT min(f.due_on) FROM follow_ups f WHERE f.resident_id = r.id AND f.state = 'OPEN'), '0001-01-01')::date AS follow_up_due_on,
  coalesce((SELECT max(c.created_at) FROM consultations c WHERE c.resident_id = r.id
    AND c.state NOT IN ('DRAFT', 'VOIDED')), '0001-01-01 00:00:00+00')::timestamptz AS last_consultation_at
FROM residents r
WHERE r.id = @id;

-- name: OpenConsultationsOf :many
-- What is on its way for residents: a request, or a draft that is younger than drafts_since. The most advanced one first.
SELECT c.resident_id, c.id, c.state FROM consultations c
WHERE c.resident_id = ANY (@residents::uuid[])
  AND (c.state IN ('SUBMITTED', 'RETURNED', 'TRIAGED', 'OFFERED', 'DECLINED', 'EXPIRED', 'ACCEPTED', 'SCHEDULED', 'WAITING',
       'IN_PROGRESS', 'ABORTED_TECH') OR (c.state = 'DRAFT' AND c.created_at >= @drafts_since))
ORDER BY c.resident_id, c.state = 'DRAFT', c.created_at DESC;

-- name: LockResident :one
SELECT * FROM residents WHERE id = @id FOR UPDATE;

-- name: InsertResident :exec
INSERT INTO residents (id, organisation_id, name_enc, id_type, identity_number_enc, identity_number_hmac, phone_enc, phone_hmac,
  sex, birth_date, ethnic_code, preferred_language, ward, bed, ability_level, capacity, allergies_enc, hearing_impaired,
  sight_impaired, risks, condition_codes, admitted_on)
VALUES (@id, @organisation_id, @name_enc, @id_type, @identity_number_enc, @identity_number_hmac, @phone_enc, @phone_hmac,
  @sex, @birth_date, @ethnic_code, @preferred_language, @ward, @bed, @ability_level, @capacity, @allergies_enc, @hearing_impaired,
  @sight_impaired, @risks, @condition_codes, @admitted_on);

-- name: ChangeResident :execrows
UPDATE residents SET name_enc = @name_enc, id_type = @id_type, identity_number_enc = @identity_number_enc,
  identity_number_hmac = @identity_number_hmac, phone_enc = @phone_enc, phone_hmac = @phone_hmac, sex = @sex,
  birth_date = @birth_date, ethnic_code = @ethnic_code, preferred_language = @preferred_language, ward = @ward, bed = @bed,
  ability_level = @ability_level, capacity = @capacity, allergies_enc = @allergies_enc, hearing_impaired = @hearing_impaired,
  sight_impaired = @sight_impaired, risks = @risks, condition_codes = @condition_codes, admitted_on = @admitted_on,
  left_on = @left_on, revision = revision + 1, updated_at = @now
WHERE id = @id AND revision = @revision;

-- name: ResidentGuardians :many
SELECT * FROM guardians WHERE resident_id = @resident_id ORDER BY position, id;

-- name: DeleteGuardians :exec
DELETE FROM guardians WHERE resident_id = @resident_id;

-- name: InsertGuardian :exec
INSERT INTO guardians (id, resident_id, name_enc, relation, phone_enc, is_guardian, position)
VALUES (@id, @resident_id, @name_enc, @relation, @phone_enc, @is_guardian, @position);

-- name: NewestVitalsOf :many
-- The newest reading of each code since an instant.
SELECT DISTINCT ON (v.code) v.*, u.display_name AS taken_by_name
FROM vitals v JOIN users u ON u.id = v.taken_by
WHERE v.resident_id = @resident_id AND v.taken_at >= @since
ORDER BY v.code, v.taken_at DESC, v.recorded_at DESC, v.id DESC;

-- name: RecentConsultationsOf :many
SELECT c.id FROM consultations c WHERE c.resident_id = @resident_id AND c.state NOT IN ('DRAFT', 'VOIDED')
ORDER BY c.created_at DESC, c.id DESC LIMIT @page_size;
