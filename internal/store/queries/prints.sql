-- name: AddRecordPrint :exec
INSERT INTO record_prints (id, consultation_id, code_hash, digest, file_sha256, pages_of, report_version, adoption_id, printed_by, role, at)
VALUES (@id, @consultation_id, @code_hash, @digest, @file_sha256, @pages_of, @report_version, sqlc.narg(adoption_id), @printed_by, @role, @now);

-- name: RecordPrintByCode :one
SELECT * FROM record_prints WHERE code_hash = @code_hash;

-- name: PrintsOfRecord :many
SELECT p.*, u.display_name AS printer FROM record_prints p JOIN users u ON u.id = p.printed_by
WHERE p.consultation_id = @consultation_id ORDER BY p.at DESC, p.id DESC LIMIT 50;

-- name: LicencesOnDay :many
-- The professional licences of people that hold on a day, a physician's before others, the one that began last first.
SELECT * FROM professional_licences WHERE user_id = ANY (@users::uuid[]) AND valid_from <= @day::date AND (valid_to IS NULL OR valid_to >= @day::date)
ORDER BY user_id, (kind = 'PHYSICIAN') DESC, valid_from DESC, id;

-- name: MedicationsOnDay :many
-- What a resident took on a day, as far as it was entered by then.
SELECT m.* FROM medications m WHERE m.resident_id = @resident_id AND m.created_at <= @at::timestamptz AND m.started_on <= @day::date
  AND (m.stopped_on IS NULL OR m.stopped_on > @day::date)
ORDER BY m.started_on, m.id LIMIT 100;

-- name: AllergiesAt :many
SELECT a.* FROM allergies a WHERE a.resident_id = @resident_id AND a.created_at <= @at::timestamptz AND (a.ended_at IS NULL OR a.ended_at > @at::timestamptz)
ORDER BY a.created_at, a.id LIMIT 50;

-- name: AttachmentsOfCase :many
SELECT a.id, a.kind, a.category, a.content_type, a.size, a.sha256, a.created_at, a.scan_state, u.display_name AS created_by_name
FROM attachments a JOIN users u ON u.id = a.created_by WHERE a.consultation_id = @consultation_id ORDER BY a.created_at, a.id;

-- name: ComplaintsOfCase :many
-- Those that the organisations answer.
SELECT c.*, o.name AS organisation_name FROM complaints c JOIN organisations o ON o.id = c.organisation_id
WHERE c.consultation_id = @consultation_id AND c.organisation_id = ANY (@organisations::uuid[]) ORDER BY c.received_at, c.id;

-- name: ReviewsOfCase :many
-- Those of the organisations' own quality control.
SELECT v.*, o.name AS organisation_name, p.version, coalesce(x.display_name, '')::text AS reviewer_name
FROM quality_reviews v JOIN organisations o ON o.id = v.organisation_id JOIN reports p ON p.id = v.report_id LEFT JOIN users x ON x.id = v.reviewer_id
WHERE v.consultation_id = @consultation_id AND v.organisation_id = ANY (@organisations::uuid[]) ORDER BY v.sampled_at, v.id;

-- name: ReferralsOfCase :many
SELECT f.*, s.name AS from_name, coalesce(d.name, f.to_name)::text AS to_display FROM referrals f
JOIN organisations s ON s.id = f.from_org_id LEFT JOIN organisations d ON d.id = f.to_org_id
WHERE f.consultation_id = @consultation_id ORDER BY f.created_at, f.id;
