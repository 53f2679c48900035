-- name: AddAdverseEvent :exec
INSERT INTO adverse_events (id, organisation_id, consultation_id, resident_id, type, grade, occurred_at, reported_at, reported_by, description_enc, measures_enc)
VALUES (@id, @organisation_id, sqlc.narg(consultation_id), sqlc.narg(resident_id), @type, @grade, @occurred_at, @now, @reported_by, @description_enc, @measures_enc);

-- name: AdverseEvents :many
SELECT e.*, coalesce(k.serial, '')::text AS serial, r.name_enc, coalesce(r.bed, '')::text AS bed, u.display_name AS reported_by_name, coalesce(x.display_name, '')::text AS reviewed_by_name
FROM adverse_events e LEFT JOIN consultations k ON k.id = e.consultation_id LEFT JOIN residents r ON r.id = e.resident_id
JOIN users u ON u.id = e.reported_by LEFT JOIN users x ON x.id = e.reviewed_by
WHERE e.organisation_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR e.id = sqlc.narg(id))
ORDER BY (e.reviewed_at IS NULL) DESC, e.reported_at DESC, e.id DESC LIMIT 200;

-- name: ReviewAdverseEvent :execrows
UPDATE adverse_events SET reviewed_at = @now, reviewed_by = @reviewed_by, review_enc = @review_enc WHERE id = @id AND reviewed_at IS NULL;

-- name: LockAdverseEvent :one
SELECT * FROM adverse_events WHERE id = @id FOR UPDATE;

-- name: AddSuspicion :exec
INSERT INTO notifiable_suspicions (id, organisation_id, consultation_id, resident_id, signs, class, disease_enc, suspected_at, due_at, noted_by)
VALUES (@id, @organisation_id, sqlc.narg(consultation_id), @resident_id, @signs, @class, @disease_enc, @suspected_at, @due_at, @noted_by);

-- name: Suspicions :many
SELECT n.*, coalesce(k.serial, '')::text AS serial, r.name_enc, r.bed, u.display_name AS noted_by_name, coalesce(x.display_name, '')::text AS resolved_by_name
FROM notifiable_suspicions n LEFT JOIN consultations k ON k.id = n.consultation_id JOIN residents r ON r.id = n.resident_id
JOIN users u ON u.id = n.noted_by LEFT JOIN users x ON x.id = n.resolved_by
WHERE n.organisation_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR n.id = sqlc.narg(id))
ORDER BY (n.state = 'OPEN') DESC, n.due_at, n.id LIMIT 200;

-- name: LockSuspicion :one
SELECT * FROM notifiable_suspicions WHERE id = @id FOR UPDATE;

-- name: ResolveSuspicion :execrows
UPDATE notifiable_suspicions SET state = @state, receipt = @receipt, resolution_enc = @resolution_enc, resolved_at = @now, resolved_by = @resolved_by
WHERE id = @id AND state = 'OPEN';

-- name: ReportsToSample :many
-- The newest signed version of each report of the organisations' doctors in a period that is not in a sample yet.
SELECT DISTINCT ON (p.consultation_id) p.id, p.consultation_id, c.invited_org_id FROM reports p JOIN consultations c ON c.id = p.consultation_id
WHERE c.invited_org_id = @organisation_id AND p.signed_at >= @first AND p.signed_at < @last AND NOT c.drill
  AND NOT EXISTS (SELECT 1 FROM quality_reviews q WHERE q.consultation_id = c.id AND q.organisation_id = @organisation_id)
ORDER BY p.consultation_id, p.version DESC LIMIT 20000;

-- name: AddQualityReview :exec
-- One that somebody else draws at the same moment is drawn once.
INSERT INTO quality_reviews (id, organisation_id, consultation_id, report_id, seed, sampled_by, sampled_at, sheet)
VALUES (@id, @organisation_id, @consultation_id, @report_id, @seed, @sampled_by, @now, @sheet)
ON CONFLICT (organisation_id, report_id) DO NOTHING;

-- name: QualityReviews :many
SELECT v.*, c.serial, p.version, p.content_enc, p.signed_at, a.display_name AS author_name, coalesce(x.display_name, '')::text AS reviewer_name
FROM quality_reviews v JOIN consultations c ON c.id = v.consultation_id JOIN reports p ON p.id = v.report_id
JOIN users a ON a.id = p.author_id LEFT JOIN users x ON x.id = v.reviewer_id
WHERE v.organisation_id = ANY (@organisations::uuid[]) AND (sqlc.narg(id)::uuid IS NULL OR v.id = sqlc.narg(id))
ORDER BY (v.state = 'OPEN') DESC, v.sampled_at DESC, v.id DESC LIMIT 200;

-- name: LockQualityReview :one
SELECT * FROM quality_reviews WHERE id = @id FOR UPDATE;

-- name: MarkReport :execrows
UPDATE quality_reviews SET state = 'DONE', scores = @scores, total = @total, passed = @passed, false_service = @false_service, comment_enc = @comment_enc, reviewer_id = @reviewer_id, reviewed_at = @now
WHERE id = @id AND state = 'OPEN';

-- name: ReportAuthor :one
SELECT author_id FROM reports WHERE id = @id;
