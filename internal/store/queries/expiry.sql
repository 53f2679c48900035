-- name: Expiring :many
-- What ends by a day and is not over for longer than since, with whose it is.
SELECT e.kind, e.id, e.organisation_id, e.other_id, e.user_id, e.what, e.number, e.ends_on::date AS ends_on, o.name AS organisation, coalesce(p.name, '') AS other, coalesce(u.display_name, '') AS person
FROM expiring e JOIN organisations o ON o.id = e.organisation_id LEFT JOIN organisations p ON p.id = e.other_id LEFT JOIN users u ON u.id = e.user_id
WHERE e.ends_on BETWEEN @since::date AND @until::date
  AND (@everything::boolean OR e.organisation_id = ANY (@own::uuid[]) OR e.other_id = ANY (@own::uuid[]))
ORDER BY e.ends_on, e.kind, e.number, e.id;

-- name: ExpirySaid :many
SELECT subject_id, ends_on, days FROM expiry_reminders WHERE ends_on >= @since::date;

-- name: AddExpiryReminder :execrows
INSERT INTO expiry_reminders (id, subject_id, ends_on, days, said_at) VALUES (@id, @subject_id, @ends_on, @days, @now)
ON CONFLICT (subject_id, ends_on, days) DO NOTHING;

-- name: ExpiryPeople :many
-- The administrators of some organisations, and of those that have none the system's.
SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
WHERE u.disabled_at IS NULL AND m.valid_from <= @now AND (m.valid_to IS NULL OR m.valid_to > @now)
  AND (m.role = 'INST_ADMIN' AND m.organisation_id = ANY (@organisations::uuid[])
    OR m.role = 'SYS_ADMIN' AND EXISTS (SELECT 1 FROM unnest(@organisations::uuid[]) o(id) WHERE NOT EXISTS (
      SELECT 1 FROM memberships a JOIN users x ON x.id = a.user_id WHERE a.organisation_id = o.id AND a.role = 'INST_ADMIN' AND x.disabled_at IS NULL
        AND a.valid_from <= @now AND (a.valid_to IS NULL OR a.valid_to > @now))));

-- name: PracticeSitesOf :many
-- Where institutions practise, of both sides.
SELECT s.*, c.name AS care_name, m.name AS medical_name FROM practice_sites s JOIN organisations c ON c.id = s.care_org_id JOIN organisations m ON m.id = s.medical_org_id
WHERE s.care_org_id = ANY (@organisations::uuid[]) OR s.medical_org_id = ANY (@organisations::uuid[])
ORDER BY s.valid_from DESC, m.name;

-- name: SetPracticeSite :exec
INSERT INTO practice_sites (care_org_id, medical_org_id, valid_from, valid_to) VALUES (@care_org_id, @medical_org_id, @valid_from, @valid_to)
ON CONFLICT (care_org_id, medical_org_id, valid_from) DO UPDATE SET valid_to = excluded.valid_to;

-- name: LockOrganisation :one
SELECT * FROM organisations WHERE id = @id FOR UPDATE;

-- name: SetAdmitsYounger :exec
UPDATE organisations SET admits_younger = @admits_younger, updated_at = @now WHERE id = @id;
